#include "source.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/own.h"

#define WAIT_MS 30000

/* Seconds until a peer that has gone without a word is missed. */
#define IDLE_S  60
#define PROBE_S 10
#define PROBES  6

/* An Internet address of either family. */
union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static void print_address(const union address *address, char text[INET6_ADDRSTRLEN])
{
	bool is_v4 = address->any.sa_family == AF_INET;

	inet_ntop(address->any.sa_family,
		  is_v4 ? (const void *)&address->v4.sin_addr
			: (const void *)&address->v6.sin6_addr,
		  text, INET6_ADDRSTRLEN);
}

static bool read_address(const char *text, union address *out)
{
	*out = (union address){ .v4 = { .sin_family = AF_INET } };
	if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1)
		return true;
	*out = (union address){ .v6 = { .sin6_family = AF_INET6 } };
	return inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1;
}

static bool read_network(const char *text, struct cidr *out)
{
	return cidr_parse(text, AF_INET, out) || cidr_parse(text, AF_INET6, out);
}

static bool is_within(const struct cidr *network, const union address *address)
{
	char text[INET6_ADDRSTRLEN];

	if (address->any.sa_family != network->family)
		return false;
	print_address(address, text);
	return cidr_contains(network, text);
}

/* ---- sockets ---- */

static int listen_at(int family, const struct sockaddr *address, socklen_t len,
		     struct error *err)
{
	auto_close int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return fail(err, errno, "cannot create a socket");
	if (bind(fd, address, len) < 0 || listen(fd, 1) < 0)
		return fail(err, errno, "cannot listen");
	return take_fd(&fd);
}

/* network NULL: everybody may come. */
static int wait_for_client(int listener, const struct cidr *network, struct error *err)
{
	int64_t end = clock_ms() + WAIT_MS;

	while (clock_left_ms(end) > 0) {
		struct pollfd wait = { .fd = listener, .events = POLLIN };
		union address peer = { 0 };
		socklen_t len = sizeof(peer);
		auto_close int fd = -1;

		if (interrupt_check(err) < 0)
			return -1;
		if (poll(&wait, 1, clock_left_ms(end)) <= 0)
			continue;
		fd = accept4(listener, &peer.any, &len, SOCK_CLOEXEC);
		if (fd >= 0 && (!network || is_within(network, &peer)))
			return take_fd(&fd);
	}
	return fail(err, 0, "timed out waiting for client");
}

/* ---- tcp:// ---- */

/* The one address that this host has in the network. */
static int find_own(const char *text, const struct cidr *network, union address *out,
		    struct error *err)
{
	struct ifaddrs *list = NULL;
	size_t count = 0;

	if (getifaddrs(&list) < 0)
		return fail(err, errno, "cannot read the addresses of this host");
	for (const struct ifaddrs *one = list; one; one = one->ifa_next) {
		const union address *address = (const void *)one->ifa_addr;

		if (!address || !is_within(network, address))
			continue;
		count++;
		memcpy(out, address,
		       network->family == AF_INET ? sizeof(out->v4) : sizeof(out->v6));
	}
	freeifaddrs(list);
	if (count != 1)
		return fail(err, 0, "%s in network '%s'",
			    count ? "this host has several addresses"
				  : "this host has no address",
			    text);
	return 0;
}

/* Without a port the kernel chooses one. */
static int listen_tcp(union address *address, struct error *err)
{
	bool is_v4 = address->any.sa_family == AF_INET;
	socklen_t len = is_v4 ? sizeof(address->v4) : sizeof(address->v6);
	char text[INET6_ADDRSTRLEN];
	auto_close int fd = -1;

	if (is_v4)
		address->v4.sin_port = 0;
	else
		address->v6.sin6_port = 0;
	print_address(address, text);
	fd = listen_at(address->any.sa_family, &address->any, len, err);
	if (fd < 0)
		return fail_in(err, "%s", text);
	if (getsockname(fd, &address->any, &len) < 0)
		return fail(err, errno, "%s", text);
	printf("%s\n%u\n", text,
	       ntohs(is_v4 ? address->v4.sin_port : address->v6.sin6_port));
	if (fflush(stdout) != 0)
		return fail(err, errno, "cannot write");
	return take_fd(&fd);
}

static void keep_alive(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, PROBE_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, PROBES },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(fd, options[i].level, options[i].name, &options[i].value,
			   sizeof(options[i].value));
}

static int open_tcp(const char *text, struct error *err)
{
	auto_close int listener = -1;
	bool has_network = strchr(text, '/') != NULL;
	union address address;
	struct cidr network;
	int fd;

	if (has_network ? !read_network(text, &network) : !read_address(text, &address))
		return fail(err, 0, "'%s' is neither an address nor a network", text);
	if (has_network && find_own(text, &network, &address, err) < 0)
		return -1;
	listener = listen_tcp(&address, err);
	if (listener < 0)
		return -1;
	fd = wait_for_client(listener, has_network ? &network : NULL, err);
	if (fd >= 0)
		keep_alive(fd);
	return fd;
}

/* ---- unix:// ---- */

/*
 * A socket that nobody listens at any more: its listener was killed. A socket of another
 * kind asks, so that one who listens is not connected to (EPROTOTYPE, unix(7)).
 */
static bool is_abandoned(const struct sockaddr_un *address)
{
	auto_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct stat info;

	return lstat(address->sun_path, &info) == 0 && S_ISSOCK(info.st_mode) &&
	       connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
	       errno == ECONNREFUSED;
}

/* Nobody but root can connect, from the moment that it is there. */
static int listen_unix(const struct sockaddr_un *address, struct error *err)
{
	mode_t before = umask(0177);
	int fd;

	if (is_abandoned(address))
		unlink(address->sun_path);
	fd = listen_at(AF_UNIX, (const struct sockaddr *)address, sizeof(*address), err);
	umask(before);
	return fd < 0 ? fail_in(err, "%s", address->sun_path) : fd;
}

static int open_unix(const char *path, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_close int listener = -1;
	int fd;

	if (!*path || strlen(path) >= sizeof(address.sun_path))
		return fail(err, 0, "'%s' cannot be the path of a socket", path);
	memcpy(address.sun_path, path, strlen(path));
	listener = listen_unix(&address, err);
	if (listener < 0)
		return -1;
	puts("ready");
	fd = fflush(stdout) == 0 ? wait_for_client(listener, NULL, err)
				 : fail(err, errno, "cannot write");
	unlink(path);
	return fd;
}

/* ---- all ---- */

/* The standard input under a number of its own: 0 means "none" to who starts programs. */
static int open_plain(const char *name, struct error *err)
{
	int fd = strcmp(name, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
					: open(name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? fail(err, errno, "cannot open '%s'", name) : fd;
}

int source_open(const char *source, struct error *err)
{
	static const struct {
		const char *scheme;
		int (*open)(const char *rest, struct error *err);
	} kinds[] = { { "tcp://", open_tcp }, { "unix://", open_unix } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (slice_starts(slice(source), kinds[i].scheme))
			return kinds[i].open(source + strlen(kinds[i].scheme), err);
	return open_plain(source, err);
}
