#include "lxc/run.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <lxc/lxccontainer.h>
#include <lxc/version.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "config/store.h"
#include "lxc/command.h"
#include "lxc/features.h"
#include "lxc/inside.h"
#include "lxc/words.h"

static void put_container(struct lxc_container **c)
{
	if (*c)
		lxc_container_put(*c);
}

#define auto_container __attribute__((cleanup(put_container)))

/* liblxc reads the generated file here; what it does not like is in its log. */
static struct lxc_container *open_container(unsigned vmid, struct error *err)
{
	auto_free char *dir = path_in(PATH_LXC, "%s", "");
	auto_container struct lxc_container *c = NULL;
	char name[16];

	snprintf(name, sizeof(name), "%u", vmid);
	c = lxc_container_new(name, dir);
	if (!c || !c->is_defined(c)) {
		fail(err, 0, "LXC cannot read its configuration '%s/%u/config'", dir, vmid);
		return NULL;
	}
	return take_ptr(&c);
}

/* The parser is asked once, and the answer kept with its identity. */
static bool parser_is_4(void)
{
	static const char *const argv[] = { APPARMOR_PARSER, "--version", NULL };
	auto_strbuf struct strbuf text = STRBUF_INIT;
	const struct process process = { .argv = argv, .timeout_s = 10, .output = &text };
	struct error ignored;
	const char *number;

	if (process_run(&process, &ignored) < 0)
		return false;
	number = strstr(text.at, "version ");
	return number && atoi(number + strlen("version ")) >= 4;
}

int lxc_features_write(struct error *err)
{
	struct lxc_features features = {
		.major = atoi(lxc_get_version()),
		.cgroup1_keys = lxc_config_item_is_supported("lxc.cgroup"),
		.apparmor_keys = lxc_config_item_is_supported("lxc.apparmor.profile"),
		.runtime_env = lxc_config_item_is_supported("lxc.environment.runtime"),
		.apparmor_parser = path_exists(APPARMOR_PARSER),
	};
	Dl_info info;

	features.apparmor_parser_4 = features.apparmor_parser && parser_is_4();
	if (!dladdr((void *)(uintptr_t)lxc_get_version, &info) || !info.dli_fname)
		return fail(err, 0, "cannot find out where liblxc is");
	return lxc_features_save(&features, info.dli_fname, err);
}

static int open_log(unsigned vmid, bool debug, const char *file, struct error *err)
{
	auto_free char *dir = path_in(PATH_LXC, "%s", "");
	char name[16];
	struct lxc_log log = {
		.name = name,
		.lxcpath = dir,
		.file = file,
		.prefix = "pct-monitor",
		.level = debug ? "DEBUG" : "ERROR",
		.quiet = true,
	};

	snprintf(name, sizeof(name), "%u", vmid);
	if (lxc_log_init(&log) < 0)
		return fail(err, errno, "cannot open log file '%s'", file);
	return 0;
}

/* liblxc 5 splits lxc.init.cmd at each blank, quotes or not; newer ones do it well. */
static int init_words(unsigned vmid, char ***words, struct error *err)
{
	auto_config struct config *config = NULL;
	const char *entrypoint;

	*words = NULL;
	if (atoi(lxc_get_version()) > 5)
		return 0;
	if (config_load(vmid, &config, NULL, err) < 0)
		return -1;
	entrypoint = config_get(config, "entrypoint");
	if (!entrypoint)
		return 0;
	return lxc_split_words(slice(entrypoint), words, err);
}

/*
 * With "console: 0" init inherits these: it may neither read the log nor fill /run with
 * it (runtime.md 13 item 20). Returns what stderr was.
 */
static int hide_stdio(struct error *err)
{
	auto_close int old = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	auto_close int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (old < 0 || null < 0)
		return fail(err, errno, "cannot open '/dev/null'");
	for (int fd = 0; fd < 3; fd++)
		if (dup2(null, fd) < 0)
			return fail(err, errno, "cannot replace descriptor %d", fd);
	return take_fd(&old);
}

int lxc_run_start(unsigned vmid, bool debug, const char *log, struct error *err)
{
	auto_container struct lxc_container *c = NULL;
	auto_words char **words = NULL;
	auto_close int old = -1;
	bool ok;

	if (open_log(vmid, debug, log, err) < 0 || !(c = open_container(vmid, err)) ||
	    init_words(vmid, &words, err) < 0 || (old = hide_stdio(err)) < 0)
		return -1;
	c->want_daemonize(c, false);
	/* Ours are few, all close-on-exec, and have to stay: the lock, the status pipe. */
	c->want_close_all_fds(c, false);
	ok = c->start(c, 0, words);
	dup2(old, STDERR_FILENO);
	if (!ok)
		return fail(err, 0, "container %u did not start", vmid);
	return 0;
}

/* The attached program is our child: until it is waited for, the number is its own. */
static pid_t attached = -1;

static void pass_on(int sig)
{
	int code = errno;

	if (attached > 0)
		kill(attached, sig);
	errno = code;
}

static const int passed[] = { SIGHUP, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGINT, SIGQUIT };

/* With a pty its line discipline makes INT and QUIT; ours would come in addition. */
static void pass_signals(bool has_pty)
{
	struct sigaction action = { .sa_handler = pass_on, .sa_flags = SA_RESTART };

	for (size_t i = 0; i < sizeof(passed) / sizeof(*passed); i++) {
		bool from_keys = passed[i] == SIGINT || passed[i] == SIGQUIT;

		action.sa_handler = has_pty && from_keys ? SIG_IGN : pass_on;
		sigaction(passed[i], &action, NULL);
	}
}

static int wait_attached(struct error *err)
{
	siginfo_t info;
	sigset_t all;

	while (waitid(P_PID, (id_t)attached, &info, WEXITED | WNOWAIT) < 0)
		if (errno != EINTR)
			return fail(err, errno, "cannot wait for the program");
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	return process_wait(attached, err);
}

/* A terminal of ours never gets inside; any of the three would be one. */
static bool has_terminal(void)
{
	return isatty(STDIN_FILENO) || isatty(STDOUT_FILENO) || isatty(STDERR_FILENO);
}

int lxc_run_attach(unsigned vmid, const char *const *argv, unsigned flags, int *status,
		   struct error *err)
{
	auto_container struct lxc_container *c = open_container(vmid, err);
	bool has_pty = has_terminal();
	struct inside inside = { .argv = argv, .new_session = !has_pty };
	lxc_attach_options_t options = LXC_ATTACH_OPTIONS_DEFAULT;
	auto_close int in = -1;
	int got;

	if (!c)
		return -1;
	if (has_pty)
		options.attach_flags |= LXC_ATTACH_TERMINAL;
	if (flags & ATTACH_CLEAR_ENV)
		options.env_policy = LXC_ATTACH_CLEAR_ENV;
	/* For descriptor 0 liblxc would ignore INT and QUIT, which are to be passed on. */
	if (!has_pty) {
		in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
		if (in < 0)
			return fail(err, errno, "cannot use stdin");
		options.stdin_fd = in;
	}
	pass_signals(has_pty);
	if (c->attach(c, inside_run, &inside, &options, &attached) < 0)
		return fail(err, 0, "cannot enter container %u", vmid);
	got = wait_attached(err);
	if (got < 0)
		return -1;
	*status = got;
	return 0;
}

/* liblxc says nothing, not even that the container is stopped. */
int lxc_run_console(unsigned vmid, int tty, int escape, struct error *err)
{
	auto_container struct lxc_container *c = open_container(vmid, err);

	if (!c)
		return -1;
	if (c->console(c, tty, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, escape) >= 0)
		return 0;
	if (!lxc_is_running(vmid))
		return fail(err, 0, "container '%u' not running!", vmid);
	return fail(err, 0, "cannot connect to %s of container '%u'",
		    tty == 0 ? "the console" : "a free terminal", vmid);
}
