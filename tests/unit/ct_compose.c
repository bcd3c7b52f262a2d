#include <string.h>

#include "ct/compose.h"
#include "lxc/cgroup.h"
#include "test.h"

static const struct settings built_in = { .unprivileged = 1 };

static int compose(const struct keyvals *options, struct config **config,
		   struct notes *notes, struct error *err)
{
	return config_compose(100, options, &built_in, config, notes, err);
}

TEST("an interface gets a unicast MAC address and its type, and its keys in order")
{
	auto_keyvals struct keyvals options = { 0 };
	auto_config struct config *config = NULL;
	auto_net struct net net = { 0 };
	struct error err;
	const char *text;

	keyvals_set(&options, "net0", "ip=dhcp,bridge=br0,name=eth0");
	EXPECT_INT(compose(&options, &config, NULL, &err), 0);
	text = config_get(config, "net0");
	EXPECT(strstr(text, "name=eth0,bridge=br0,hwaddr=") == text);
	EXPECT(strstr(text, ",ip=dhcp,type=veth") != NULL);
	EXPECT_INT(config_net(config, 0, &net, &err), 0);
	EXPECT_INT(strlen(net.hwaddr), 17);
}

static void expect_net(const struct settings *settings, const char *typed, const char *want)
{
	auto_strbuf struct strbuf stored = STRBUF_INIT;
	struct error err;

	EXPECT_INT(config_normalise("net0", typed, settings, &stored, &err), 0);
	EXPECT_TEXT(stored.at, want);
}

TEST("an interface without a bridge gets that of the settings, if there is one")
{
	static char bridge[] = "vmbr1";
	const struct settings settings = { .bridge = bridge };

	expect_net(&settings, "hwaddr=06:00:00:00:00:01,name=eth0",
		   "name=eth0,bridge=vmbr1,hwaddr=06:00:00:00:00:01,type=veth");
	expect_net(&settings, "hwaddr=06:00:00:00:00:01,name=eth0,bridge=br0",
		   "name=eth0,bridge=br0,hwaddr=06:00:00:00:00:01,type=veth");
	expect_net(&built_in, "hwaddr=06:00:00:00:00:01,name=eth0",
		   "name=eth0,hwaddr=06:00:00:00:00:01,type=veth");
}

TEST("the settings are the defaults of a new container, behind its own options")
{
	static char zone[] = "UTC";
	const struct settings settings = { .timezone = zone, .onboot = 1 };
	auto_keyvals struct keyvals options = { 0 };
	auto_config struct config *plain = NULL, *own = NULL;
	struct error err;

	EXPECT_INT(config_compose(100, &options, &settings, &plain, NULL, &err), 0);
	EXPECT_TEXT(config_get(plain, "timezone"), "UTC");
	EXPECT_TEXT(config_get(plain, "onboot"), "1");
	EXPECT(config_get(plain, "unprivileged") == NULL);
	keyvals_set(&options, "onboot", "0");
	keyvals_set(&options, "timezone", "host");
	keyvals_set(&options, "unprivileged", "1");
	EXPECT_INT(config_compose(100, &options, &settings, &own, NULL, &err), 0);
	EXPECT_TEXT(config_get(own, "timezone"), "host");
	EXPECT_TEXT(config_get(own, "onboot"), "0");
	EXPECT_TEXT(config_get(own, "unprivileged"), "1");
}

TEST("a MAC address that the user gives is kept as typed")
{
	auto_keyvals struct keyvals options = { 0 };
	auto_config struct config *config = NULL;
	struct error err;

	keyvals_set(&options, "net0", "name=eth0,bridge=br0,hwaddr=bc:24:11:00:00:01");
	EXPECT_INT(compose(&options, &config, NULL, &err), 0);
	EXPECT_TEXT(config_get(config, "net0"),
		    "name=eth0,bridge=br0,hwaddr=bc:24:11:00:00:01,type=veth");
}

TEST("tags are lower-case, unique, sorted; name servers are separated by blanks")
{
	auto_keyvals struct keyvals options = { 0 };
	auto_config struct config *config = NULL;
	struct error err;

	keyvals_set(&options, "tags", "web;Prod,web db");
	keyvals_set(&options, "nameserver", "192.0.2.1,192.0.2.2");
	EXPECT_INT(compose(&options, &config, NULL, &err), 0);
	EXPECT_TEXT(config_get(config, "tags"), "db;prod;web");
	EXPECT_TEXT(config_get(config, "nameserver"), "192.0.2.1 192.0.2.2");
}

TEST("a container is unprivileged unless the command line says otherwise")
{
	auto_keyvals struct keyvals options = { 0 };
	auto_config struct config *config = NULL, *privileged = NULL;
	struct error err;

	EXPECT_INT(compose(&options, &config, NULL, &err), 0);
	EXPECT_TEXT(config_get(config, "unprivileged"), "1");
	keyvals_set(&options, "unprivileged", "0");
	EXPECT_INT(compose(&options, &privileged, NULL, &err), 0);
	EXPECT_TEXT(config_get(privileged, "unprivileged"), NULL);
}

TEST("an unused volume cannot be given at create, which is told")
{
	auto_keyvals struct keyvals options = { 0 };
	auto_config struct config *config = NULL;
	auto_notes struct notes notes = { 0 };
	struct error err;

	keyvals_set(&options, "unused0", "local:100/vm-100-disk-9.raw");
	EXPECT_INT(compose(&options, &config, &notes, &err), 0);
	EXPECT_TEXT(config_get(config, "unused0"), NULL);
	EXPECT_INT(notes.count, 1);
	EXPECT_TEXT(notes.text[0], "ignoring option 'unused0'");
}

TEST("a weight is stored as this host will have it in force")
{
	auto_keyvals struct keyvals options = { 0 };
	auto_config struct config *config = NULL;
	bool v2 = cgroup_layout() == CGROUP_V2;
	struct error err;

	keyvals_set(&options, "cpuunits", "0");
	EXPECT_INT(compose(&options, &config, NULL, &err), 0);
	EXPECT_TEXT(config_get(config, "cpuunits"), v2 ? "1" : "2");
}
