/*
 * Supervisor of one container (runtime.md 3.9): `pct-monitor [--debug] CTID` stays as
 * long as the container runs, and starts it again when the guest asked for a reboot.
 * Descriptor 3, if open, is a status pipe whose end tells that this process has gone.
 * `pct-monitor --features` notes what the installed LXC supports.
 *
 * LXC moves it to the cgroup lxc.monitor/CTID in every hierarchy, out of the reach of
 * the login session's end.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/memexec.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "config/store.h"
#include "lxc/run.h"

#define STATUS_FD 3

/* Without /usr/bin: newuidmap there would want root's range in /etc/subuid. */
#define MONITOR_PATH "/usr/sbin:/sbin"

static int reset_environment(struct error *err)
{
	if (clearenv() != 0 || setenv("PATH", MONITOR_PATH, 1) < 0 ||
	    setenv("LANG", "C.UTF-8", 1) < 0 ||
	    (path_root()[0] && setenv("PCT_ROOT", path_root(), 1) < 0))
		return fail(err, errno, "cannot set the environment");
	return 0;
}

/* PID 1 has the limits of services, but for these, of which systemd takes more itself. */
static const struct {
	__rlimit_resource_t what;
	struct rlimit limit;
} service_limits[] = {
	{ RLIMIT_NOFILE, { 1024, 524288 } },
	{ RLIMIT_CORE, { 0, RLIM_INFINITY } },
	{ RLIMIT_MEMLOCK, { 8 * 1024 * 1024, 8 * 1024 * 1024 } },
};

static bool find_limit(__rlimit_resource_t what, struct rlimit *limit)
{
	for (size_t i = 0; i < sizeof(service_limits) / sizeof(service_limits[0]); i++)
		if (service_limits[i].what == what) {
			*limit = service_limits[i].limit;
			return true;
		}
	return prlimit(1, what, NULL, limit) == 0;
}

/* As far as we may: in a container root cannot raise a hard limit. */
static void set_limit(__rlimit_resource_t what, struct rlimit limit)
{
	struct rlimit own;

	if (setrlimit(what, &limit) == 0 || getrlimit(what, &own) < 0)
		return;
	if (limit.rlim_cur < own.rlim_max)
		own.rlim_cur = limit.rlim_cur;
	else
		own.rlim_cur = own.rlim_max;
	if (setrlimit(what, &own) < 0)
		debug("cannot reset limit %d: %s", (int)what, strerror(errno));
}

/*
 * A cron job is nice, and a login has limits and CPUs of its own: the container has none
 * of them.
 */
static void reset_limits(void)
{
	const struct sched_param none = { 0 };
	struct rlimit limit;
	struct error err;
	cpu_set_t cpus;

	if (sched_getaffinity(1, sizeof(cpus), &cpus) < 0 ||
	    sched_setaffinity(0, sizeof(cpus), &cpus) < 0)
		debug("cannot reset the CPUs: %s", strerror(errno));
	if (sched_setscheduler(0, SCHED_OTHER, &none) < 0 ||
	    setpriority(PRIO_PROCESS, 0, 0) < 0)
		debug("cannot reset the priority: %s", strerror(errno));
	if (write_value("/proc/self/oom_score_adj", "0", &err) < 0)
		debug("%s", err.text);
	for (__rlimit_resource_t what = RLIMIT_CPU; what < RLIM_NLIMITS; what++)
		if (find_limit(what, &limit))
			set_limit(what, limit);
}

/* stdin and stdout from /dev/null, stderr to a fresh log, the rest closed. */
static int reset_descriptors(const char *log, struct error *err)
{
	auto_close int null = -1, out = -1;

	if (fcntl(STATUS_FD, F_SETFD, FD_CLOEXEC) < 0 && errno != EBADF)
		return fail(err, errno, "cannot keep the status pipe");
	syscall(SYS_close_range, STATUS_FD + 1, ~0U, 0);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return fail(err, errno, "cannot open '/dev/null'");
	if (remove_file(log, err) < 0)
		return -1;
	out = open(log, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		   0600);
	if (out < 0)
		return fail(err, errno, "cannot create '%s'", log);
	if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(out, STDERR_FILENO) < 0)
		return fail(err, errno, "cannot replace a descriptor");
	return 0;
}

/* Held until this process ends: whoever gets it knows that the monitor has gone. */
static int lock_pid(unsigned vmid, struct lock *lock, struct error *err)
{
	auto_free char *path = path_in(PATH_RUN, "ct-%u.pid", vmid);
	auto_free char *text = xasprintf("%d\n", (int)getpid());
	auto_close int fd = -1;

	if (lock_try(path, lock, err) < 0)
		return err->code == EWOULDBLOCK
			       ? fail(err, 0, "container %u has a monitor already", vmid)
			       : -1;
	fd = open(path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail(err, errno, "cannot open '%s'", path);
	return write_all(fd, text, strlen(text), err);
}

static bool take_reboot_flag(unsigned vmid)
{
	auto_free char *path = path_in(PATH_LXC, "%u/reboot", vmid);

	return unlink(path) == 0;
}

/* No command starts the container here, and nobody else starts what it waits for. */
static void start_dhcp(unsigned vmid)
{
	auto_free char *program = path_libexec("pct-dhcp");
	auto_free char *id = xasprintf("%u", vmid);
	auto_free char *root = xasprintf("PCT_ROOT=%s", path_root());
	const char *const argv[] = { program, id, NULL };
	const char *const env[] = { root, NULL };
	struct error err;

	if (process_run(&(struct process){ .argv = argv,
					   .env = env,
					   .stderr_fd = STDERR_FILENO },
			&err) < 0)
		warn_plain("%s", err.text);
}

/* Each round begins in the host's mount namespace again: LXC makes a new one for each. */
static int supervise(unsigned vmid, bool debug, const char *log, struct error *err)
{
	auto_close int home = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	if (home < 0)
		return fail(err, errno, "cannot open '/proc/self/ns/mnt'");
	for (;;) {
		if (lxc_run_start(vmid, debug, log, err) < 0)
			return -1;
		if (!take_reboot_flag(vmid))
			return 0;
		if (setns(home, CLONE_NEWNS) < 0)
			return fail(err, errno, "cannot return to the host's mounts");
		start_dhcp(vmid);
	}
}

/*
 * Root of a privileged container is root of the host: an init that is a link to
 * /proc/self/exe would reach this program's file, so it runs from a sealed copy.
 */
static int seal(unsigned vmid, const char *const *argv, struct error *err)
{
	auto_config struct config *config = NULL;
	auto_free char *self = path_libexec("pct-monitor");
	struct idmap map;

	if (exec_is_sealed())
		return 0;
	if (config_load(vmid, &config, NULL, err) < 0 ||
	    config_idmap(config, &map, err) < 0)
		return -1;
	return map.count > 0 ? 0 : exec_sealed(self, argv, err);
}

static int monitor(unsigned vmid, bool debug, struct error *err)
{
	auto_free char *log = path_in(PATH_RUN, "ct-%u.stderr", vmid);
	auto_lock struct lock lock = { 0 };

	process_reset_signals();
	umask(022);
	reset_limits();
	if (path_make(PATH_RUN, err) < 0 || reset_environment(err) < 0)
		return -1;
	if (setsid() < 0 && getsid(0) != getpid())
		return fail(err, errno, "cannot leave the session");
	if (chdir("/") < 0)
		return fail(err, errno, "cannot change to '/'");
	if (reset_descriptors(log, err) < 0 || lock_pid(vmid, &lock, err) < 0)
		return -1;
	return supervise(vmid, debug, log, err);
}

int main(int argc, char **argv)
{
	bool debug = argc == 3 && strcmp(argv[1], "--debug") == 0;
	struct error err;
	unsigned vmid;
	int result;

	if (argc < 2 || (argc > 2 && !debug) || argc > 3) {
		fprintf(stderr, "usage: pct-monitor [--debug] CTID\n");
		return 2;
	}
	if (path_init(&err) < 0)
		result = -1;
	else if (strcmp(argv[1], "--features") == 0)
		result = lxc_features_write(&err);
	else if (!vmid_parse(slice(argv[argc - 1]), &vmid))
		result = fail(&err, 0, "'%s' is not a container id", argv[argc - 1]);
	else if (seal(vmid, (const char *const *)argv, &err) < 0)
		result = -1;
	else
		result = monitor(vmid, debug, &err);
	if (result < 0)
		fprintf(stderr, "%s\n", err.text);
	return result < 0;
}
