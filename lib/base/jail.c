#include "base/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/mount.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/pidfd.h"

#define KEEP_MAX   8
#define MS_FLAGS   (MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)
#define AT_SUBTREE 0x8000 /* AT_RECURSIVE */
#define PRIVATE    (1UL << 18)

/* An address sanitizer reserves terabytes for its shadow: no limit can hold there. */
#if defined(__SANITIZE_ADDRESS__)
#define HAS_SHADOW 1
#elif defined(__has_feature)
#define HAS_SHADOW __has_feature(address_sanitizer)
#else
#define HAS_SHADOW 0
#endif

static int set_limit(int what, uint64_t max, struct error *err)
{
	struct rlimit limit = { .rlim_cur = max, .rlim_max = max };

	if (setrlimit((__rlimit_resource_t)what, &limit) < 0)
		return fail(err, errno, "cannot limit the helper");
	return 0;
}

static int set_limits(const struct sandbox *sandbox, struct error *err)
{
	if (set_limit(RLIMIT_CORE, 0, err) < 0)
		return -1;
	if (sandbox->file_max && set_limit(RLIMIT_FSIZE, sandbox->file_max, err) < 0)
		return -1;
	if (sandbox->memory_max && !HAS_SHADOW &&
	    set_limit(RLIMIT_AS, sandbox->memory_max, err) < 0)
		return -1;
	return 0;
}

static int by_number(const void *left, const void *right)
{
	return *(const int *)left - *(const int *)right;
}

/* Everything but what the work needs: the guest may trace what it can reach. */
static void close_others(const struct sandbox *sandbox, const struct jail *jail)
{
	int keep[KEEP_MAX + 4] = { sandbox->rootfd, jail->sync, jail->report, jail->error };
	size_t count = 4;
	int next = STDERR_FILENO + 1;

	for (const int *fd = sandbox->keep_fds; fd && *fd >= 0 && count < KEEP_MAX + 4;
	     fd++)
		keep[count++] = *fd;
	qsort(keep, count, sizeof(keep[0]), by_number);
	for (size_t i = 0; i < count; i++) {
		if (keep[i] > next)
			syscall(SYS_close_range, (unsigned)next, (unsigned)keep[i] - 1, 0);
		if (keep[i] >= next)
			next = keep[i] + 1;
	}
	syscall(SYS_close_range, (unsigned)next, ~0U, 0);
}

/* A device node cannot be opened any more, even by mistake. */
static int protect_tree(const struct sandbox *sandbox, int tree, struct error *err)
{
	struct mount_attr attr = { .attr_set = MS_FLAGS, .propagation = PRIVATE };

	if (sandbox->flags & SANDBOX_READ_ONLY)
		attr.attr_set |= MOUNT_ATTR_RDONLY;
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_SUBTREE, &attr,
		    sizeof(attr)) < 0)
		return fail(err, errno, "cannot protect the mount tree");
	return 0;
}

/*
 * A clone of the mount tree, taken before the mount namespace changes: a descriptor of
 * the old namespace is refused afterwards.
 */
static int clone_tree(const struct sandbox *sandbox, struct error *err)
{
	auto_close int tree = -1;

	tree = (int)syscall(SYS_open_tree, sandbox->rootfd, "",
			    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
				    AT_SUBTREE);
	if (tree < 0)
		return fail(err, errno, "cannot clone the mount tree");
	return protect_tree(sandbox, tree, err) < 0 ? -1 : take_fd(&tree);
}

static int become_root(struct error *err)
{
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return fail(err, errno, "cannot become root of the container");
	return 0;
}

static int ask_for_map(const struct jail *jail, struct error *err)
{
	char answer = 0;

	if (unshare(CLONE_NEWUSER) < 0)
		return fail(err, errno, "cannot create a user namespace");
	if (write(jail->sync, "m", 1) != 1 || read(jail->sync, &answer, 1) != 1 ||
	    answer != 'y')
		return fail(err, 0, "the id map was refused");
	return become_root(err);
}

static int enter_root(int rootfd, struct error *err)
{
	if (fchdir(rootfd) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return fail(err, errno, "cannot enter the root file system");
	return 0;
}

static int drop_caps(uint64_t keep, struct error *err)
{
	cap_t caps = cap_init();
	int status = 0;

	for (cap_value_t cap = 0; cap_valid(cap); cap++) {
		if (!(keep & SANDBOX_CAP(cap))) {
			if (cap_drop_bound(cap) < 0 && errno != EINVAL)
				status = -1;
			continue;
		}
		if (cap_set_flag(caps, CAP_EFFECTIVE, 1, &cap, CAP_SET) < 0 ||
		    cap_set_flag(caps, CAP_PERMITTED, 1, &cap, CAP_SET) < 0)
			status = -1;
	}
	if (status < 0 || cap_set_proc(caps) < 0)
		status = fail(err, errno, "cannot drop capabilities");
	cap_free(caps);
	return status;
}

/* What no work on a tree needs. */
static const int denied[] = {
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(socket),
	SCMP_SYS(ptrace),
	SCMP_SYS(setns),
	SCMP_SYS(unshare),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(bpf),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_tree),
	SCMP_SYS(fsopen),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(kexec_load),
	SCMP_SYS(init_module),
	SCMP_SYS(swapon),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(perf_event_open),
};

static int add_filter(unsigned flags, struct error *err)
{
	static const int nodes[] = { SCMP_SYS(mknod), SCMP_SYS(mknodat) };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int code = filter ? 0 : -ENOMEM;

	for (size_t i = 0; code == 0 && i < sizeof(denied) / sizeof(denied[0]); i++)
		code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), denied[i], 0);
	for (size_t i = 0; code == 0 && !(flags & SANDBOX_MKNOD) && i < 2; i++)
		code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), nodes[i], 0);
	if (code == 0)
		code = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return code < 0 ? fail(err, -code, "cannot restrict system calls") : 0;
}

/*
 * The order matters: the clone before any new namespace, fchdir while still host
 * root (the way to the tree may be closed to the mapped root), the user namespace
 * before chroot (the kernel refuses it afterwards).
 */
static int enter_tree(const struct sandbox *sandbox, const struct jail *jail,
		      struct error *err)
{
	auto_close int tree = -1;
	bool mapped = sandbox->map && sandbox->map->count > 0;

	if (sandbox->flags & SANDBOX_CLONE) {
		tree = clone_tree(sandbox, err);
		if (tree < 0)
			return -1;
	}
	if (unshare(CLONE_NEWNS) < 0)
		return fail(err, errno, "cannot create a mount namespace");
	if (fchdir(tree >= 0 ? tree : sandbox->rootfd) < 0)
		return fail(err, errno, "cannot enter the root file system");
	if (mapped && ask_for_map(jail, err) < 0)
		return -1;
	return enter_root(tree >= 0 ? tree : sandbox->rootfd, err);
}

/* A namespace of the process, or -1 when it is ours as well. */
static int open_namespace(pid_t pid, const char *name, int *out, struct error *err)
{
	auto_free char *path = xasprintf("/proc/%d/ns/%s", (int)pid, name);
	auto_free char *own = xasprintf("/proc/self/ns/%s", name);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat theirs, ours;

	if (fd < 0 || fstat(fd, &theirs) < 0 || stat(own, &ours) < 0)
		return fail(err, errno, "cannot open '%s'", path);
	if (theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino)
		*out = take_fd(&fd);
	return 0;
}

/* Those of a process that lives still when both are open: only then they are its own. */
static int open_namespaces(int pidfd, int *user, int *mnt, struct error *err)
{
	pid_t pid = pidfd_pid(pidfd);

	if (pid <= 0)
		return fail(err, ESRCH, "cannot find the container's init");
	if (open_namespace(pid, "user", user, err) < 0 ||
	    open_namespace(pid, "mnt", mnt, err) < 0)
		return -1;
	if (!pidfd_is_alive(pidfd))
		return fail(err, ESRCH, "the container's init has ended");
	if (*mnt < 0)
		return fail(err, 0, "the container has no mount namespace of its own");
	return 0;
}

/*
 * The user namespace first: it gives the right to enter the other one, which moves root
 * and working directory to the container's. What is in reach then is a copy of its
 * mounts, which can be protected without the container noticing.
 */
static int enter_running(const struct sandbox *sandbox, struct error *err)
{
	auto_close int user = -1, mnt = -1, tree = -1;

	if (open_namespaces(sandbox->rootfd, &user, &mnt, err) < 0)
		return -1;
	if ((user >= 0 && setns(user, CLONE_NEWUSER) < 0) || setns(mnt, CLONE_NEWNS) < 0)
		return fail(err, errno, "cannot enter the container");
	if (user >= 0 && become_root(err) < 0)
		return -1;
	if (unshare(CLONE_NEWNS) < 0)
		return fail(err, errno, "cannot create a mount namespace");
	tree = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree < 0)
		return fail(err, errno, "cannot open the root file system");
	return protect_tree(sandbox, tree, err);
}

static int limit(const struct sandbox *sandbox, const struct jail *jail, struct error *err)
{
	close_others(sandbox, jail);
	umask(022);
	clearenv();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (set_limits(sandbox, err) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(err, errno, "cannot give up new privileges");
	return 0;
}

/* PDEATHSIG and DUMPABLE come after the change of ids, which resets both. */
static int lock_up(const struct sandbox *sandbox, const struct jail *jail,
		   struct error *err)
{
	if (drop_caps(sandbox->keep_caps, err) < 0)
		return -1;
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have died while the change of ids had switched that off. */
	if (getppid() != jail->parent)
		return fail(err, 0, "the caller is gone");
	return add_filter(sandbox->flags, err);
}

int jail_enter(const struct sandbox *sandbox, const struct jail *jail, struct error *err)
{
	auto_close int root = -1;
	int status;

	if (limit(sandbox, jail, err) < 0)
		return -1;
	status = sandbox->flags & SANDBOX_RUNNING ? enter_running(sandbox, err)
						  : enter_tree(sandbox, jail, err);
	if (status < 0)
		return -1;
	root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return fail(err, errno, "cannot open the root file system");
	close(sandbox->rootfd);
	return lock_up(sandbox, jail, err) < 0 ? -1 : take_fd(&root);
}
