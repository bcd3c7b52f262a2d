/*
 * ssh keys: those of the administrator are checked, those of the guest made, both with
 * the host's ssh-keygen. Its processes belong to the one that called host_keys_start;
 * that they are done is seen at the end of their output, which any process of ours can
 * read.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "base/tree.h"
#include "guest/confine.h"
#include "guest/detect.h"
#include "guest/files.h"
#include "guest/guest.h"
#include "guest/wants.h"

#define CHECK_TIMEOUT_S 10
#define KEY_MAX         65536
#define TYPES           3

static const char *const type_names[TYPES] = { "rsa", "ecdsa", "ed25519" };

struct host_key {
	pid_t pid;                    /* -1: none */
	int output;                   /* the read end of its stdout and stderr */
	struct strbuf secret, public; /* the two files */
	char *fingerprint;
};

struct host_keys {
	struct host_key key[TYPES];
	char *dir;     /* private, below PATH_RUN */
	pid_t owner;   /* whose children they are */
	bool unwanted; /* the configuration says unmanaged */
	bool no_program;
};

static bool has_ssh_keygen(void)
{
	struct slice rest = slice(PROCESS_PATH);

	while (rest.at) {
		struct slice dir = slice_cut(rest, ':', &rest);
		auto_free char *path = xasprintf(SLICE_FMT "/ssh-keygen", SLICE_ARG(dir));

		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

static int fail_missing(struct error *err)
{
	return fail(err, 0,
		    "program 'ssh-keygen' is not installed; "
		    "install the package openssh-client");
}

/* Control characters have no place in a key, but for blanks between its parts. */
static bool is_plain(struct slice line)
{
	for (size_t i = 0; i < line.len; i++)
		if ((line.at[i] >= 0 && line.at[i] < ' ' && line.at[i] != '\t') ||
		    line.at[i] == 127)
			return false;
	return true;
}

static int check_key(struct slice line, struct error *err)
{
	const char *const argv[] = { "ssh-keygen", "-l", "-f", "-", NULL };
	auto_close int input = memfd_create("ssh-key", MFD_CLOEXEC);
	auto_strbuf struct strbuf output = STRBUF_INIT;
	const struct process process = { .argv = argv,
					 .timeout_s = CHECK_TIMEOUT_S,
					 .stdin_fd = input,
					 .output = &output };
	struct error reason;

	if (input < 0 || write_all(input, line.at, line.len, err) < 0 ||
	    write_all(input, "\n", 1, err) < 0 || lseek(input, 0, SEEK_SET) < 0)
		return fail(err, errno, "cannot hand a key to ssh-keygen");
	if (!is_plain(line) || process_run(&process, &reason) < 0)
		return fail(err, 0, "SSH public key validation error");
	return 0;
}

int ssh_keys_check(const char *keys, struct error *err)
{
	struct slice rest = slice(keys), line;

	while (slice_line(&rest, &line)) {
		if (slice_ends(line, "\r"))
			line.len--;
		if (line.len == 0)
			continue;
		if (!has_ssh_keygen())
			return fail_missing(err);
		if (check_key(line, err) < 0)
			return -1;
	}
	return 0;
}

static char *key_path(const struct host_keys *keys, unsigned type, const char *suffix)
{
	return xasprintf("%s/ssh_host_%s_key%s", keys->dir, type_names[type], suffix);
}

/*
 * Only what nobody else wants of the CPUs, until the keys are waited for: most of the
 * time the unpacking beside it needs them, and a guest without sshd needs no keys.
 */
static void set_policy(pid_t pid, int policy)
{
	const struct sched_param param = { .sched_priority = 0 };

	if (pid > 0 && sched_setscheduler(pid, policy, &param) < 0)
		debug("cannot change the scheduling of process %d", (int)pid);
}

static int start_one(struct host_keys *keys, unsigned type, const char *comment,
		     struct error *err)
{
	auto_free char *path = key_path(keys, type, "");
	const char *const argv[] = {
		"ssh-keygen", "-t", type_names[type], "-N", "",   "-E",
		"sha256",     "-C", comment,          "-f", path, NULL
	};
	auto_close int output = -1, input = -1;
	struct host_key *key = &keys->key[type];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(err, errno, "cannot create a pipe");
	output = ends[0];
	input = ends[1];
	key->pid = process_start(
		&(struct process){ .argv = argv, .stdout_fd = input, .stderr_fd = input },
		err);
	if (key->pid < 0)
		return -1;
	set_policy(key->pid, SCHED_IDLE);
	key->output = take_fd(&output);
	return 0;
}

/* Made anew: what a killed process of the same container left goes away. */
static int make_private_dir(struct host_keys *keys, unsigned vmid, struct error *err)
{
	keys->dir = path_in(PATH_RUN, "ct-%u.keys", vmid);
	if (path_make(PATH_RUN, err) < 0 || tree_remove(AT_FDCWD, keys->dir, err) < 0)
		return -1;
	if (mkdir(keys->dir, 0700) < 0)
		return fail(err, errno, "cannot create directory '%s'", keys->dir);
	return 0;
}

static struct host_keys *new_keys(void)
{
	struct host_keys *keys = xcalloc(1, sizeof(*keys));

	keys->owner = getpid();
	for (unsigned type = 0; type < TYPES; type++)
		keys->key[type] = (struct host_key){ .pid = -1,
						     .output = -1,
						     .secret = STRBUF_INIT,
						     .public = STRBUF_INIT };
	return keys;
}

int host_keys_start(const struct config *config, struct host_keys **out, struct error *err)
{
	const struct guest_facts facts = { 0 };
	auto_guest_wants struct guest_wants wants = { 0 };
	auto_host_keys struct host_keys *keys = new_keys();
	auto_free char *comment = NULL;

	if (guest_wants_read(config, &facts, &wants, err) < 0)
		return -1;
	keys->unwanted = guest_is_unmanaged(config);
	keys->no_program = !has_ssh_keygen();
	if (!keys->unwanted && !keys->no_program) {
		comment = xasprintf("root@%s", wants.shortname);
		if (make_private_dir(keys, config->vmid, err) < 0)
			return fail_in(err, "ssh host keys");
		for (unsigned type = 0; type < TYPES; type++)
			if (start_one(keys, type, comment, err) < 0)
				return fail_in(err, "ssh host keys");
	}
	*out = take_ptr(&keys);
	return 0;
}

/* Inside: "yes" if the guest has a place for host keys. */
static int ask_guest(struct guest *guest, struct strbuf *result, struct error *err)
{
	guest->notes = NULL;
	if (!guest_has_dir(guest->root, "/etc/ssh"))
		return 0;
	if (detect_type(guest, NULL, err) < 0)
		return -1;
	if (!(guest->type->flags & GUEST_UNMANAGED))
		strbuf_adds(result, "yes\n");
	return 0;
}

/* The line of ssh-keygen's output that follows "The key fingerprint is:". */
static char *find_fingerprint(struct slice output)
{
	bool next = false;
	struct slice line;

	while (slice_line(&output, &line)) {
		if (next)
			return slice_dup(slice_trim(line));
		next = slice_is(line, "The key fingerprint is:");
	}
	return NULL;
}

static int fail_with_output(struct slice output, struct error *err)
{
	struct slice line, last = slice("no output");

	while (slice_line(&output, &line))
		if (slice_trim(line).len)
			last = slice_trim(line);
	return fail(err, 0, "ssh-keygen failed: " SLICE_FMT, SLICE_ARG(last));
}

static int collect_one(struct host_keys *keys, unsigned type, struct error *err)
{
	auto_free char *secret = key_path(keys, type, ""),
		       *public = key_path(keys, type, ".pub");
	auto_strbuf struct strbuf output = STRBUF_INIT;
	struct host_key *key = &keys->key[type];

	printf("Creating SSH host key 'ssh_host_%s_key' - this may take some time ...\n",
	       type_names[type]);
	fflush(stdout);
	if (read_all(key->output, KEY_MAX, &output, err) < 0)
		return -1;
	key->fingerprint = find_fingerprint(strbuf_slice(&output));
	if (!key->fingerprint)
		return fail_with_output(strbuf_slice(&output), err);
	if (read_file(AT_FDCWD, secret, KEY_MAX, &key->secret, err) < 0 ||
	    read_file(AT_FDCWD, public, KEY_MAX, &key->public, err) < 0)
		return -1;
	printf("done: %s\n", key->fingerprint);
	fflush(stdout);
	return 0;
}

struct installation {
	struct guest guest; /* first: this is what the sandbox hands to install */
	const struct host_keys *keys;
};

static int install(struct guest *guest, struct strbuf *result, struct error *err)
{
	const struct host_keys *keys = ((struct installation *)guest)->keys;

	(void)result;
	for (unsigned type = 0; type < TYPES; type++) {
		const struct host_key *key = &keys->key[type];
		auto_free char *secret =
			xasprintf("/etc/ssh/ssh_host_%s_key", type_names[type]);
		auto_free char *public = xasprintf("%s.pub", secret);

		if (guest_write(guest->root, secret, strbuf_slice(&key->secret), 0600,
				GUEST_EXACT_MODE, err) < 0 ||
		    guest_write(guest->root, public, strbuf_slice(&key->public), 0644,
				GUEST_EXACT_MODE, err) < 0)
			return -1;
	}
	return 0;
}

int host_keys_finish(struct host_keys *keys, int rootfd, const struct idmap *map,
		     struct error *err)
{
	const struct guest_job job = { .rootfd = rootfd, .map = map };
	struct installation installation = { .guest.job = &job, .keys = keys };
	auto_strbuf struct strbuf answer = STRBUF_INIT;
	struct guest asked = { .job = &job };

	if (keys->unwanted)
		return 0;
	if (guest_confine(&asked, CONFINE_READ_ONLY, ask_guest, &answer, NULL, err) < 0)
		return fail_in(err, "ssh host keys");
	if (answer.len == 0)
		return 0;
	if (keys->no_program)
		return fail_missing(err);
	for (unsigned type = 0; type < TYPES; type++)
		set_policy(keys->key[type].pid, SCHED_OTHER);
	for (unsigned type = 0; type < TYPES; type++)
		if (collect_one(keys, type, err) < 0)
			return fail_in(err, "ssh host keys");
	if (guest_confine(&installation.guest, 0, install, NULL, NULL, err) < 0)
		return fail_in(err, "ssh host keys");
	return 0;
}

static void end_process(pid_t pid)
{
	struct error err;

	kill(pid, SIGKILL);
	process_wait(pid, &err);
}

void host_keys_free(struct host_keys **out)
{
	struct host_keys *keys = *out;
	struct error err;

	*out = NULL;
	if (!keys)
		return;
	for (unsigned type = 0; type < TYPES; type++) {
		struct host_key *key = &keys->key[type];

		if (key->pid > 0 && keys->owner == getpid())
			end_process(key->pid);
		close_fd(&key->output);
		explicit_bzero(key->secret.at, key->secret.len);
		strbuf_done(&key->secret);
		strbuf_done(&key->public);
		free(key->fingerprint);
	}
	if (keys->dir && keys->owner == getpid())
		(void)tree_remove(AT_FDCWD, keys->dir, &err);
	free(keys->dir);
	free(keys);
}
