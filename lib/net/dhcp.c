#include "net/dhcp.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/apparmor.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/pidfd.h"
#include "base/process.h"
#include "base/tree.h"
#include "net/pair.h"

#define PROGRAM     "dhclient"
#define TRY_S       30
#define RELEASE_S   10
#define COMMAND_MAX 131072 /* bytes of a command line; ours are short */
#define WORDS       24
#define ROUNDS      10

/* Where the client keeps a file of its own: kind "pid" or "leases". */
static char *state_file(const struct dhcp_client *client, const char *kind)
{
	return path_in(PATH_LXC, "%u/hook/dhclient%d-%s.%s", client->vmid,
		       client->family == AF_INET ? 4 : 6, client->ifname, kind);
}

/* Its profile knows neither our script nor our files: without one, as on other hosts. */
static void add_unconfined(struct strbuf *out)
{
	if (aa_is_enabled() == 1)
		strbuf_adds(out, "aa-exec\n-p\nunconfined\n--\n");
}

void dhcp_command(const struct dhcp_client *client, const char *script, int init,
		  bool release, struct strbuf *out)
{
	auto_free char *pid = state_file(client, "pid");
	auto_free char *leases = state_file(client, "leases");

	strbuf_addf(out, PROGRAM "\n-%c\n-%d\n-pf\n%s\n-lf\n%s\n", release ? 'r' : '1',
		    client->family == AF_INET ? 4 : 6, pid, leases);
	strbuf_addf(out, "-e\nPCT_INIT=%d\n-sf\n%s\n%s\n", init, script, client->ifname);
}

struct running {
	const char *const *argv;
	unsigned timeout_s;
};

static int run(void *arg, struct error *err)
{
	const struct running *running = arg;

	return process_run(
		&(struct process){ .argv = running->argv, .timeout_s = running->timeout_s },
		err);
}

static int run_client(const struct dhcp_client *client, bool release, struct error *err)
{
	auto_free char *script = path_libexec("pct-dhcp");
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_words char **words = xcalloc(WORDS, sizeof(*words));
	struct running running = { .timeout_s = release ? RELEASE_S : TRY_S };
	struct slice rest, word;
	size_t count = 0;

	add_unconfined(&text);
	dhcp_command(client, script, pidfd_pid(client->init), release, &text);
	rest = strbuf_slice(&text);
	while (count < WORDS - 1 && slice_line(&rest, &word))
		words[count++] = slice_dup(word);
	running.argv = (const char *const *)words;
	return net_inside(client->init, run, &running, err);
}

static bool is_installed(void)
{
	return access("/usr/sbin/" PROGRAM, X_OK) == 0 ||
	       access("/sbin/" PROGRAM, X_OK) == 0;
}

static int make_place(unsigned vmid, struct error *err)
{
	auto_free char *dir = path_in(PATH_LXC, "%u/hook", vmid);

	return make_dirs(dir, 0755, err);
}

/* The process's command line names this pid file, or one in this directory. */
static bool is_client(pid_t pid, const char *place)
{
	auto_free char *path = xasprintf("/proc/%d/cmdline", (int)pid);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, word;
	struct error ignored;

	if (read_file(AT_FDCWD, path, COMMAND_MAX, &text, &ignored) < 0)
		return false;
	rest = strbuf_slice(&text);
	while (rest.at) {
		word = slice_cut(rest, '\0', &rest);
		if (slice_is(word, "-pf") && rest.at)
			return slice_starts(rest, place);
	}
	return false;
}

/* The pidfd holds on to the process between the question and the signal. */
static bool kill_if(pid_t pid, const char *place)
{
	auto_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	return pidfd >= 0 && is_client(pid, place) &&
	       syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) == 0;
}

/*
 * By their command lines: a pid file may be missing yet, or name a process that has
 * nothing to do with it any more.
 */
static bool kill_round(const char *place)
{
	auto_dir DIR *proc = opendir("/proc");
	const struct dirent *entry;
	bool found = false;

	while (proc && (entry = readdir(proc))) {
		uint64_t pid;

		if (slice_number(slice(entry->d_name), 1, INT_MAX, &pid) &&
		    kill_if((pid_t)pid, place))
			found = true;
	}
	return found;
}

/* One that becomes a daemon at this moment is found in the next round. */
static void kill_clients(const char *place)
{
	for (int round = 0; round < ROUNDS && kill_round(place); round++)
		;
}

static int remove_files(const struct dhcp_client *client, struct error *err)
{
	auto_free char *pid = state_file(client, "pid");
	auto_free char *leases = state_file(client, "leases");
	auto_free char *backup = xasprintf("%s~", leases);

	return remove_file(pid, err) < 0 || remove_file(leases, err) < 0 ||
			       remove_file(backup, err) < 0
		       ? -1
		       : 0;
}

int dhcp_start(const struct dhcp_client *client, struct error *err)
{
	auto_free char *pid = state_file(client, "pid");
	struct error ignored;

	/* It would be read as an option. */
	if (client->ifname[0] == '-' || client->ifname[0] == '.')
		return fail(err, 0, "'%s' is no name that " PROGRAM " takes",
			    client->ifname);
	if (!is_installed())
		return fail(err, 0,
			    PROGRAM
			    " is not installed: the package isc-dhcp-client has it");
	if (make_place(client->vmid, err) < 0)
		return -1;
	kill_clients(pid);
	if (remove_files(client, err) < 0)
		return -1;
	if (run_client(client, false, err) == 0)
		return 0;
	kill_clients(pid);
	(void)remove_files(client, &ignored);
	return -1;
}

/* A client writes down its leases before it takes them, its number some time later. */
int dhcp_stop(const struct dhcp_client *client, struct error *err)
{
	auto_free char *pid = state_file(client, "pid");
	auto_free char *leases = state_file(client, "leases");
	struct error ignored;
	int status = 0;

	if (path_exists(leases))
		status = run_client(client, true, err);
	kill_clients(pid);
	return remove_files(client, status < 0 ? &ignored : err) < 0 ? -1 : status;
}

int dhcp_kill(unsigned vmid, struct error *err)
{
	auto_free char *dir = path_in(PATH_LXC, "%u/hook", vmid);
	auto_free char *prefix = xasprintf("%s/dhclient", dir);

	if (!path_exists(dir))
		return 0;
	kill_clients(prefix);
	return tree_remove(AT_FDCWD, dir, err);
}
