/*
 * Ubuntu: ifupdown up to 17.04, systemd-networkd since (guest-setup.md 8.5, 9.8, 9.9).
 * Versions are compared as decimal numbers, so minor counts hundredths: both 17.10 and
 * 17.1 are { 17, 10 }.
 */
#include <string.h>

#include "base/own.h"
#include "guest/debian.h"
#include "guest/files.h"
#include "guest/hostname.h"
#include "guest/ifupdown.h"
#include "guest/networkd.h"
#include "guest/release.h"
#include "guest/securetty.h"
#include "guest/systemd.h"

#define UNITS    "/etc/systemd/system"
#define CONSOLES 6

static const struct guest_version systemd_consoles = { 16, 10 }, has_networkd = { 17, 10 },
				  knows_presets = { 23, 4 };

static bool is_version(const struct guest *guest, unsigned major, unsigned minor)
{
	return guest->version.major == major && guest->version.minor == minor;
}

static bool says_ubuntu(struct slice text)
{
	struct slice line;

	while (slice_line(&text, &line))
		if (slice_is_nocase(line, "DISTRIB_ID=Ubuntu"))
			return true;
	return false;
}

static bool is_found(const struct guest *guest)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	return guest_read(guest->root, "/etc/lsb-release", &text, &err) > 0 &&
	       says_ubuntu(strbuf_slice(&text));
}

/* "N.N"; of the digits behind the dot two count. */
static bool read_version(struct slice text, struct guest_version *version)
{
	struct slice minor, major = slice_cut(text, '.', &minor);
	uint64_t number;

	if (!slice_number(major, 0, 100000, &number) || !slice_is_digits(minor))
		return false;
	version->major = (unsigned)number;
	version->minor = 10 * (unsigned)(minor.at[0] - '0') +
			 (minor.len > 1 ? (unsigned)(minor.at[1] - '0') : 0);
	return true;
}

/* The first line that tells a version; *name is its text. */
static bool find_version(struct slice text, struct strbuf *name,
			 struct guest_version *version)
{
	static const char key[] = "DISTRIB_RELEASE=";
	struct slice line;

	while (slice_line(&text, &line)) {
		if (!slice_starts(line, key))
			continue;
		line = slice_from(line, strlen(key));
		if (!read_version(line, version))
			continue;
		strbuf_add_slice(name, line);
		return true;
	}
	return false;
}

/* In April and October of each year; before 2017 only some are supported. */
static bool is_known(const struct strbuf *name, struct guest_version version)
{
	auto_free char *listed = xasprintf("%u.%02u", version.major, version.minor);

	if (!slice_is(strbuf_slice(name), listed) || version.major > 26)
		return false;
	if (version.minor == 4)
		return version.major == 12 || version.major >= 14;
	return version.minor == 10 && version.major >= 15;
}

static int check_version(const struct guest *guest, const struct strbuf *name,
			 struct error *err)
{
	if (is_known(name, guest->version))
		return 0;
	if (guest->version.major < 17)
		return release_refuse(guest, name, err);
	notes_add(guest->notes, "ubuntu version '%.100s' is not one that is known",
		  name->at);
	return 0;
}

static int detect_version(struct guest *guest, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT, name = STRBUF_INIT;
	int found = guest_read(guest->root, "/etc/lsb-release", &text, err);

	if (found < 0)
		return -1;
	if (!found)
		return fail(err, 0, "the file '/etc/lsb-release' is missing");
	if (!says_ubuntu(strbuf_slice(&text)))
		return fail(err, 0, "'/etc/lsb-release' is not that of ubuntu");
	if (!find_version(strbuf_slice(&text), &name, &guest->version))
		return fail(err, 0, "'/etc/lsb-release' tells no version");
	return check_version(guest, &name, err);
}

static int write_network(const struct guest *guest, struct error *err)
{
	if (version_is_least(guest->version, has_networkd))
		return networkd_write(guest, err);
	return ifupdown_write(guest, guest->wants->nic, guest->wants->nic_count,
			      IFUPDOWN_NETMASK, err);
}

/* Jobs of upstart, a console each (9.8). */
static int write_consoles(const struct guest *guest, struct error *err)
{
	static const char job[] =
		"# tty%u - getty\n"
		"#\n"
		"# This service maintains a getty on tty%u from the point the system is\n"
		"# started until it is shut down again.\n"
		"\n"
		"start on stopped rc RUNLEVEL=[2345] and (\n"
		"            not-container or\n"
		"            container CONTAINER=lxc or\n"
		"            container CONTAINER=lxc-libvirt)\n"
		"\n"
		"stop on runlevel [!2345]\n"
		"\n"
		"respawn\n"
		"exec /sbin/getty -8 38400 tty%u\n";

	for (unsigned tty = 1; tty <= CONSOLES; tty++) {
		auto_free char *path = xasprintf("/etc/init/tty%u.conf", tty);
		auto_strbuf struct strbuf text = STRBUF_INIT;

		strbuf_addf(&text, job, tty, tty, tty);
		if (tty > guest->wants->ttys)
			guest_unlink(guest->root, path);
		else if (guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err) <
			 0)
			return -1;
	}
	return 0;
}

static int write_init(const struct guest *guest, struct error *err)
{
	if (is_version(guest, 12, 4) || is_version(guest, 14, 4))
		return write_consoles(guest, err);
	if (version_is_least(guest->version, knows_presets) &&
	    systemd_write_presets(guest, "enable systemd-networkd.service\n", err) < 0)
		return -1;
	if (!version_is_least(guest->version, systemd_consoles))
		return 0;
	return systemd_write_gettys(guest, err);
}

/* What presets do since: the release has the unit, but does not start it. */
static void enable_networkd(const struct guest *guest)
{
	static const char *const wants[][2] = {
		{ UNITS "/multi-user.target.wants", "systemd-networkd.service" },
		{ UNITS "/socket.target.wants", "systemd-networkd.socket" },
	};

	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		auto_free char *path = xasprintf("%s/%s", wants[i][0], wants[i][1]);
		auto_free char *unit = xasprintf("/lib/systemd/system/%s", wants[i][1]);
		struct error ignored;

		/* Without the directory there is no link either. */
		guest_mkdir(guest->root, wants[i][0], 0755, &ignored);
		guest_symlink(guest->root, unit, path);
	}
}

/* udev of 12.04 tells of each device that it cannot make. */
static int silence_udev(const struct guest *guest, struct error *err)
{
	static const char path[] = "/etc/udev/udev.conf", loud[] = "=\"err\"";
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;
	int found = guest_read(guest->root, path, &old, err);
	const char *at;

	if (found <= 0)
		return found;
	at = memmem(old.at, old.len, loud, strlen(loud));
	if (!at)
		return 0;
	strbuf_add(&text, old.at, (size_t)(at - old.at));
	strbuf_adds(&text, "=0");
	strbuf_add_slice(&text, slice_from(strbuf_slice(&old),
					   (size_t)(at - old.at) + strlen(loud)));
	return guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err);
}

static int fix_template(const struct guest *guest, struct error *err)
{
	if (version_is_least(guest->version, has_networkd)) {
		if (!version_is_least(guest->version, knows_presets))
			enable_networkd(guest);
		guest_unlink(guest->root, "/etc/netplan/10-lxc.yaml");
	}
	if (is_version(guest, 15, 4) || is_version(guest, 15, 10) ||
	    is_version(guest, 16, 4))
		return securetty_write_device(guest, "pts/0", err);
	return is_version(guest, 12, 4) ? silence_udev(guest, err) : 0;
}

const struct guest_type guest_ubuntu = {
	.name = "ubuntu",
	.ids = (const char *const[]){ "ubuntu", NULL },
	.is_found = is_found,
	.detect_version = detect_version,
	.hostname = hostname_write_short,
	.network = write_network,
	.init = write_init,
	.fix_template = fix_template,
	.fix_certificates = debian_fix_certificates,
};
