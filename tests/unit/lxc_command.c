/* A made-up monitor in a child process answers on the abstract socket. */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"
#include "base/path.h"
#include "lxc/command.h"

#define ID 9199

struct wire {
	int32_t a, b;
	uint64_t c;
};

static int listen_as(unsigned vmid)
{
	auto_free char *name = path_in(PATH_LXC, "%u/command", vmid);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path + 1, name, strlen(name));
	EXPECT(bind(fd, (struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
				strlen(name))) == 0);
	EXPECT(listen(fd, 10) == 0);
	return fd;
}

/* Give the answer (len bytes) to every request, then hang up. */
static pid_t serve(unsigned vmid, const void *answer, size_t len)
{
	int fd = listen_as(vmid);
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			int client = accept(fd, NULL, NULL);
			char bytes[256];

			if (recv(client, bytes, sizeof(bytes), 0) < 16 ||
			    send(client, answer, len, MSG_NOSIGNAL) < 0)
				_exit(1);
			usleep(20000);
			close(client);
		}
	}
	close(fd);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void use_root(void)
{
	struct error err;

	EXPECT(path_set_root(test_dir(), &err) == 0);
}

TEST("a container without a monitor is not running, and says so with ECONNREFUSED")
{
	enum lxc_state state;
	struct error err;
	int fd = 7;

	use_root();
	EXPECT(!lxc_is_running(ID));
	EXPECT(lxc_connect(ID, &err) < 0);
	EXPECT_INT(err.code, ECONNREFUSED);
	EXPECT(lxc_watch(ID, 1U << LXC_RUNNING, &fd, &state, &err) < 0);
	EXPECT_INT(err.code, ECONNREFUSED);
	EXPECT_INT(fd, 7);
	EXPECT(lxc_kill(ID, &err) < 0);
	EXPECT_INT(err.code, ECONNREFUSED);
}

TEST("running containers are listed once each, in ascending order, of this root only")
{
	unsigned *ids = NULL;
	size_t count = 0;
	struct error err;
	int fds[3];

	use_root();
	fds[0] = listen_as(1000);
	fds[1] = listen_as(200);
	EXPECT(path_set_root("/tmp/other", &err) == 0);
	fds[2] = listen_as(300);
	use_root();
	EXPECT(lxc_running(&ids, &count, &err) == 0);
	EXPECT_INT(count, 2);
	EXPECT(count == 2 && ids[0] == 200 && ids[1] == 1000);
	free(ids);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

TEST("a socket that another user has bound is no running container")
{
	int ready[2];
	unsigned *ids = NULL;
	size_t count = 7;
	struct error err;
	char byte;
	pid_t pid;

	if (geteuid() != 0) {
		test_skip("needs root");
		return;
	}
	use_root();
	EXPECT(pipe(ready) == 0);
	pid = fork();
	if (pid == 0) {
		if (setuid(65534) < 0)
			_exit(1);
		listen_as(ID);
		if (write(ready[1], "x", 1) < 0)
			_exit(1);
		pause();
	}
	EXPECT(read(ready[0], &byte, 1) == 1);
	EXPECT(!lxc_is_running(ID));
	EXPECT(lxc_connect(ID, &err) < 0);
	EXPECT_TEXT(err.text,
		    "the command socket of container 9199 belongs to another user: "
		    "Connection refused");
	EXPECT(lxc_running(&ids, &count, &err) == 0);
	EXPECT_INT(count, 0);
	free(ids);
	end(pid);
	close(ready[0]);
	close(ready[1]);
}

TEST("state and pid of init come from the answer's value")
{
	const struct wire answer = { .c = LXC_RUNNING };
	enum lxc_state state;
	struct error err;
	pid_t monitor, pid;

	use_root();
	monitor = serve(ID, &answer, sizeof(answer));
	EXPECT(lxc_get_state(ID, &state, &err) == 0);
	EXPECT_INT(state, LXC_RUNNING);
	EXPECT(lxc_get_init_pid(ID, &pid, &err) == 0);
	EXPECT_INT(pid, 2);
	end(monitor);
}

TEST("a negative result means no pid, and no value")
{
	const struct wire answer = { .a = -ENOENT };
	auto_strbuf struct strbuf value = STRBUF_INIT;
	struct error err;
	pid_t monitor, pid;

	use_root();
	monitor = serve(ID, &answer, sizeof(answer));
	EXPECT(lxc_get_init_pid(ID, &pid, &err) < 0);
	EXPECT_TEXT(err.text, "unable to get PID for CT 9199 (not running?)");
	EXPECT(lxc_get_config(ID, "lxc.signal.halt", &value, &err) == 0);
	EXPECT_TEXT(value.at, "");
	end(monitor);
}

TEST("a value of the running configuration is appended to what was there")
{
	struct {
		struct wire head;
		char text[8];
	} answer = { .head = { .b = 8 }, .text = "SIGPWR" };
	auto_strbuf struct strbuf value = STRBUF_INIT;
	struct error err;
	pid_t monitor;

	use_root();
	monitor = serve(ID, &answer, sizeof(answer));
	strbuf_adds(&value, "halt=");
	EXPECT(lxc_get_config(ID, "lxc.signal.halt", &value, &err) == 0);
	EXPECT_TEXT(value.at, "halt=SIGPWR");
	EXPECT_INT(value.len, 11);
	end(monitor);
}

TEST("answers that are cut short or announce absurd lengths are errors")
{
	const struct wire answer = { .b = INT32_MAX };
	auto_strbuf struct strbuf value = STRBUF_INIT;
	enum lxc_state state;
	struct error err;
	pid_t monitor;

	use_root();
	monitor = serve(ID, &answer, 9);
	EXPECT(lxc_get_state(ID, &state, &err) < 0);
	EXPECT_INT(err.code, EPROTO);
	end(monitor);
	monitor = serve(ID, &answer, sizeof(answer));
	EXPECT(lxc_get_config(ID, "lxc.uts.name", &value, &err) < 0);
	EXPECT_INT(err.code, EPROTO);
	EXPECT_TEXT(value.at, "");
	end(monitor);
	monitor = serve(ID, &answer, 0);
	EXPECT(lxc_get_state(ID, &state, &err) < 0);
	EXPECT_INT(err.code, ECONNRESET);
	end(monitor);
}

/* As lxc_watch and then lxc_next_state until there is a state; -1 on failure. */
static int watched_state(struct error *err)
{
	enum lxc_state state = LXC_THAWED;
	int fd, result = 0;

	if (lxc_watch(ID, 1U << LXC_RUNNING, &fd, &state, err) < 0)
		return -1;
	if (fd >= 0) {
		result = lxc_next_state(fd, 1000, &state, err);
		close(fd);
	}
	return result < 0 ? -1 : (int)state;
}

TEST("watching gives the state that already holds, or the one that comes later")
{
	struct {
		struct wire answer;
		int32_t type;
		char name[256];
		int32_t value;
	} later = { .answer = { .a = 8, .c = 8 }, .name = "9199", .value = LXC_ABORTING };
	const struct wire now = { .a = LXC_RUNNING, .c = LXC_RUNNING };
	struct error err;
	pid_t monitor;

	use_root();
	monitor = serve(ID, &now, sizeof(now));
	EXPECT_INT(watched_state(&err), LXC_RUNNING);
	end(monitor);
	monitor = serve(ID, &later, sizeof(later));
	EXPECT_INT(watched_state(&err), LXC_ABORTING);
	end(monitor);
}

TEST("a monitor that dies while it is watched, and one that stays silent, are told apart")
{
	const struct wire waiting = { .a = 8, .c = 8 };
	enum lxc_state state;
	struct error err;
	pid_t monitor;
	int silent, fd = -1;

	use_root();
	monitor = serve(ID, &waiting, sizeof(waiting));
	EXPECT_INT(watched_state(&err), -1);
	EXPECT_INT(err.code, ECONNRESET);
	end(monitor);
	silent = listen_as(ID);
	EXPECT(lxc_watch(ID, 1U << LXC_RUNNING, &fd, &state, &err) == 0);
	EXPECT(fd >= 0);
	EXPECT(lxc_next_state(fd, 30, &state, &err) < 0);
	EXPECT_INT(err.code, ETIMEDOUT);
	close(fd);
	close(silent);
}
