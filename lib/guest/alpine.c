/*
 * Alpine, and other guests whose init is busybox (guest-setup.md 8.3, 9.7, 9.9).
 */
#include <string.h>
#include <sys/socket.h>

#include "base/own.h"
#include "guest/files.h"
#include "guest/hostname.h"
#include "guest/hosts.h"
#include "guest/ifupdown.h"
#include "guest/inittab.h"
#include "guest/release.h"
#include "guest/securetty.h"
#include "guest/type.h"

/* Any version is fine, also none. */
static int detect_version(struct guest *guest, struct error *err)
{
	auto_strbuf struct strbuf line = STRBUF_INIT;
	struct slice text;

	if (guest_first_line(guest->root, "/etc/alpine-release", &line, err) < 0)
		return -1;
	text = strbuf_slice(&line);
	release_take(&text, &guest->version);
	return 0;
}

/* busybox has neither a DHCPv6 client nor a way to wait for router advertisements. */
static int write_network(const struct guest *guest, struct error *err)
{
	static char manual[] = "manual";
	static const struct guest_version knows_prefix = { 3, 13 };
	struct guest_nic nics[GUEST_NICS];
	size_t count = guest->wants->nic_count;

	memcpy(nics, guest->wants->nic, sizeof(nics));
	for (size_t i = 0; i < count; i++)
		if (nics[i].ip6 && !is_static(nics[i].ip6, AF_INET6))
			nics[i].ip6 = manual;
	return ifupdown_write(guest, nics, count,
			      version_is_least(guest->version, knows_prefix)
				      ? IFUPDOWN_CIDR
				      : IFUPDOWN_NETMASK,
			      err);
}

static bool is_dropped(struct slice line)
{
	return inittab_is_getty(line, "tty");
}

static void add_tty(struct strbuf *out, unsigned tty, struct guest_version version)
{
	(void)version;
	strbuf_addf(out, "tty%u::respawn:/sbin/getty 38400 tty%u\n", tty, tty);
}

static int write_consoles(const struct guest *guest, struct error *err)
{
	static const struct inittab_style style = {
		.is_dropped = is_dropped,
		.head = "",
		.add_tty = add_tty,
	};

	return inittab_write(guest, &style, err);
}

static int fix_template(const struct guest *guest, struct error *err)
{
	static const char *const services[] = { "boot/networking", "boot/bootmisc",
						"boot/hostname", "shutdown/killprocs",
						"shutdown/savecache" };

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		auto_free char *path = xasprintf("/etc/runlevels/%s", services[i]);
		auto_free char *script =
			xasprintf("/etc/init.d/%s", strchr(services[i], '/') + 1);

		guest_symlink(guest->root, script, path);
	}
	if (securetty_write(guest, err) < 0)
		return -1;
	return hosts_clean_up(guest, err);
}

const struct guest_type guest_alpine = {
	.name = "alpine",
	.ids = (const char *const[]){ "alpine", "busybox", NULL },
	.marks = (const char *const[]){ "/etc/alpine-release", NULL },
	.detect_version = detect_version,
	.hostname = hostname_write_short,
	.network = write_network,
	.init = write_consoles,
	.fix_template = fix_template,
	.flags = GUEST_ANY_CGROUP,
};
