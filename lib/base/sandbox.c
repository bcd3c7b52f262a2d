#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/mount.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/own.h"

#define REPORT_MAX 65536
#define KEEP_MAX   8
#define MS_FLAGS   (MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)
#define AT_SUBTREE 0x8000 /* AT_RECURSIVE */
#define MOVE_TO    0x04   /* MOVE_MOUNT_F_EMPTY_PATH */
#define PRIVATE    (1UL << 18)

/* An address sanitizer reserves terabytes for its shadow: no limit can hold there. */
#if defined(__SANITIZE_ADDRESS__)
#define HAS_SHADOW 1
#elif defined(__has_feature)
#define HAS_SHADOW __has_feature(address_sanitizer)
#else
#define HAS_SHADOW 0
#endif

/* The two ends of what parent and child say to each other. */
struct link {
	int sync[2];   /* socket pair: child asks for its id map, parent answers */
	int report[2]; /* pipe: what body writes */
	int error[2];  /* pipe: body's struct error; empty when it succeeded */
	pid_t parent;
};

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
static void close_others(const struct sandbox *sandbox, const struct link *link)
{
	int keep[KEEP_MAX + 4] = { sandbox->rootfd, link->sync[1], link->report[1],
				   link->error[1] };
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

/*
 * A clone of the mount tree, taken before the mount namespace changes (a descriptor
 * of the old namespace is refused afterwards), in which a device node cannot be
 * opened even by mistake.
 */
static int clone_tree(int rootfd, struct error *err)
{
	struct mount_attr attr = { .attr_set = MS_FLAGS, .propagation = PRIVATE };
	auto_close int tree = -1;

	tree = (int)syscall(SYS_open_tree, rootfd, "",
			    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
				    AT_SUBTREE);
	if (tree < 0)
		return fail(err, errno, "cannot clone the mount tree");
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_SUBTREE, &attr,
		    sizeof(attr)) < 0)
		return fail(err, errno, "cannot protect the mount tree");
	return take_fd(&tree);
}

static int ask_for_map(const struct link *link, struct error *err)
{
	char answer = 0;

	if (unshare(CLONE_NEWUSER) < 0)
		return fail(err, errno, "cannot create a user namespace");
	if (write(link->sync[1], "m", 1) != 1 || read(link->sync[1], &answer, 1) != 1 ||
	    answer != 'y')
		return fail(err, 0, "the id map was refused");
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return fail(err, errno, "cannot become root of the container");
	return 0;
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
 * before chroot (the kernel refuses it afterwards), PDEATHSIG and DUMPABLE after the
 * change of ids, which resets both.
 */
static int enter(const struct sandbox *sandbox, const struct link *link, int *root,
		 struct error *err)
{
	auto_close int tree = -1;
	bool mapped = sandbox->map && sandbox->map->count > 0;

	close_others(sandbox, link);
	umask(022);
	clearenv();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (set_limits(sandbox, err) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(err, errno, "cannot give up new privileges");
	if (sandbox->flags & SANDBOX_CLONE) {
		tree = clone_tree(sandbox->rootfd, err);
		if (tree < 0)
			return -1;
	}
	if (unshare(CLONE_NEWNS) < 0)
		return fail(err, errno, "cannot create a mount namespace");
	if (fchdir(tree >= 0 ? tree : sandbox->rootfd) < 0)
		return fail(err, errno, "cannot enter the root file system");
	if (mapped && ask_for_map(link, err) < 0)
		return -1;
	if (enter_root(tree >= 0 ? tree : sandbox->rootfd, err) < 0)
		return -1;
	*root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*root < 0)
		return fail(err, errno, "cannot open the root file system");
	close(sandbox->rootfd);
	if (drop_caps(sandbox->keep_caps, err) < 0)
		return -1;
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have died while the change of ids had switched that off. */
	if (getppid() != link->parent)
		return fail(err, 0, "the caller is gone");
	return add_filter(sandbox->flags, err);
}

static void child(const struct sandbox *sandbox, const struct link *link,
		  int (*body)(void *, const struct sandbox_io *, struct error *), void *arg)
{
	struct sandbox_io io = { .root = -1, .report = link->report[1] };
	struct error err = { 0 };
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != link->parent)
		_exit(1);
	status = enter(sandbox, link, &io.root, &err);
	if (status == 0)
		status = body(arg, &io, &err);
	if (status < 0 && write(link->error[1], &err, sizeof(err)) != sizeof(err))
		_exit(2);
	_exit(status < 0 ? 1 : 0);
}

static int write_map(pid_t pid, const struct idmap *map, char type, struct error *err)
{
	auto_free char *path = xasprintf("/proc/%d/%cid_map", (int)pid, type);
	auto_strbuf struct strbuf text = STRBUF_INIT;

	idmap_format(map, type, &text);
	return write_value(path, text.at, err);
}

static int answer_map(const struct sandbox *sandbox, const struct link *link, pid_t pid,
		      struct error *err)
{
	char ask = 0, answer = 'n';
	int status = -1;

	if (read(link->sync[0], &ask, 1) != 1)
		return 0; /* the child failed earlier and tells why itself */
	if (write_map(pid, sandbox->map, 'g', err) == 0 &&
	    write_map(pid, sandbox->map, 'u', err) == 0) {
		answer = 'y';
		status = 0;
	}
	if (write(link->sync[0], &answer, 1) != 1)
		status = fail(err, errno, "cannot talk to the helper");
	return status;
}

/* Until fd has something to say; end_ms 0: no deadline. */
static int wait_until(int fd, int64_t end_ms, const struct sandbox *sandbox,
		      struct error *err)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int ready;

	do
		ready = poll(&wait, 1, end_ms ? clock_left_ms(end_ms) : -1);
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return fail(err, errno, "cannot wait for the helper");
	if (ready == 0)
		return fail(err, ETIMEDOUT, "the helper did not finish within %u s",
			    sandbox->timeout_s);
	return 0;
}

/* Read the report until the child closes it. */
static int read_report(int fd, int64_t end_ms, const struct sandbox *sandbox,
		       struct strbuf *out, struct error *err)
{
	size_t total = 0;

	for (;;) {
		char bytes[4096];
		ssize_t got;

		if (wait_until(fd, end_ms, sandbox, err) < 0)
			return -1;
		got = read(fd, bytes, sizeof(bytes));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? fail(err, errno, "cannot read from the helper")
				       : 0;
		total += (size_t)got;
		if (total > REPORT_MAX)
			return fail(err, EFBIG, "the helper's report is too long");
		if (out)
			strbuf_add(out, bytes, (size_t)got);
	}
}

/* A helper that was taken over may close its report and stay: its end counts. */
static int listen_to(pid_t pid, int report_fd, const struct sandbox *sandbox,
		     struct strbuf *report, struct error *err)
{
	auto_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int64_t end =
		sandbox->timeout_s ? clock_ms() + (int64_t)sandbox->timeout_s * 1000 : 0;

	if (pidfd < 0)
		return fail(err, errno, "cannot watch the helper");
	if (read_report(report_fd, end, sandbox, report, err) < 0)
		return -1;
	return wait_until(pidfd, end, sandbox, err);
}

static int judge(int status, int error_fd, struct error *err)
{
	struct error told;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && read(error_fd, &told, sizeof(told)) == sizeof(told)) {
		told.text[sizeof(told.text) - 1] = '\0';
		*err = told;
		return -1;
	}
	if (WIFSIGNALED(status))
		return fail(err, 0, "the helper got signal %d", WTERMSIG(status));
	return fail(err, 0, "the helper failed");
}

static int oversee(const struct sandbox *sandbox, struct link *link, pid_t pid,
		   struct strbuf *report, struct error *err)
{
	bool mapped = sandbox->map && sandbox->map->count > 0;
	int status, result = 0;

	close_fd(&link->sync[1]);
	close_fd(&link->report[1]);
	close_fd(&link->error[1]);
	if (mapped)
		result = answer_map(sandbox, link, pid, err);
	if (result == 0)
		result = listen_to(pid, link->report[0], sandbox, report, err);
	if (result < 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(err, errno, "cannot wait for the helper");
	return result < 0 ? -1 : judge(status, link->error[0], err);
}

static void close_pair(int pair[2])
{
	close_fd(&pair[0]);
	close_fd(&pair[1]);
}

int sandbox_run(const struct sandbox *sandbox,
		int (*body)(void *arg, const struct sandbox_io *io, struct error *err),
		void *arg, struct strbuf *report, struct error *err)
{
	struct link link = { { -1, -1 }, { -1, -1 }, { -1, -1 }, getpid() };
	int status = -1;
	pid_t pid;

	if (sandbox->map && sandbox->map->count > 0 && !idmap_has_root(sandbox->map))
		return fail(err, 0, "the id map has no entry for container id 0");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link.sync) < 0 ||
	    pipe2(link.report, O_CLOEXEC) < 0 || pipe2(link.error, O_CLOEXEC) < 0) {
		fail(err, errno, "cannot create a pipe");
	} else {
		fflush(NULL);
		pid = fork();
		if (pid == 0)
			child(sandbox, &link, body, arg);
		status = pid < 0 ? fail(err, errno, "cannot fork")
				 : oversee(sandbox, &link, pid, report, err);
	}
	close_pair(link.sync);
	close_pair(link.report);
	close_pair(link.error);
	return status;
}
