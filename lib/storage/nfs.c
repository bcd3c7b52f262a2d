#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/own.h"
#include "storage/share.h"

#define CHECK_TIMEOUT_S    10
#define CONNECT_TIMEOUT_MS 2000
#define NFS_PORT           2049

static const char *server_of(const struct storage *st)
{
	return keyvals_get(&st->props, "server");
}

char *nfs_source(const struct storage *st)
{
	bool is_v6 = strchr(server_of(st), ':') != NULL;

	return xasprintf("%s%s%s:%s", is_v6 ? "[" : "", server_of(st), is_v6 ? "]" : "",
			 keyvals_get(&st->props, "export"));
}

bool nfs_is_version_4(const struct storage *st, unsigned *port)
{
	struct slice rest = slice(keyvals_get(&st->props, "options")), word;
	bool is_4 = false;
	uint64_t number;

	*port = NFS_PORT;
	while (slice_word(&rest, &word)) {
		is_4 |= slice_starts(word, "vers=4") || slice_starts(word, "nfsvers=4");
		if (slice_starts(word, "port=") &&
		    slice_number(slice_from(word, strlen("port=")), 1, 65535, &number))
			*port = (unsigned)number;
	}
	return is_4;
}

void nfs_plan_mount(const struct storage *st, struct commands *commands)
{
	const char *options = keyvals_get(&st->props, "options");
	auto_free char *source = nfs_source(st);

	if (options)
		commands_add(commands, COMMAND_MUST,
			     WORDS("mount", "-t", "nfs", source, st->path, "-o", options));
	else
		commands_add(commands, COMMAND_MUST,
			     WORDS("mount", "-t", "nfs", source, st->path));
}

void nfs_plan_check(const struct storage *st, struct commands *commands)
{
	unsigned port;

	if (nfs_is_version_4(st, &port))
		commands_add(commands, COMMAND_MUST,
			     WORDS("rpcinfo", "-T",
				   strchr(server_of(st), ':') ? "tcp6" : "tcp",
				   server_of(st), "nfs", "4"));
	else
		commands_add(
			commands, COMMAND_MUST,
			WORDS("showmount", "--no-headers", "--exports", server_of(st)));
}

static bool connects(const struct addrinfo *address)
{
	auto_close int fd =
		socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	int failed = 0;
	socklen_t len = sizeof(failed);

	if (fd < 0)
		return false;
	if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
		return true;
	return errno == EINPROGRESS && poll(&wait, 1, CONNECT_TIMEOUT_MS) == 1 &&
	       getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &len) == 0 && failed == 0;
}

/* A server of version 4 alone need not have a port mapper. */
static bool answers(const char *server, unsigned port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	auto_free char *service = xasprintf("%u", port);
	bool found = false;

	if (getaddrinfo(server, service, &hints, &list) != 0)
		return false;
	for (const struct addrinfo *one = list; one && !found; one = one->ai_next)
		found = connects(one);
	freeaddrinfo(list);
	return found;
}

static int check(const struct storage *st, struct error *err)
{
	auto_commands struct commands commands = { .package = NFS_PACKAGE };
	unsigned port;

	nfs_plan_check(st, &commands);
	if (commands_run(&commands, CHECK_TIMEOUT_S, NULL, err) == 0 ||
	    (nfs_is_version_4(st, &port) && answers(server_of(st), port)))
		return 0;
	return fail_prefix(err, "storage '%s' is not online: ", st->id);
}

static int activate(const struct storage *st, struct error *err)
{
	auto_commands struct commands mount = { .package = NFS_PACKAGE };
	auto_free char *source = nfs_source(st);

	if (check(st, err) < 0)
		return -1;
	nfs_plan_mount(st, &mount);
	return share_activate(st, "nfs", source, &mount, err);
}

const struct storage_type storage_nfs = {
	.name = "nfs",
	.kind = KIND_NFS,
	.activate = activate,
	SHARE_TYPE_ROW,
};
