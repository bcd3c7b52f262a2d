#include "guest/systemd.h"

#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "guest/elf.h"
#include "guest/files.h"

#define UNITS  "/etc/systemd/system"
#define GETTYS 6

/* The first version that puts its services into namespaces by itself, and the first
 * that can do with a pure cgroup v2. */
#define NEEDS_NESTING 242
#define KNOWS_CGROUP2 232

bool systemd_is_init(const struct guest *guest)
{
	auto_strbuf struct strbuf target = STRBUF_INIT;

	return guest_readlink(guest->root, "/sbin/init", &target) &&
	       slice_ends(strbuf_slice(&target), "/systemd");
}

bool systemd_is_installed(const struct guest *guest)
{
	return guest_has_program(guest->root, "/lib/systemd/systemd") ||
	       guest_has_program(guest->root, "/usr/lib/systemd/systemd");
}

const char *systemd_unit_dir(const struct guest *guest)
{
	return guest_has_program(guest->root, "/lib/systemd/systemd")
		       ? "/lib/systemd/system"
		       : "/usr/lib/systemd/system";
}

bool systemd_getty_edit(struct slice old, const char *prefix, struct strbuf *out)
{
	static const char *const places[] = { "pts/%I", "lxc/tty%I" };
	bool changed = false;

	while (old.len) {
		size_t len = 0;

		for (size_t i = 0; i < 2 && !len; i++)
			if (slice_starts(old, places[i]))
				len = strlen(places[i]);
		if (len)
			strbuf_addf(out, "%stty%%I", prefix);
		else
			strbuf_addc(out, old.at[0]);
		changed |= len > 0;
		old = slice_from(old, len ? len : 1);
	}
	return changed;
}

static int fix_getty_unit(const struct guest *guest, const char *path, struct error *err)
{
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;

	if (guest_read(guest->root, path, &old, err) < 0)
		return -1;
	if (!systemd_getty_edit(strbuf_slice(&old), guest_tty_prefix(guest), &text))
		return 0;
	return guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err);
}

static void want_getty(const struct guest *guest, unsigned tty, const char *unit)
{
	auto_free char *plain =
		xasprintf(UNITS "/getty.target.wants/getty@tty%u.service", tty);
	auto_free char *ours =
		xasprintf(UNITS "/getty.target.wants/container-getty@%u.service", tty);
	auto_strbuf struct strbuf target = STRBUF_INIT;

	guest_unlink(guest->root, plain);
	if (tty <= guest->wants->ttys && guest_readlink(guest->root, ours, &target) &&
	    slice_is(strbuf_slice(&target), unit))
		return;
	guest_unlink(guest->root, ours);
	if (tty <= guest->wants->ttys)
		guest_symlink(guest->root, unit, ours);
}

int systemd_write_gettys(const struct guest *guest, struct error *err)
{
	auto_free char *unit =
		xasprintf("%s/container-getty@.service", systemd_unit_dir(guest));

	if (!guest_has_file(guest->root, unit))
		return 0;
	if (fix_getty_unit(guest, unit, err) < 0)
		return -1;
	for (unsigned tty = 1; tty <= GETTYS; tty++)
		want_getty(guest, tty, unit);
	guest_unlink(guest->root, UNITS "/getty.target");
	return 0;
}

int systemd_write_presets(const struct guest *guest, const char *networkd,
			  struct error *err)
{
	static const char head[] =
		"# Added by PVE at create-time for first-boot configuration.\n"
		"enable container-getty@.service\n"
		"disable getty@.service\n"
		"disable sys-kernel-config.mount\n"
		"disable sys-kernel-debug.mount\n";
	auto_strbuf struct strbuf text = STRBUF_INIT;

	strbuf_adds(&text, head);
	strbuf_adds(&text, networkd);
	if (guest_mkdirs(guest->root, UNITS "-preset", err) < 0)
		return -1;
	return guest_write(guest->root, UNITS "-preset/00-pve.preset", strbuf_slice(&text),
			   0644, 0, err);
}

/* 0: unknown. */
static unsigned find_version(const struct guest *guest, const char *path)
{
	struct error err;
	auto_close int fd = guest_open(guest->root, path, &err);

	return fd < 0 ? 0 : elf_systemd_version(fd);
}

void systemd_check(const struct guest *guest, bool check_cgroup)
{
	auto_strbuf struct strbuf init = STRBUF_INIT;
	unsigned version;

	if (!guest_resolve(guest->root, "/sbin/init", &init) ||
	    !slice_ends(strbuf_slice(&init), "/systemd"))
		return;
	version = find_version(guest, init.at);
	if (version >= NEEDS_NESTING && !guest->wants->nesting)
		notes_add(guest->notes,
			  "Systemd %u detected. You may need to enable nesting.", version);
	if (!check_cgroup || version >= KNOWS_CGROUP2)
		return;
	if (version)
		notes_add(
			guest->notes,
			"systemd %u in the container is too old for a host with cgroup v2 "
			"only (it needs %d)",
			version, KNOWS_CGROUP2);
	else
		notes_add(guest->notes,
			  "the version of systemd in the container is unknown; on "
			  "a host with cgroup v2 only it may be too old");
}
