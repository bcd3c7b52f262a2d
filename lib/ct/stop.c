#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/settle.h"
#include "ct/stop.h"
#include "ct/task.h"
#include "lxc/command.h"

#define GONE_TIMEOUT_S 60

/*
 * Wait for the end of a connection that was opened before the signal: the monitor
 * closes it only when it exits, after the post-stop hooks (runtime.md 3.6).
 * timeout_s 0: no limit. 1: it is gone; 0: time is up.
 */
static int wait_for_end(int fd, unsigned timeout_s, struct error *err)
{
	int64_t end = clock_ms() + (int64_t)timeout_s * 1000;

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN | POLLRDHUP };
		int left = timeout_s ? clock_left_ms(end) : 500;

		if (interrupt_check(err) < 0)
			return -1;
		if (poll(&wait, 1, left < 500 ? left : 500) > 0 &&
		    wait.revents & (POLLHUP | POLLRDHUP | POLLERR))
			return 1;
		if (timeout_s && clock_ms() >= end)
			return 0;
	}
}

/*
 * While the monitor waits for the kernel to take the container down, the interfaces go
 * here: removing a veth pair takes the kernel about as long again.
 */
int stop_hard(const struct config *config, struct error *err)
{
	auto_close int fd = lxc_connect(config->vmid, err);
	struct error own;
	int gone = 1;

	if (fd < 0 && err->code != ECONNREFUSED)
		return -1;
	if (fd >= 0) {
		if (lxc_kill(config->vmid, err) < 0 && err->code != ECONNREFUSED)
			return -1;
		if (ct_remove_interfaces(config, &own) < 0)
			warn_task("%s", own.text);
		gone = wait_for_end(fd, GONE_TIMEOUT_S, err);
	}
	if (gone <= 0)
		return gone < 0 ? -1 : fail(err, 0, "container did not stop");
	return ct_wait_gone(config->vmid, GONE_TIMEOUT_S, err);
}

int stop_gracefully(const struct config *config, unsigned timeout_s, bool kill_afterwards,
		    struct error *err)
{
	auto_close int fd = lxc_connect(config->vmid, err);
	int gone;

	if (fd < 0)
		return err->code == ECONNREFUSED ? 0 : -1;
	if (lxc_halt(config->vmid, err) < 0)
		return -1;
	/* Waiting without limit would hold the config lock for a guest that ignores us. */
	if (timeout_s == 0 && !kill_afterwards)
		return 0;
	gone = timeout_s ? wait_for_end(fd, timeout_s, err) : 0;
	if (gone < 0)
		return -1;
	if (!gone && kill_afterwards)
		return stop_hard(config, err);
	if (!gone) {
		warn_task("CT %u did not stop within %u s, waiting once more", config->vmid,
			  timeout_s);
		gone = wait_for_end(fd, timeout_s + 5, err);
	}
	if (gone <= 0)
		return gone < 0 ? -1 : fail(err, 0, "container did not stop");
	return ct_wait_gone(config->vmid, GONE_TIMEOUT_S, err);
}

/* A shutdown that waits says who it is, so that stop --overrule-shutdown finds it. */
static int announce_shutdown(unsigned vmid, struct error *err)
{
	auto_free char *path = path_in(PATH_RUN, "ct-%u.shutdown", vmid);
	auto_close int fd = -1;

	if (path_make(PATH_RUN, err) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(err, errno, "cannot open '%s'", path);
	/* It stays open and locked until this process ends. */
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && ftruncate(fd, 0) == 0) {
		dprintf(fd, "%d\n", (int)getpid());
		take_fd(&fd);
	}
	return 0;
}

static void overrule_shutdown(unsigned vmid)
{
	auto_free char *path = path_in(PATH_RUN, "ct-%u.shutdown", vmid);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;
	uint64_t pid;

	if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return;
	if (read_all(fd, 64, &text, &err) == 0 &&
	    slice_number(slice_trim(strbuf_slice(&text)), 2, INT32_MAX, &pid) &&
	    kill((pid_t)pid, SIGTERM) == 0)
		printf("overruled vzshutdown tasks: %u\n", (unsigned)pid);
}

static int lock_running(unsigned vmid, const char *allowed, struct lock *lock,
			struct config **config, struct error *err)
{
	if (!lxc_is_running(vmid))
		return fail(err, 0, "CT %u not running", vmid);
	if (lock_config(vmid, 10, lock, err) < 0 || ct_load(vmid, config, err) < 0)
		return -1;
	return allowed ? ct_check_lock(*config, allowed, err) : 0;
}

static void before_stop(const struct config *config)
{
	struct error err;

	if (ct_hookscript(config, "pre-stop", &err) < 0)
		warn_task("%s", err.text);
}

/*
 * Changes that waited for the stop. The post-stop hook leaves them alone as long as the
 * config lock is taken, which it is here.
 */
static int settle(unsigned vmid, struct error *err)
{
	auto_notes struct notes notes = { 0 };
	int status = ct_settle(vmid, &notes, err);

	warn_task_notes(&notes);
	return status;
}

int ct_stop(unsigned vmid, unsigned flags, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (flags & CT_OVERRULE_SHUTDOWN)
		overrule_shutdown(vmid);
	if (lock_running(vmid, flags & CT_SKIPLOCK ? NULL : "mounted", &lock, &config,
			 err) < 0)
		return -1;
	task_announce("stopping", "vzstop", vmid);
	before_stop(config);
	return stop_hard(config, err) < 0 ? -1 : settle(vmid, err);
}

int ct_shutdown(unsigned vmid, unsigned timeout_s, unsigned flags, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (lock_running(vmid, "", &lock, &config, err) < 0 ||
	    announce_shutdown(vmid, err) < 0)
		return -1;
	task_announce("shutdown", "vzshutdown", vmid);
	before_stop(config);
	if (stop_gracefully(config, timeout_s, flags & CT_FORCE, err) < 0)
		return -1;
	return settle(vmid, err);
}

int ct_reboot(unsigned vmid, unsigned timeout_s, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (!lxc_is_running(vmid))
		return fail(err, 0, "VM %u not running", vmid);
	if (lock_config(vmid, 10, &lock, err) < 0 || ct_load(vmid, &config, err) < 0)
		return -1;
	if (!lxc_is_running(vmid))
		return 0;
	task_announce("reboot", "vzreboot", vmid);
	before_stop(config);
	if (stop_gracefully(config, timeout_s, true, err) < 0)
		return -1;
	return ct_start(vmid, CT_SKIPLOCK, err);
}
