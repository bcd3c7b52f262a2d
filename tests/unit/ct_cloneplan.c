#include "ct/cloneplan.h"

#include <string.h>

#include "configs.h"

static struct config *clone_of(const char *text, struct clone_request request)
{
	auto_config struct config *state = config_of(text);
	const struct settings settings = { .mac_prefix = (char[]){ "BC:24:11" } };
	struct config *config = NULL;
	struct error err = { 0 };

	request.vmid = 100;
	request.newid = 101;
	EXPECT_INT(clone_config(state, &request, &settings, &config, &err), 0);
	EXPECT_TEXT(err.text, "");
	return config;
}

TEST("a clone has what the source has, but no volumes and nothing about the source itself")
{
	auto_config struct config *config = clone_of(
		"#notes\narch: amd64\nhostname: www\nlock: disk\nmp0: aa:m,mp=/x\nparent: "
		"one\nrootfs: aa:r\ntemplate: 1\nunused0: aa:u\n"
		"lxc.environment.runtime: A=1\nlxc.tty.max: 3\n",
		(struct clone_request){ .full = -1 });

	EXPECT_CONFIG(config, "#notes\narch: amd64\nhostname: www\n"
			      "lxc.environment.runtime: A=1\nlxc.tty.max: 3\n");
	EXPECT_INT(config->vmid, 101);
}

TEST("a clone of a snapshot has neither its time nor its state")
{
	auto_config struct config *config = clone_of(
		"memory: 64\nsnaptime: 7\n", (struct clone_request){ .snapname = "one" });

	EXPECT_CONFIG(config, "memory: 64\n");
}

TEST("the name and the description that are given replace the source's")
{
	auto_config struct config *config = clone_of(
		"#old\nhostname: www\n",
		(struct clone_request){ .hostname = "new", .description = "mine" });

	EXPECT_CONFIG(config, "#mine\nhostname: new\n");
}

TEST("every interface gets a MAC address of its own, with the configured prefix")
{
	auto_config struct config *config = clone_of(
		"net0: name=eth0,bridge=br0,hwaddr=BC:24:11:00:00:01,ip=dhcp,type=veth\n"
		"net31: name=eth1,bridge=br0,hwaddr=02:00:00:00:00:02,type=veth\n",
		(struct clone_request){ 0 });
	auto_net struct net first = { 0 }, last = { 0 };
	struct error err;

	EXPECT_INT(config_net(config, 0, &first, &err), 0);
	EXPECT_INT(config_net(config, 31, &last, &err), 0);
	EXPECT(strncmp(first.hwaddr, "BC:24:11:", 9) == 0);
	EXPECT(strncmp(last.hwaddr, "BC:24:11:", 9) == 0);
	EXPECT(strcmp(first.hwaddr, "BC:24:11:00:00:01") != 0);
	EXPECT(strcmp(first.hwaddr, last.hwaddr) != 0);
	EXPECT_TEXT(first.ip, "dhcp");
	EXPECT_TEXT(last.name, "eth1");
}

static void expect_refused(const char *text, const char *message)
{
	auto_config struct config *state = config_of(text);
	struct error err = { 0 };

	EXPECT_INT(clone_check_volumes(state, &err), -1);
	EXPECT_TEXT(err.text, message);
}

TEST("directories and devices of the host cannot be cloned")
{
	expect_refused("mp3: /srv,mp=/x\nrootfs: aa:r\n",
		       "unable to clone mountpoint 'mp3' (type bind)");
	expect_refused("mp0: /dev/sdb,mp=/x\nrootfs: aa:r\n",
		       "unable to clone mountpoint 'mp0' (type device)");
	expect_refused("mp0: aa:m,mp=/x\n", "missing 'rootfs' configuration");
}
