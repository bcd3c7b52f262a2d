#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "ct/ct.h"
#include "ct/dhcp.h"
#include "ct/guard.h"
#include "ct/settle.h"
#include "ct/sharedbind.h"
#include "ct/task.h"
#include "ct/volumes.h"
#include "lxc/cgroup.h"
#include "lxc/command.h"
#include "lxc/host.h"

#define LOG_MAX    (4 * 1024 * 1024)
#define STARTING_S 10
#define ENDED      (1U << LXC_STOPPED | 1U << LXC_STOPPING | 1U << LXC_ABORTING)
#define SETTLED    (1U << LXC_RUNNING | ENDED)

static int refuse(const struct config *config, unsigned flags, struct error *err)
{
	if (config_bool(config, "template"))
		return fail(err, 0, "you can't start a CT if it's a template");
	if (!(flags & CT_SKIPLOCK) && ct_check_lock(config, "mounted", err) < 0)
		return -1;
	return 0;
}

/* What cannot be applied stays pending, and does not keep the container from starting. */
static int apply_pending(struct config *config, struct error *err)
{
	auto_notes struct notes notes = { 0 };
	int status = ct_apply_pending(config, &notes, err);

	warn_task_notes(&notes);
	return status < 0 ? -1 : 0;
}

static int check_volumes(const struct config *config, struct error *err)
{
	auto_storages struct storages storages = { 0 };
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_notes struct notes notes = { 0 };

	storages_load(&storages, &notes);
	warn_notes(&notes);
	return volumes_plan(config, &storages, 0, &plan, NULL, err);
}

static int set_skiplock(unsigned vmid, struct error *err)
{
	auto_free char *path = path_in(PATH_RUN_LXC, "skiplock-%u", vmid);

	if (path_make(PATH_RUN_LXC, err) < 0)
		return -1;
	return save_path(path, slice(""), 0600, err);
}

static void remove_run_file(unsigned vmid, const char *what)
{
	auto_free char *path = path_in(PATH_RUN, "ct-%u.%s", vmid, what);
	struct error err;

	if (remove_file(path, &err) < 0)
		debug("%s", err.text);
}

/*
 * Start the monitor in a session of its own. *alive is the reading end of a pipe that
 * only the monitor holds: its end means that the monitor has gone.
 */
static int launch_monitor(unsigned vmid, bool debugging, int *alive, struct error *err)
{
	auto_free char *program = path_libexec("pct-monitor");
	auto_free char *id = xasprintf("%u", vmid);
	auto_free char *root = xasprintf("PCT_ROOT=%s", path_root());
	const char *const argv[] = { program, debugging ? "--debug" : id,
				     debugging ? id : NULL, NULL };
	const char *const env[] = { root, NULL };
	auto_close int reading = -1, writing = -1;
	int fds[2], keep[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(err, errno, "cannot create a pipe");
	reading = fds[0];
	writing = fds[1];
	keep[0] = writing;
	keep[1] = -1;
	if (process_start(
		    &(struct process){
			    .argv = argv, .env = env, .keep_fds = keep, .detached = true },
		    err) < 0)
		return -1;
	*alive = take_fd(&reading);
	return 0;
}

static bool has_ended(int alive, int timeout_ms)
{
	struct pollfd wait = { .fd = alive, .events = POLLIN };

	return poll(&wait, 1, timeout_ms) > 0 && wait.revents & POLLHUP;
}

/* Connect to the monitor as soon as it listens. 1: settled at once, 0: *fd tells. */
static int watch(unsigned vmid, int alive, int *fd, enum lxc_state *state,
		 struct error *err)
{
	int64_t end = clock_ms() + STARTING_S * 1000;

	while (clock_ms() < end) {
		int status = lxc_watch(vmid, SETTLED, fd, state, err);

		if (status == 0)
			return *fd < 0;
		if (err->code == ECONNRESET) {
			*state = LXC_STOPPED;
			return 1;
		}
		if (err->code != ECONNREFUSED)
			return -1;
		if (interrupt_check(err) < 0)
			return -1;
		if (has_ended(alive, 1)) {
			*state = LXC_STOPPED;
			return 1;
		}
	}
	return fail(err, 0, "the monitor did not answer within %d s", STARTING_S);
}

/* Wait until the container runs or has failed, without limit as the guest may be slow. */
static int wait_settled(unsigned vmid, int alive, enum lxc_state *state, struct error *err)
{
	auto_close int fd = -1;
	int settled;

	cgroup_prepare_moves();
	settled = watch(vmid, alive, &fd, state, err);
	cgroup_prepare_moves();
	while (settled == 0) {
		if (interrupt_check(err) < 0)
			return -1;
		if (lxc_next_state(fd, 500, state, err) == 0)
			settled = (1U << *state & SETTLED) != 0;
		else if (err->code == ECONNRESET || has_ended(alive, 0))
			*state = LXC_STOPPED, settled = 1;
		else if (err->code != ETIMEDOUT)
			return -1;
	}
	return settled < 0 ? -1 : 0;
}

/* "lxc-start: 100: " or "lxc-start 100 20261121221113.123 " in front of a log line. */
static struct slice strip_log_line(struct slice line)
{
	struct slice rest = line, word;
	uint64_t number;

	if (!slice_starts(line, "lxc-start"))
		return slice_trim(line);
	for (int i = 0; i < 3; i++) {
		word = slice_trim(slice_cut(slice_trim(rest), ' ', &rest));
		if (slice_ends(word, ":"))
			word.len--;
		if (i > 0 && !slice_number(slice_of(word.at, word.len < 14 ? word.len : 14),
					   0, UINT64_MAX, &number))
			break;
		line = rest;
	}
	return slice_trim(line);
}

/* The text of a file about the last start; empty when there is none. */
static void read_run_file(unsigned vmid, const char *what, struct strbuf *text)
{
	auto_free char *path = path_in(PATH_RUN, "ct-%u.%s", vmid, what);
	struct error ignored;

	if (read_file(AT_FDCWD, path, LOG_MAX, text, &ignored) < 0)
		strbuf_cut(text, 0);
}

/* LXC, hooks and the programs that they run quote what the guest chose. */
static void print_line(struct slice line)
{
	auto_strbuf struct strbuf shown = STRBUF_INIT;

	text_escape(line, &shown);
	if (shown.len)
		printf("%s\n", shown.at);
}

/* False: there is none. */
static bool print_log(unsigned vmid)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, line;

	read_run_file(vmid, "stderr", &text);
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line))
		print_line(strip_log_line(line));
	fflush(stdout);
	return text.len > 0;
}

/* Where nothing can be written a start fails, and its log cannot say so. */
static void tell_full(void)
{
	auto_free char *dir = path_in(PATH_RUN, "%s", "");
	struct statvfs room;

	if (statvfs(dir, &room) == 0 && room.f_bavail == 0)
		printf("no space left in '%s'\n", dir);
}

/* What the hooks wanted the user to know: counted warnings. */
static void print_warnings(unsigned vmid)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, line;

	read_run_file(vmid, "warnings", &text);
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line)) {
		auto_strbuf struct strbuf shown = STRBUF_INIT;

		text_escape(line, &shown);
		if (shown.len)
			warn_task("%s", shown.at);
	}
	remove_run_file(vmid, "warnings");
}

/* The exact sentence of a hook that refused the start, else LXC's own lines. */
static int tell_failure(unsigned vmid, bool debugging, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	read_run_file(vmid, "error", &text);
	if (text.len > 0) {
		print_line(slice_trim(strbuf_slice(&text)));
		if (debugging)
			print_log(vmid);
	} else if (!print_log(vmid)) {
		tell_full();
	}
	fflush(stdout);
	return fail(err, 0, "startup for container '%u' failed", vmid);
}

/* A failed start leaves nothing behind but its log. */
static void clean_up(const struct config *config)
{
	auto_free char *skiplock = path_in(PATH_RUN_LXC, "skiplock-%u", config->vmid);
	struct error err;

	if (ct_wait_gone(config->vmid, 10, &err) < 0 ||
	    cgroup_clean(config->vmid, &err) < 0 || remove_file(skiplock, &err) < 0)
		warn_task("%s", err.text);
	if (ct_remove_interfaces(config, &err) < 0)
		warn_task("%s", err.text);
}

/*
 * A start that is given up, interrupted for instance, leaves no container behind. The
 * monitor takes the order to kill it as soon as it listens.
 */
static void end_monitor(unsigned vmid, int alive)
{
	int64_t end = clock_ms() + STARTING_S * 1000;
	struct error ignored;

	while ((!has_ended(alive, 10) || ct_has_monitor(vmid)) && clock_ms() < end)
		lxc_kill(vmid, &ignored);
}

static int run_monitor(const struct config *config, bool debugging, struct error *err)
{
	enum lxc_state state = LXC_STOPPED;
	auto_close int alive = -1;

	if (launch_monitor(config->vmid, debugging, &alive, err) < 0)
		return -1;
	if (wait_settled(config->vmid, alive, &state, err) < 0) {
		end_monitor(config->vmid, alive);
		return -1;
	}
	/* liblxc may say RUNNING for a container that dies in the next instant. */
	if (state == LXC_RUNNING && lxc_get_state(config->vmid, &state, err) < 0)
		state = LXC_STOPPED;
	if (1U << state & ENDED)
		return tell_failure(config->vmid, debugging, err);
	if (debugging)
		print_log(config->vmid);
	return 0;
}

/* An overlap is told but not refused here: the kernel has the last word on a map. */
static int check_idmap(const struct config *config, struct error *err)
{
	auto_notes struct notes problems = { 0 };
	struct idmap map;

	if (config_idmap(config, &map, err) < 0)
		return -1;
	idmap_check(&map, &problems);
	for (size_t i = 0; i < problems.count; i++)
		warn_task("lxc.idmap: %s", problems.text[i]);
	return 0;
}

static void tell_sharing(const struct config *config)
{
	auto_notes struct notes notes = { 0 };

	shared_bind_notes(config, &notes);
	warn_task_notes(&notes);
}

static int start_locked(struct config *config, unsigned flags, struct error *err)
{
	bool debugging = flags & CT_DEBUG || config_bool(config, "debug");
	auto_notes struct notes notes = { 0 };
	int status;

	if (refuse(config, flags, err) < 0 ||
	    ct_wait_gone(config->vmid, STARTING_S, err) < 0 ||
	    apply_pending(config, err) < 0 || check_idmap(config, err) < 0 ||
	    check_volumes(config, err) < 0 || lxc_config_write(config, &notes, err) < 0)
		return -1;
	remove_run_file(config->vmid, "stderr");
	remove_run_file(config->vmid, "warnings");
	remove_run_file(config->vmid, "error");
	if (flags & CT_SKIPLOCK && set_skiplock(config->vmid, err) < 0)
		return -1;
	warn_task_notes(&notes);
	tell_sharing(config);
	if (ct_hookscript(config, "pre-start", err) < 0)
		return -1;
	status = run_monitor(config, debugging, err);
	print_warnings(config->vmid);
	if (status < 0)
		clean_up(config);
	return status;
}

static void after_start(const struct config *config)
{
	auto_notes struct notes notes = { 0 };
	struct error err;

	cgroup_verify(config, &notes);
	warn_task_notes(&notes);
	if (ct_hookscript(config, "post-start", &err) < 0)
		warn_task("%s", err.text);
}

int ct_start(unsigned vmid, unsigned flags, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;

	if (lxc_is_running(vmid))
		return fail(err, 0, "CT %u already running", vmid);
	if (path_make(PATH_RUN, err) < 0 || lock_config(vmid, 10, &lock, err) < 0 ||
	    ct_load(vmid, &config, err) < 0)
		return -1;
	if (lxc_is_running(vmid))
		return fail(err, 0, "CT %u already running", vmid);
	task_announce("starting", "vzstart", vmid);
	if (start_locked(config, flags, err) < 0)
		return -1;
	after_start(config);
	/* A lease may take its time, and nobody has to wait for that lock meanwhile. */
	lock_free(&lock);
	ct_dhcp_start(config);
	return 0;
}
