#include "ct/restoreplan.h"

#include <string.h>

#include "configs.h"

/* What a backup and a command line, both as files, make of each other. */
static int merge(const char *archived, const char *options, struct restore_wish wish,
		 struct config **out, struct error *err)
{
	auto_config struct config *backup = archived ? config_of(archived) : NULL;
	auto_config struct config *given = config_of(options);
	const struct settings settings = { .mac_prefix = (char[]){ "BC:24:11" } };

	*err = (struct error){ 0 };
	wish.archived = backup;
	wish.options = given;
	wish.settings = &settings;
	return restore_merge(&wish, out, err);
}

static struct config *merged(const char *archived, const char *options,
			     struct restore_wish wish)
{
	struct config *config = NULL;
	struct error err;

	EXPECT_INT(merge(archived, options, wish, &config, &err), 0);
	EXPECT_TEXT(err.text, "");
	return config;
}

TEST("a restored container has what the backup has, but nothing about the old one itself")
{
	auto_config struct config *config = merged(
		"#notes\narch: amd64\ndev0: /dev/fuse\nhostname: www\nlock: backup\nmp0: "
		"aa:m,mp=/x\nonboot: 1\nparent: one\nrootfs: aa:r\ntags: a;b\ntemplate: "
		"1\nunprivileged: 1\nunused0: aa:u\nlxc.environment.runtime: A=1\nlxc.tty.max: "
		"3\n\n[pve:pending]\nmemory: 3\n\n[one]\nmemory: 4\n",
		"", (struct restore_wish){ 0 });

	EXPECT_CONFIG(config,
		      "#notes\narch: amd64\ndev0: /dev/fuse\nhostname: www\nonboot: 1\n"
		      "tags: a;b\nlxc.environment.runtime: A=1\nlxc.tty.max: 3\n");
}

TEST("what the command line says wins, and the rest of it is added")
{
	auto_config struct config *config =
		merged("#old\nhostname: www\nmemory: 64\n",
		       "#mine\nhostname: new\nswap: 8\n", (struct restore_wish){ 0 });

	EXPECT_CONFIG(config, "#mine\nhostname: new\nmemory: 64\nswap: 8\n");
}

TEST("whether it is privileged is the caller's word, not the archive's")
{
	auto_config struct config *lowered =
		merged("memory: 64\n", "", (struct restore_wish){ .unprivileged = 1 });
	auto_config struct config *raised =
		merged("memory: 64\nunprivileged: 1\n", "", (struct restore_wish){ 0 });

	EXPECT_CONFIG(lowered, "memory: 64\nunprivileged: 1\n");
	EXPECT_CONFIG(raised, "memory: 64\n");
}

TEST("with unique every archived interface gets a new address, even if one was given")
{
	auto_config struct config *config =
		merged("net0: name=eth0,bridge=br0,hwaddr=02:00:00:00:00:01,type=veth\n",
		       "net0: name=eth0,bridge=br9,hwaddr=02:00:00:00:00:02,type=veth\n"
		       "net1: name=eth1,bridge=br1,hwaddr=02:00:00:00:00:03,type=veth\n",
		       (struct restore_wish){ .unique = true });
	auto_config struct config *kept =
		merged("net0: name=eth0,bridge=br0,hwaddr=02:00:00:00:00:01,type=veth\n",
		       "", (struct restore_wish){ 0 });
	auto_net struct net first = { 0 }, second = { 0 };
	struct error err;

	EXPECT_INT(config_net(config, 0, &first, &err), 0);
	EXPECT_TEXT(first.bridge, "br0");
	EXPECT_INT(strncmp(first.hwaddr, "BC:24:11:", 9), 0);
	EXPECT_INT(config_net(config, 1, &second, &err), 0);
	EXPECT_TEXT(second.hwaddr, "02:00:00:00:00:03");
	EXPECT_CONFIG(kept,
		      "net0: name=eth0,bridge=br0,hwaddr=02:00:00:00:00:01,type=veth\n");
}

TEST("without an archived configuration there is what the command line says")
{
	auto_config struct config *config =
		merged(NULL, "memory: 64\n",
		       (struct restore_wish){ .unique = true, .unprivileged = 1 });

	EXPECT_CONFIG(config, "memory: 64\nunprivileged: 1\n");
}

TEST("keys that nobody knows are left out")
{
	auto_config struct config *config = merged("future: 1\nmemory: 64\nmp256: aa:m\n",
						   "", (struct restore_wish){ 0 });

	EXPECT_CONFIG(config, "memory: 64\n");
}

TEST("control characters in any value are refused, unless the command line replaces it")
{
	static const struct {
		const char *line, *text;
	} cases[] = {
		{ "hostname: a\x1b[2Jb\n", "hostname: control character in the value" },
		{ "searchdomain: a\x01.b\n",
		  "searchdomain: control character in the value" },
		{ "nameserver: 192.0.2.1\x7f\n",
		  "nameserver: control character in the value" },
		{ "net0: name=e\rth0,bridge=br0\n",
		  "net0: control character in the value" },
		{ "lxc.uts.name: a\x0b"
		  "b\n",
		  "lxc.uts.name: control character in the value" },
		{ "lxc.environment.runtime: A=\x08\n",
		  "env: control character in the value" },
	};
	auto_config struct config *replaced =
		merged("hostname: a\x1b"
		       "b\n",
		       "hostname: good\n", (struct restore_wish){ 0 });
	auto_config struct config *tab = merged("lxc.mount.entry: a\tb none bind 0 0\n", "",
						(struct restore_wish){ 0 });

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct config *config = NULL;
		struct error err;

		EXPECT_INT(
			merge(cases[i].line, "", (struct restore_wish){ 0 }, &config, &err),
			-1);
		EXPECT_TEXT(err.text, cases[i].text);
		EXPECT(config == NULL);
	}
	EXPECT_CONFIG(replaced, "hostname: good\n");
	EXPECT_CONFIG(tab, "lxc.mount.entry: a\tb none bind 0 0\n");
}

/* ---- volumes ---- */

struct planned {
	struct allocation volumes;
	struct keyvals later;
	struct notes notes;
	struct error err;
};

static int plan(const char *text, struct planned *out)
{
	auto_config struct config *config = config_of(text);

	*out = (struct planned){ 0 };
	return restore_volumes(config, "fast", &out->volumes, &out->later, &out->notes,
			       &out->err);
}

static void planned_done(struct planned *planned)
{
	allocation_done(&planned->volumes);
	keyvals_done(&planned->later);
	notes_done(&planned->notes);
}
#define auto_planned __attribute__((cleanup(planned_done)))

TEST("volumes are made anew in their order, with their sizes in whole MiB")
{
	auto_planned struct planned planned;

	EXPECT_INT(plan("mp10: aa:c,mp=/c,backup=1,size=0T\nmp2: aa:b,mp=/b,ro=1,size=3K\n"
			"rootfs: aa:a,acl=1,size=1572865K\n",
			&planned),
		   0);
	EXPECT_INT(planned.volumes.count, 3);
	EXPECT_TEXT(planned.volumes.at[0].key, "rootfs");
	EXPECT_TEXT(planned.volumes.at[0].storage, "fast");
	EXPECT_INT(planned.volumes.at[0].size_kib, 1536 * 1024);
	EXPECT_TEXT(planned.volumes.at[1].key, "mp2");
	EXPECT_INT(planned.volumes.at[1].size_kib, 0);
	EXPECT_TEXT(planned.volumes.at[1].value, "aa:b,mp=/b,ro=1,size=3K");
	EXPECT_TEXT(planned.volumes.at[2].key, "mp10");
	EXPECT_INT(planned.volumes.at[2].size_kib, 0);
	EXPECT_INT(planned.later.count, 0);
}

TEST("directories and devices of the host wait, and a warning tells of those in the backup")
{
	auto_planned struct planned planned;

	EXPECT_INT(plan("mp0: /srv,mp=/srv,backup=1\nmp1: /dev/sdz,mp=/d\nrootfs: "
			"aa:a,size=1G\n",
			&planned),
		   0);
	EXPECT_INT(planned.volumes.count, 1);
	EXPECT_TEXT(keyvals_get(&planned.later, "mp0"), "/srv,mp=/srv,backup=1");
	EXPECT_TEXT(keyvals_get(&planned.later, "mp1"), "/dev/sdz,mp=/d");
	EXPECT_INT(planned.notes.count, 1);
	EXPECT_TEXT(planned.notes.text[0],
		    "mp0 ('/srv') is '/srv' of the host but was in the backup: its files "
		    "land in a directory of another volume");
}

TEST("a volume without size, a rootfs of the host, and none at all are errors")
{
	static const struct {
		const char *config, *text;
	} cases[] = {
		{ "rootfs: aa:a\n",
		  "unable to detect disk size - please specify rootfs (size)" },
		{ "mp3: aa:b,mp=/b\nrootfs: aa:a,size=1G\n",
		  "unable to detect disk size - please specify mp3 (size)" },
		{ "memory: 64\n",
		  "unable to detect disk size - please specify rootfs (size)" },
		{ "rootfs: /srv,size=1G\n",
		  "the rootfs of the backup is '/srv' of the host: please specify rootfs" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_planned struct planned planned;

		EXPECT_INT(plan(cases[i].config, &planned), -1);
		EXPECT_TEXT(planned.err.text, cases[i].text);
	}
}

TEST("what lets the archived configuration reach into the host is listed, not one's own")
{
	auto_config struct config *config = config_of(
		"dev0: /dev/fuse\ndev1: /dev/kvm\nhookscript: aa:snippets/x\nmemory: 64\n"
		"lxc.hook.start: /x\nlxc.tty.max: 3\n");
	auto_config struct config *options = config_of("dev1: /dev/kvm\n");
	auto_keyvals struct keyvals later = { 0 };
	auto_strbuf struct strbuf keys = STRBUF_INIT, none = STRBUF_INIT;

	keyvals_set(&later, "mp0", "/srv,mp=/srv");
	restore_host_keys(config, options, &later, &keys);
	EXPECT_TEXT(keys.at, "dev0, hookscript, mp0, lxc.hook.start");
	keyvals_unset(&later, "mp0");
	restore_host_keys(options, options, &later, &none);
	EXPECT_TEXT(none.at, "");
}
