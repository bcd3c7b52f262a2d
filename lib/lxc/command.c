#include "lxc/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/sort.h"

#define TIMEOUT_S  5
#define ANSWER_MAX (1024 * 1024)
#define STATES     8 /* states that liblxc counts; as an answer: "none of those yet" */

enum command {
	COMMAND_STOP = 2,
	COMMAND_STATE = 3,
	COMMAND_INIT_PID = 4,
	COMMAND_CONFIG_ITEM = 7,
	COMMAND_ADD_STATE_CLIENT = 10,
	COMMAND_INIT_PIDFD = 18,
};

/* What goes over the wire, in native byte order (runtime.md 11.2, 3.9). */
struct request {
	int32_t command, length;
	uint64_t pointer;
};

struct answer {
	int32_t result, length;
	uint64_t value;
};

struct message {
	int32_t type;
	char name[256];
	int32_t value;
};

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

/* The name starts with a NUL, has none at its end, and its exact length counts. */
static socklen_t socket_address(unsigned vmid, struct sockaddr_un *address)
{
	auto_free char *name = path_in(PATH_LXC, "%u/command", vmid);
	size_t len = strlen(name);

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len > sizeof(address->sun_path) - 1)
		len = sizeof(address->sun_path) - 1;
	memcpy(address->sun_path + 1, name, len);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
}

/* Anyone may bind the name while the container is stopped: only root's is the monitor. */
static bool is_roots(int fd)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

int lxc_connect(unsigned vmid, struct error *err)
{
	const struct timeval timeout = { .tv_sec = TIMEOUT_S };
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	socklen_t len = socket_address(vmid, &address);
	int on = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return fail(err, errno, "cannot create a socket");
	if (connect(fd, (struct sockaddr *)&address, len) < 0)
		return fail(err, errno == ENOENT ? ECONNREFUSED : errno,
			    "cannot reach container %u", vmid);
	if (!is_roots(fd))
		return fail(err, ECONNREFUSED,
			    "the command socket of container %u belongs to another user",
			    vmid);
	return take_fd(&fd);
}

bool lxc_is_running(unsigned vmid)
{
	struct error err;
	auto_close int fd = lxc_connect(vmid, &err);

	return fd >= 0;
}

static int send_request(int fd, enum command command, const void *payload, size_t len,
			struct error *err)
{
	const struct request request = { .command = command, .length = (int32_t)len };

	if (send(fd, &request, sizeof(request), MSG_NOSIGNAL) != sizeof(request) ||
	    (len && send(fd, payload, len, MSG_NOSIGNAL) != (ssize_t)len))
		return fail(err, errno, "cannot send command %d to the container's monitor",
			    (int)command);
	return 0;
}

/* The first descriptor in the message stays with the caller, others are closed. */
static void take_descriptor(struct msghdr *msg, int *fd_out)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		int fds[16];
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int), first = 0;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		if (count > 16)
			count = 16;
		memcpy(fds, CMSG_DATA(c), count * sizeof(int));
		if (fd_out && *fd_out < 0 && count) {
			*fd_out = fds[0];
			first = 1;
		}
		close_all(fds + first, count - first);
	}
}

static int receive_answer(int fd, struct answer *answer, int *fd_out, struct error *err)
{
	union {
		struct cmsghdr align;
		char bytes[256];
	} control;
	struct iovec iov = { .iov_base = answer, .iov_len = sizeof(*answer) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t got = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | MSG_WAITALL);

	if (got >= 0)
		take_descriptor(&msg, fd_out);
	if (got < 0)
		return fail(err, errno == EAGAIN ? ETIMEDOUT : errno,
			    "no answer from the container's monitor");
	if (got == 0)
		return fail(err, ECONNRESET, "the container's monitor hung up");
	if (got != sizeof(*answer) || answer->length < 0 || answer->length > ANSWER_MAX)
		return fail(err, EPROTO, "broken answer from the container's monitor");
	return 0;
}

/* Connect, ask, read the fixed part of the answer; the connection is the result. */
static int ask(unsigned vmid, enum command command, const char *payload,
	       struct answer *answer, int *fd_out, struct error *err)
{
	auto_close int fd = lxc_connect(vmid, err);

	if (fd < 0 ||
	    send_request(fd, command, payload, payload ? strlen(payload) + 1 : 0, err) <
		    0 ||
	    receive_answer(fd, answer, fd_out, err) < 0)
		return -1;
	return take_fd(&fd);
}

int lxc_get_state(unsigned vmid, enum lxc_state *state, struct error *err)
{
	struct answer answer;
	auto_close int fd = ask(vmid, COMMAND_STATE, NULL, &answer, NULL, err);

	if (fd < 0)
		return -1;
	if (answer.result < 0 || answer.value >= STATES)
		return fail(err, EPROTO, "container %u: unknown state", vmid);
	*state = (enum lxc_state)answer.value;
	return 0;
}

int lxc_get_init_pid(unsigned vmid, pid_t *pid, struct error *err)
{
	struct answer answer;
	auto_close int fd = ask(vmid, COMMAND_INIT_PID, NULL, &answer, NULL, err);

	if (fd < 0)
		return -1;
	if (answer.result < 0 || answer.value < 1 || answer.value > INT32_MAX)
		return fail(err, 0, "unable to get PID for CT %u (not running?)", vmid);
	*pid = (pid_t)answer.value;
	return 0;
}

/* For monitors that hand out no descriptor: the number may be another's by now. */
static int open_init(unsigned vmid, struct error *err)
{
	auto_close int fd = -1;
	pid_t pid, again;

	if (lxc_get_init_pid(vmid, &pid, err) < 0)
		return -1;
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return fail(err, errno, "cannot open the init process of container %u",
			    vmid);
	if (lxc_get_init_pid(vmid, &again, err) < 0)
		return -1;
	if (pid != again)
		return fail(err, ESRCH, "container %u was restarted meanwhile", vmid);
	return take_fd(&fd);
}

int lxc_get_init_pidfd(unsigned vmid, struct error *err)
{
	struct answer answer;
	int pidfd = -1;
	auto_close int fd = ask(vmid, COMMAND_INIT_PIDFD, NULL, &answer, &pidfd, err);

	if (pidfd >= 0)
		return pidfd;
	if (fd < 0 && err->code != ECONNRESET)
		return -1;
	return open_init(vmid, err);
}

int lxc_get_config(unsigned vmid, const char *key, struct strbuf *value, struct error *err)
{
	struct answer answer;
	auto_close int fd = ask(vmid, COMMAND_CONFIG_ITEM, key, &answer, NULL, err);
	size_t len;
	char *text;

	if (fd < 0)
		return -1;
	if (answer.result < 0 || answer.length == 0)
		return 0;
	len = (size_t)answer.length;
	text = strbuf_grow(value, len);
	if (recv(fd, text, len, MSG_WAITALL) != (ssize_t)len) {
		text[0] = '\0';
		return fail(err, EPROTO, "broken answer from the container's monitor");
	}
	value->len += strnlen(text, len);
	value->at[value->len] = '\0';
	return 0;
}

static int wait_readable(int fd, int64_t end_ms, struct error *err)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	int ready = poll(&poller, 1, clock_left_ms(end_ms));

	if (ready < 0)
		return fail(err, errno, "cannot wait for the container's monitor");
	if (ready == 0)
		return fail(err, ETIMEDOUT, "no news from the container's monitor");
	return 0;
}

/*
 * The first thing that comes is the answer to the request, 16 bytes whose length field
 * is 0; later ones are messages, in which a name stands at that place.
 */
static int read_state(int fd, unsigned *state, struct error *err)
{
	struct answer answer;
	struct message message;
	ssize_t got = recv(fd, &answer, sizeof(answer), MSG_PEEK | MSG_WAITALL);

	if (got == 0 || (got < 0 && errno == ECONNRESET))
		return fail(err, ECONNRESET, "the container's monitor hung up");
	if (got != sizeof(answer))
		return fail(err, got < 0 ? errno : EPROTO,
			    "broken answer from the container's monitor");
	if (answer.length == 0) {
		recv(fd, &answer, sizeof(answer), MSG_WAITALL);
		if (answer.result < 0 || answer.value > STATES)
			return fail(err, EPROTO,
				    "the container's monitor refused to be watched");
		*state = (unsigned)answer.value;
		return 0;
	}
	if (recv(fd, &message, sizeof(message), MSG_WAITALL) != sizeof(message))
		return fail(err, EPROTO, "broken message from the container's monitor");
	*state = message.type == 0 && message.value >= 0 ? (unsigned)message.value : STATES;
	return 0;
}

int lxc_next_state(int fd, unsigned timeout_ms, enum lxc_state *state, struct error *err)
{
	int64_t end = clock_ms() + timeout_ms;
	unsigned got;

	do {
		if (wait_readable(fd, end, err) < 0 || read_state(fd, &got, err) < 0)
			return -1;
	} while (got >= STATES);
	*state = (enum lxc_state)got;
	return 0;
}

int lxc_watch(unsigned vmid, unsigned wanted, int *fd_out, enum lxc_state *state,
	      struct error *err)
{
	auto_close int fd = lxc_connect(vmid, err);
	int32_t states[STATES];

	if (fd < 0)
		return -1;
	for (unsigned i = 0; i < STATES; i++)
		states[i] = (wanted >> i) & 1;
	if (send_request(fd, COMMAND_ADD_STATE_CLIENT, states, sizeof(states), err) < 0)
		return -1;
	*fd_out = -1;
	if (lxc_next_state(fd, 0, state, err) == 0)
		return 0;
	if (err->code != ETIMEDOUT)
		return -1;
	*fd_out = take_fd(&fd);
	return 0;
}

static int signal_init(int pidfd, int sig, struct error *err)
{
	if (syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0) < 0 && errno != ESRCH)
		return fail(err, errno, "cannot send signal %d to the container's init",
			    sig);
	return 0;
}

int lxc_kill(unsigned vmid, struct error *err)
{
	auto_close int fd = lxc_connect(vmid, err);

	if (fd < 0)
		return -1;
	return send_request(fd, COMMAND_STOP, NULL, 0, err);
}

/* systemd blocks its signals, which it reads from a descriptor. */
static bool blocks_signal(pid_t pid, int sig)
{
	auto_free char *path = xasprintf("/proc/%d/status", (int)pid);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;
	const char *line;

	if (read_file(-1, path, 65536, &text, &err) < 0)
		return false;
	line = strstr(text.at, "\nSigBlk:");
	return line && (strtoull(line + strlen("\nSigBlk:"), NULL, 16) >> (sig - 1) & 1);
}

static int halt_signal(unsigned vmid, int pidfd, int *sig, struct error *err)
{
	auto_strbuf struct strbuf value = STRBUF_INIT;
	uint64_t number = 0;
	pid_t pid;

	if (lxc_get_config(vmid, "lxc.signal.halt", &value, err) < 0)
		return -1;
	if (slice_number(slice_trim(strbuf_slice(&value)), 1, 64, &number)) {
		*sig = (int)number;
		return 0;
	}
	if (lxc_get_init_pid(vmid, &pid, err) < 0)
		return -1;
	*sig = blocks_signal(pid, SIGRTMIN + 3) ? SIGRTMIN + 3 : SIGPWR;
	/* Only if init still lives was it init's status that was read. */
	return signal_init(pidfd, 0, err);
}

int lxc_halt(unsigned vmid, struct error *err)
{
	auto_close int pidfd = lxc_get_init_pidfd(vmid, err);
	int sig;

	if (pidfd < 0 || halt_signal(vmid, pidfd, &sig, err) < 0)
		return -1;
	return signal_init(pidfd, sig, err);
}

/* The id in "...: 00010000 0001 01 1234 @<PATH_LXC>/<id>/command", listening. */
static bool listening_id(struct slice line, const char *front, unsigned *vmid)
{
	struct slice word = { 0 }, rest = line;
	unsigned field = 0;
	uint64_t number;

	while (field < 4 && slice_word(&rest, &word))
		field++;
	if (field < 4 || !slice_is(word, "00010000"))
		return false;
	while (slice_word(&rest, &word))
		;
	if (!slice_starts(word, front) || !slice_ends(word, "/command"))
		return false;
	word = slice_from(word, strlen(front));
	word.len -= strlen("/command");
	if (!slice_number(word, 1, UINT32_MAX, &number))
		return false;
	*vmid = (unsigned)number;
	return true;
}

/* A name proves nothing: each is asked whose it is. */
static size_t keep_running(unsigned *ids, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if ((i == 0 || ids[i] != ids[i - 1]) && lxc_is_running(ids[i]))
			ids[kept++] = ids[i];
	return kept;
}

int lxc_running(unsigned **ids, size_t *count, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_free char *dir = path_in(PATH_LXC, "%s", ""), *front = xasprintf("@%s/", dir);
	struct slice rest, line;
	unsigned *found = NULL;
	size_t len = 0;

	if (read_file(-1, "/proc/net/unix", 64 * 1024 * 1024, &text, err) < 0)
		return -1;
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line)) {
		unsigned vmid;

		if (!memmem(line.at, line.len, front, strlen(front)) ||
		    !listening_id(line, front, &vmid))
			continue;
		found = xreallocarray(found, len + 1, sizeof(*found));
		found[len++] = vmid;
	}
	sort_numbers(found, len);
	*count = keep_running(found, len);
	*ids = found;
	return 0;
}
