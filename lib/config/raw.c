#include "config/raw.h"

#include <stddef.h>
#include <string.h>

static const char *const accepted[] = {
	"lxc.apparmor.profile",
	"lxc.apparmor.allow_incomplete",
	"lxc.apparmor.allow_nesting",
	"lxc.apparmor.raw",
	"lxc.selinux.context",
	"lxc.include",
	"lxc.arch",
	"lxc.uts.name",
	"lxc.signal.halt",
	"lxc.signal.reboot",
	"lxc.signal.stop",
	"lxc.init.cmd",
	"lxc.init.cwd",
	"lxc.init.uid",
	"lxc.init.gid",
	"lxc.init.groups",
	"lxc.pty.max",
	"lxc.console.logfile",
	"lxc.console.path",
	"lxc.tty.max",
	"lxc.devtty.dir",
	"lxc.autodev",
	"lxc.kmsg",
	"lxc.mount.fstab",
	"lxc.mount.entry",
	"lxc.mount.auto",
	"lxc.rootfs.mount",
	"lxc.cap.drop",
	"lxc.cap.keep",
	"lxc.seccomp.profile",
	"lxc.seccomp.notify.proxy",
	"lxc.seccomp.notify.cookie",
	"lxc.idmap",
	"lxc.hook.autodev",
	"lxc.hook.pre-start",
	"lxc.hook.pre-mount",
	"lxc.hook.mount",
	"lxc.hook.start",
	"lxc.hook.stop",
	"lxc.hook.post-stop",
	"lxc.hook.clone",
	"lxc.hook.destroy",
	"lxc.hook.version",
	"lxc.log.level",
	"lxc.log.file",
	"lxc.start.auto",
	"lxc.start.delay",
	"lxc.start.order",
	"lxc.group",
	"lxc.environment",
	"lxc.environment.hooks",
	"lxc.environment.runtime",
	"lxc.sysctl.fs.mqueue",
	"lxc.sysctl.kernel.msgmax",
	"lxc.sysctl.kernel.msgmnb",
	"lxc.sysctl.kernel.msgmni",
	"lxc.sysctl.kernel.sem",
	"lxc.sysctl.kernel.shmall",
	"lxc.sysctl.kernel.shmmax",
	"lxc.sysctl.kernel.shmmni",
	"lxc.sysctl.kernel.shm_rmid_forced",
};

static const char *const accepted_below[] = { "lxc.cgroup2.", "lxc.prlimit.", "lxc.net." };

/* now NULL: refused, and why. */
static const struct old_key {
	const char *old, *now, *why;
} old_keys[] = {
	{ "lxc.rootfs.path", NULL, "it is made from the key rootfs" },
	{ "lxc.rootfs.options", NULL, "use the sub-key mountoptions of rootfs" },
	{ "lxc.aa_profile", "lxc.apparmor.profile", NULL },
	{ "lxc.aa_allow_incomplete", "lxc.apparmor.allow_incomplete", NULL },
	{ "lxc.console", "lxc.console.path", NULL },
	{ "lxc.devttydir", "lxc.tty.dir", NULL },
	{ "lxc.haltsignal", "lxc.signal.halt", NULL },
	{ "lxc.rebootsignal", "lxc.signal.reboot", NULL },
	{ "lxc.stopsignal", "lxc.signal.stop", NULL },
	{ "lxc.id_map", "lxc.idmap", NULL },
	{ "lxc.init_cmd", "lxc.init.cmd", NULL },
	{ "lxc.loglevel", "lxc.log.level", NULL },
	{ "lxc.logfile", "lxc.log.file", NULL },
	{ "lxc.tty", "lxc.tty.max", NULL },
	{ "lxc.mount", "lxc.mount.fstab", NULL },
	{ "lxc.network.type", "lxc.net.INDEX.type", NULL },
	{ "lxc.network.flags", "lxc.net.INDEX.flags", NULL },
	{ "lxc.network.link", "lxc.net.INDEX.link", NULL },
	{ "lxc.network.mtu", "lxc.net.INDEX.mtu", NULL },
	{ "lxc.network.name", "lxc.net.INDEX.name", NULL },
	{ "lxc.network.hwaddr", "lxc.net.INDEX.hwaddr", NULL },
	{ "lxc.network.ipv4", "lxc.net.INDEX.ipv4.address", NULL },
	{ "lxc.network.ipv6", "lxc.net.INDEX.ipv6.address", NULL },
	{ "lxc.network.ipv4.gateway", "lxc.net.INDEX.ipv4.gateway", NULL },
	{ "lxc.network.ipv6.gateway", "lxc.net.INDEX.ipv6.gateway", NULL },
	{ "lxc.network.script.up", "lxc.net.INDEX.script.up", NULL },
	{ "lxc.network.script.down", "lxc.net.INDEX.script.down", NULL },
	{ "lxc.pts", "lxc.pty.max", NULL },
	{ "lxc.se_context", "lxc.selinux.context", NULL },
	{ "lxc.seccomp", "lxc.seccomp.profile", NULL },
	{ "lxc.utsname", "lxc.uts.name", NULL },
};

static const struct old_key *find_old(struct slice key)
{
	for (size_t i = 0; i < sizeof(old_keys) / sizeof(old_keys[0]); i++)
		if (slice_is(key, old_keys[i].old))
			return &old_keys[i];
	return NULL;
}

static bool is_accepted(struct slice key)
{
	for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++)
		if (slice_is(key, accepted[i]))
			return true;
	for (size_t i = 0; i < sizeof(accepted_below) / sizeof(accepted_below[0]); i++)
		if (slice_starts(key, accepted_below[i]))
			return true;
	return false;
}

enum raw_verdict raw_check(struct slice key, struct strbuf *note)
{
	const struct old_key *old;

	if (is_accepted(key))
		return RAW_ACCEPTED;
	if (slice_starts(key, "lxc.cgroup.")) {
		strbuf_adds(note, "lxc.cgroup.* is deprecated, use lxc.cgroup2.*");
		return RAW_WARNED;
	}
	if (slice_starts(key, "lxc.limit.")) {
		strbuf_adds(note, "lxc.limit.* was renamed to lxc.prlimit.*");
		return RAW_WARNED;
	}
	old = find_old(key);
	if (!old)
		return RAW_UNKNOWN;
	if (!old->now) {
		strbuf_addf(note, "cannot be set here, %s", old->why);
		return RAW_REFUSED;
	}
	strbuf_addf(note, "was renamed to %s", old->now);
	return RAW_WARNED;
}

void raw_current_name(struct slice key, struct strbuf *out)
{
	const struct old_key *old = find_old(key);

	if (old && old->now) {
		strbuf_adds(out, old->now);
	} else if (slice_starts(key, "lxc.limit.")) {
		strbuf_adds(out, "lxc.prlimit.");
		strbuf_add_slice(out, slice_from(key, strlen("lxc.limit.")));
	} else {
		strbuf_add_slice(out, key);
	}
}
