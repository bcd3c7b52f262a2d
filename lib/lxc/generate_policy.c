/* Seccomp and AppArmor (runtime.md 2.7, 2.8). */
#include <string.h>

#include "base/own.h"
#include "lxc/generator.h"

/* "a, b" of the features that are set. */
static void tell_overridden(struct generator *g, const char *key, const char *const *names,
			    const int *set, unsigned count)
{
	auto_strbuf struct strbuf list = STRBUF_INIT;

	for (unsigned i = 0; i < count; i++)
		if (set[i] == 1)
			strbuf_addf(&list, "%sfeatures:%s", list.len ? ", " : "", names[i]);
	if (list.len)
		notes_add(g->notes,
			  "explicitly configured %s overrides the following settings: %s",
			  key, list.at);
}

/* Asked for, and a daemon listens: a dead socket would kill the container at once. */
static bool forwards_mknod(struct generator *g)
{
	if (g->features.mknod != 1)
		return false;
	if (!g->host->kernel_has_notify) {
		put_failure(g,
			    "'mknod' feature requested, but kernel too old "
			    "(found %s, required >= 5.3)",
			    g->host->kernel);
		return false;
	}
	if (!g->host->notify_socket)
		notes_add(g->notes, "'mknod' feature requested, but no daemon that handles "
				    "system calls is running: it has no effect");
	return g->host->notify_socket != NULL;
}

/* Sorted by system call. */
static void rules(struct generator *g, bool with_mknod)
{
	strbuf_adds(g->seccomp, g->host->common_seccomp);
	strbuf_adds(g->seccomp, "ioctl errno 1 [1,0x9400,SCMP_CMP_MASKED_EQ,0xff00]\n");
	if (g->features.keyctl != 1)
		strbuf_adds(g->seccomp, "keyctl errno 38\n");
	if (with_mknod)
		strbuf_adds(g->seccomp,
			    "mknod notify [1,8192,SCMP_CMP_MASKED_EQ,61440]\n"
			    "mknod notify [1,24576,SCMP_CMP_MASKED_EQ,61440]\n"
			    "mknodat notify [2,8192,SCMP_CMP_MASKED_EQ,61440]\n"
			    "mknodat notify [2,24576,SCMP_CMP_MASKED_EQ,61440]\n");
	strbuf_adds(g->seccomp, "socket errno 97 [0,38,SCMP_CMP_EQ]\n");
}

void generate_seccomp(struct generator *g)
{
	static const char *const names[] = { "keyctl", "mknod" };
	const int set[] = { g->features.keyctl, g->features.mknod };
	bool with_mknod;

	if (has_raw(g, "lxc.seccomp.profile")) {
		tell_overridden(g, "lxc.seccomp.profile", names, set, 2);
		return;
	}
	if (!g->unprivileged) {
		put(g, "lxc.seccomp.profile", "%s/common.seccomp", g->host->include_dir);
		return;
	}
	with_mknod = forwards_mknod(g);
	if (with_mknod) {
		put(g, "lxc.seccomp.notify.proxy", "unix:%s", g->host->notify_socket);
		put(g, "lxc.seccomp.notify.cookie", "%u", g->config->vmid);
	}
	put(g, "lxc.seccomp.profile", "%s/%u/rules.seccomp", g->host->lxc_dir,
	    g->config->vmid);
	rules(g, with_mknod);
}

static void apparmor_mounts(struct generator *g)
{
	struct slice rest = slice(g->features.mount), type;

	while (slice_word(&rest, &type))
		put(g, "lxc.apparmor.raw", "mount fstype=" SLICE_FMT ",", SLICE_ARG(type));
}

void generate_apparmor(struct generator *g)
{
	static const char *const names[] = { "fuse", "nesting", "mount" };
	const int set[] = { g->features.fuse, g->features.nesting,
			    g->features.mount != NULL };

	if (has_raw(g, "lxc.apparmor.profile")) {
		tell_overridden(g, "lxc.apparmor.profile", names, set, 3);
		return;
	}
	if (!g->host->has_apparmor_keys)
		return;
	put(g, "lxc.apparmor.profile", "generated");
	if (g->host->apparmor_parser_4)
		put(g, "lxc.apparmor.raw", "allow mqueue,");
	if (g->features.nesting == 1) {
		put(g, "lxc.apparmor.allow_nesting", "1");
		if (g->host->apparmor_parser_4)
			put(g, "lxc.apparmor.raw", "allow userns,");
	} else {
		put(g, "lxc.apparmor.raw", "deny mount -> /proc/,");
		put(g, "lxc.apparmor.raw", "deny mount -> /sys/,");
	}
	apparmor_mounts(g);
}
