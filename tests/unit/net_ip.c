/* Addresses, routes and pairs, in network namespaces of each test's own. */
#include "net/ip.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "net/pair.h"
#include "network.h"

static struct ip an_ip(const char *text, int family)
{
	struct ip ip = { 0 };

	EXPECT(ip_parse(text, family, &ip));
	return ip;
}

/* A veth that is up, whose index is told. */
static struct link_socket *given_link(unsigned *index)
{
	struct link_socket *socket;
	struct error err = { 0 };
	struct link link = { 0 };

	if (!new_network() || !shell("ip link add e0 type veth peer name e1 && "
				     "ip link set e0 up && ip link set e1 up"))
		return NULL;
	socket = link_open(&err);
	EXPECT(socket && link_find(socket, "e0", &link, &err) == 0 && link.index);
	*index = link.index;
	return socket;
}

TEST("addresses are read with and without prefix, and nothing else is")
{
	static const char *const bad[] = {
		"",           "192.0.2.5/",    "192.0.2.5/33", "192.0.2.5/-1",
		"192.0.2/24", "192.0.2.5/24 ", "/24",          "dhcp"
	};
	struct ip ip;

	EXPECT(ip_parse("192.0.2.5/24", AF_INET, &ip) && ip.prefix == 24);
	EXPECT(ip_parse("192.0.2.5", AF_INET, &ip) && ip.prefix == 32);
	EXPECT(ip_parse("2001:db8::1", AF_INET6, &ip) && ip.prefix == 128);
	EXPECT(!ip_parse("2001:db8::1", AF_INET, &ip) &&
	       !ip_parse("192.0.2.5", AF_INET6, &ip));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT(!ip_parse(bad[i], AF_INET, &ip));
	ip = an_ip("febf::1", AF_INET6);
	EXPECT(ip_is_link_local(&ip));
	ip = an_ip("fec0::1", AF_INET6);
	EXPECT(!ip_is_link_local(&ip));
}

TEST("an address comes with its broadcast address, again with other times, and goes")
{
	unsigned index;
	auto_link struct link_socket *socket = given_link(&index);
	struct error err = { 0 };

	if (!socket)
		return;
	struct ip ip = an_ip("192.0.2.5/26", AF_INET);
	EXPECT_INT(ip_add(socket, index, &ip, 0, 0, &err), 0);
	EXPECT(shell("ip addr show e0 | grep -q 'inet 192.0.2.5/26 brd 192.0.2.63 scope'"));
	EXPECT_INT(ip_add(socket, index, &ip, 100, 50, &err), 0);
	EXPECT(shell("ip addr show e0 | grep -q 'valid_lft \\(100\\|99\\)sec'"));
	EXPECT_INT(ip_remove(socket, index, &ip, &err), 0);
	EXPECT(shell("! ip addr show e0 | grep 192.0.2.5"));
	EXPECT_INT(ip_remove(socket, index, &ip, &err), 0);
	ip = an_ip("192.0.2.5/31", AF_INET);
	EXPECT_INT(ip_add(socket, index, &ip, 0, 0, &err), 0);
	EXPECT(shell("! ip addr show e0 | grep brd.192"));
	EXPECT(ip_add(socket, 9999, &ip, 0, 0, &err) < 0);
	EXPECT_TEXT(err.text, "cannot add the address: No such device");
}

TEST("an address that goes leaves the others of its network, and the setting as it was")
{
	unsigned index;
	auto_link struct link_socket *socket = given_link(&index);
	struct error err = { 0 };

	for (char value = '0'; socket && value < '2'; value++) {
		struct ip first = an_ip("192.0.2.5/24", AF_INET);
		struct ip second = an_ip("192.0.2.6/24", AF_INET);
		auto_strbuf struct strbuf after = STRBUF_INIT;
		char text[] = { value, '\0' }, want[] = { value, '\n', '\0' };

		EXPECT(write_value("/proc/sys/net/ipv4/conf/all/promote_secondaries", "0",
				   &err) == 0);
		EXPECT(write_value("/proc/sys/net/ipv4/conf/e0/promote_secondaries", text,
				   &err) == 0);
		EXPECT_INT(ip_add(socket, index, &first, 0, 0, &err), 0);
		EXPECT_INT(ip_add(socket, index, &second, 0, 0, &err), 0);
		EXPECT_INT(ip_remove(socket, index, &first, &err), 0);
		EXPECT(shell("ip addr show e0 | grep -q 192.0.2.6/24"));
		EXPECT(read_file(AT_FDCWD, "/proc/sys/net/ipv4/conf/e0/promote_secondaries",
				 9, &after, &err) == 0);
		EXPECT_TEXT(after.at, want);
		EXPECT_INT(ip_remove(socket, index, &second, &err), 0);
	}
}

TEST("IPv6 addresses come and go, and a link-local one is waited for")
{
	unsigned index;
	auto_link struct link_socket *socket = given_link(&index);
	struct error err = { 0 };

	if (socket && access("/proc/sys/net/ipv6", F_OK) < 0) {
		test_skip("this kernel has no IPv6");
		return;
	}
	if (!socket)
		return;
	struct ip ip = an_ip("2001:db8::5/64", AF_INET6);
	EXPECT_INT(ip_add(socket, index, &ip, 0, 0, &err), 0);
	EXPECT(shell("ip addr show e0 | grep -q 'inet6 2001:db8::5/64'"));
	EXPECT_INT(ip_remove(socket, index, &ip, &err), 0);
	EXPECT(shell("! ip addr show e0 | grep 2001"));
	EXPECT(shell("ip -6 addr flush dev e0"));
	EXPECT(!ip_has_link_local(socket, index));
	EXPECT(shell("ip addr add fe80::1/64 dev e0 nodad"));
	EXPECT(ip_has_link_local(socket, index));
}

TEST("routes are set, replaced and removed exactly")
{
	unsigned index;
	auto_link struct link_socket *socket = given_link(&index);
	struct error err = { 0 };

	if (!socket)
		return;
	struct ip own = an_ip("192.0.2.5/24", AF_INET), one = an_ip("192.0.2.1", AF_INET),
		  two = an_ip("192.0.2.2", AF_INET), far = an_ip("198.51.100.1", AF_INET);
	const struct ip_route first = { .target = { .family = AF_INET }, .gateway = &one },
			      second = { .target = { .family = AF_INET }, .gateway = &two },
			      host = { .target = far },
			      third = { .target = { .family = AF_INET }, .gateway = &far };

	EXPECT_INT(ip_add(socket, index, &own, 0, 0, &err), 0);
	EXPECT_INT(ip_route_set(socket, index, &first, &err), 0);
	EXPECT_INT(ip_route_set(socket, index, &first, &err), 0);
	EXPECT_INT(ip_route_set(socket, index, &second, &err), 0);
	EXPECT(shell("ip route | grep -q '^default via 192.0.2.2 dev e0'"));
	EXPECT(shell("test \"$(ip route | grep -c default)\" = 1"));
	EXPECT_INT(ip_route_remove(socket, index, &first, &err), 0);
	EXPECT(shell("ip route | grep -q '^default via 192.0.2.2 dev e0'"));
	EXPECT(ip_route_set(socket, index, &third, &err) < 0);
	EXPECT_INT(ip_route_set(socket, index, &host, &err), 0);
	EXPECT_INT(ip_route_set(socket, index, &third, &err), 0);
	EXPECT(shell("ip route | grep -q '^198.51.100.1 dev e0 scope link'"));
	EXPECT_INT(ip_route_remove(socket, index, &third, &err), 0);
	EXPECT_INT(ip_route_remove(socket, index, &host, &err), 0);
	EXPECT_INT(ip_route_remove(socket, index, &host, &err), 0);
	EXPECT(shell("! ip route | grep 'default\\|198.51'"));
}

/* A process in a network namespace of its own, as a container's init is. */
static int given_init(pid_t *pid)
{
	int ready[2];
	char byte;

	if (!new_network() || pipe(ready) < 0)
		return -1;
	*pid = fork();
	if (*pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET | CLONE_NEWUTS) == 0 &&
		    write(ready[1], "r", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	EXPECT(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	return (int)syscall(SYS_pidfd_open, *pid, 0);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int look_inside(void *arg, struct error *err)
{
	return shell(arg) ? 0 : fail(err, 0, "not so");
}

#define INSIDE(init, words) \
	EXPECT_INT(net_inside(init, look_inside, (char[]){ words }, &err), 0)

TEST("a pair has its far end inside, under its name, up, and with its MAC address")
{
	const struct net_pair pair = { .ifname = "veth9200i0",
				       .name = "eth0",
				       .hwaddr = "BC:24:11:00:92:00",
				       .mtu = 1300,
				       .host_mtu = 1400 };
	struct error err = { 0 };
	unsigned index = 0;
	pid_t pid;
	auto_close int init = given_init(&pid);

	if (init < 0)
		return;
	EXPECT_INT(net_pair_create(init, &pair, &err), 0);
	EXPECT_TEXT(err.text, "");
	EXPECT(shell("ip link show dev veth9200i0 | grep -q 'link/ether fe:'"));
	EXPECT(shell("ip link show dev veth9200i0 | grep -q 'mtu 1400'"));
	INSIDE(init, "ip link show dev eth0 up | grep -q 'mtu 1300'");
	INSIDE(init, "ip link show dev eth0 | grep -q bc:24:11:00:92:00");
	EXPECT(shell("! ip link show dev eth0 2>/dev/null"));
	EXPECT_INT(net_pair_far_end("veth9200i0", &index, &err), 0);
	auto_free char *number = xasprintf("ip -o link show eth0 | grep -q '^%u: '", index);
	EXPECT_INT(net_inside(init, look_inside, number, &err), 0);
	end(pid);
}

TEST("a pair that cannot be made leaves neither end")
{
	struct net_pair pair = { .ifname = "veth9200i0",
				 .name = "lo",
				 .hwaddr = "BC:24:11:00:92:00",
				 .mtu = 1500,
				 .host_mtu = 1500 };
	struct error err;
	unsigned index;
	pid_t pid;
	auto_close int init = given_init(&pid);

	if (init < 0)
		return;
	EXPECT(net_pair_create(init, &pair, &err) < 0);
	EXPECT_TEXT(err.text,
		    "interface 'veth9200i0': cannot create the pair: File exists");
	EXPECT(shell("! ip link show veth9200i0 2>/dev/null"));
	EXPECT(net_pair_far_end("veth9200i0", &index, &err) < 0);
	EXPECT_TEXT(err.text, "interface 'veth9200i0' does not exist");
	EXPECT(net_pair_far_end("lo", &index, &err) < 0);
	pair.hwaddr = "BC:24";
	EXPECT(net_pair_create(init, &pair, &err) < 0);
	end(pid);
	pair.hwaddr = "BC:24:11:00:92:00";
	EXPECT(net_pair_create(init, &pair, &err) < 0);
	EXPECT_TEXT(err.text,
		    "interface 'veth9200i0': cannot enter the container's network: "
		    "No such process");
}
