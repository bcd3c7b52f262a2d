#include "ct/apply.h"

#include <string.h>

#include "configs.h"
#include "ct/pending.h"

/* A host that writes down what it is asked for. Values with "bad" in them fail. */
struct fake {
	struct strbuf log;
};

static int refuse_bad(const char *text, struct error *err)
{
	return text && strstr(text, "bad") ? fail(err, 0, "no") : 0;
}

static int resolve(void *arg, const char *key, const char *value, struct strbuf *stored,
		   struct error *err)
{
	struct fake *fake = arg;

	if (refuse_bad(value, err) < 0)
		return -1;
	if (strcmp(value, "aa:8,mp=/x") == 0) {
		strbuf_addf(&fake->log, "make %s;", key);
		strbuf_adds(stored, "aa:new,mp=/x,size=8G");
	} else {
		strbuf_adds(stored, value);
	}
	return 0;
}

static int release(void *arg, const char *key, const char *volume, struct error *err)
{
	struct fake *fake = arg;

	strbuf_addf(&fake->log, "free %s %s;", key, volume);
	return refuse_bad(volume, err);
}

static int plug(void *arg, const char *key, const char *value, struct error *err)
{
	struct fake *fake = arg;

	strbuf_addf(&fake->log, "mount %s %s;", key, value);
	return value && strstr(value, "busy") ? fail(err, 0, "no") : 0;
}

static int give(void *arg, const char *key, const char *value, struct error *err)
{
	struct fake *fake = arg;

	strbuf_addf(&fake->log, "give %s %s;", key, value);
	return refuse_bad(value, err);
}

/* mp7 is in use. */
static int unplug(void *arg, const char *key, struct error *err)
{
	struct fake *fake = arg;

	strbuf_addf(&fake->log, "unmount %s;", key);
	if (strcmp(key, "mp6") == 0)
		return fail(err, 0, "no");
	return strcmp(key, "mp7") == 0;
}

/* With "mtu" in it that waits. */
static int change_net(void *arg, const char *key, const char *value, struct strbuf *now,
		      struct error *err)
{
	struct fake *fake = arg;

	strbuf_addf(&fake->log, "net %s %s;", key, value ? value : "-");
	if (value && strstr(value, "broken"))
		return fail(err, 0, "no");
	if (value)
		strbuf_adds(now, strstr(value, ",mtu") ? "name=now" : value);
	return 0;
}

static int memory(void *arg, long long memory_mib, long long swap_mib, struct error *err)
{
	struct fake *fake = arg;

	strbuf_addf(&fake->log, "memory %lld %lld;", memory_mib, swap_mib);
	return memory_mib == 666 ? fail(err, 0, "no") : 0;
}

static int limit(void *arg, const char *key, const char *value, struct error *err)
{
	struct fake *fake = arg;

	strbuf_addf(&fake->log, "%s %s;", key, value ? value : "-");
	return refuse_bad(value, err);
}

/* Apply to the text; what is said and done comes back as "log|problems". */
static struct config *apply(const char *text, const char *only, bool running,
			    struct strbuf *told)
{
	struct fake fake = { .log = STRBUF_INIT };
	const struct apply_host host = { .resolve = resolve,
					 .release = release,
					 .mount = plug,
					 .unmount = unplug,
					 .device = give,
					 .net = change_net,
					 .memory = memory,
					 .limit = limit,
					 .arg = &fake };
	struct config *config = config_of(text);
	auto_problems struct problems problems = { 0 };
	auto_keyvals struct keyvals keys = { 0 };
	struct slice list = slice(only), word;

	while (slice_word(&list, &word)) {
		auto_free char *key = slice_dup(word);

		keyvals_set(&keys, key, "");
	}
	if (running)
		apply_running(config, only ? &keys : NULL, &host, &problems);
	else
		apply_stopped(config, only ? &keys : NULL, &host, &problems);
	strbuf_adds(told, fake.log.at);
	strbuf_addc(told, '|');
	problems_format(&problems, told);
	strbuf_done(&fake.log);
	return config;
}

static void expect_apply(const char *text, const char *only, bool running,
			 const char *after, const char *told, const char *file, int line)
{
	auto_strbuf struct strbuf said = STRBUF_INIT;
	auto_config struct config *config = apply(text, only, running, &said);

	expect_config(config, after, file, line);
	test_expect_text(said.at, told, file, line);
}
#define EXPECT_STOPPED(text, only, after, told) \
	expect_apply(text, only, false, after, told, __FILE__, __LINE__)
#define EXPECT_RUNNING(text, only, after, told) \
	expect_apply(text, only, true, after, told, __FILE__, __LINE__)

TEST("everything that is pending comes into effect in a stopped container")
{
	EXPECT_STOPPED("#old\nmemory: 64\nswap: 1\n\n[pve:pending]\n#new\ndelete: swap\n"
		       "memory: 128\ntty: 1\nlxc.environment.runtime: A=1\n",
		       NULL, "#new\nmemory: 128\ntty: 1\nlxc.environment.runtime: A=1\n",
		       "|");
}

TEST("only the keys of the call come into effect, older ones go on waiting")
{
	EXPECT_STOPPED("memory: 64\nswap: 1\n\n[pve:pending]\ndelete: arch,swap\n"
		       "memory: 128\ntty: 1\n",
		       "memory,swap",
		       "memory: 128\n\n[pve:pending]\ndelete: arch\ntty: 1\n", "|");
}

TEST("a new volume is made, the one that it replaces is kept as unused")
{
	EXPECT_STOPPED("mp0: aa:old,mp=/x\n\n[pve:pending]\nmp0: aa:8,mp=/x\n", NULL,
		       "mp0: aa:new,mp=/x,size=8G\nunused0: aa:old\n", "make mp0;|");
}

TEST("other options for the same volume leave nothing unused")
{
	EXPECT_STOPPED("mp0: aa:old,mp=/x\n\n[pve:pending]\nmp0: aa:old,mp=/y,ro=1\n", NULL,
		       "mp0: aa:old,mp=/y,ro=1\n", "|");
}

TEST("the root file system is only copied")
{
	EXPECT_STOPPED("rootfs: aa:old\n\n[pve:pending]\nrootfs: aa:other\n", NULL,
		       "rootfs: aa:other\n", "|");
}

TEST("a deleted mount point leaves its volume unused, before anything is set")
{
	EXPECT_STOPPED("mp0: aa:old,mp=/x\n\n[pve:pending]\ndelete: mp0\n"
		       "mp1: aa:8,mp=/x\n",
		       NULL, "mp1: aa:new,mp=/x,size=8G\nunused0: aa:old\n", "make mp1;|");
}

TEST("what fails stays pending, the rest comes into effect")
{
	EXPECT_STOPPED("memory: 64\nunused1: aa:bad1\n\n[pve:pending]\ndelete: unused1\n"
		       "mp0: aa:bad2,mp=/x\nmp1: /srv,mp=/y\n",
		       NULL,
		       "memory: 64\nmp1: /srv,mp=/y\nunused1: aa:bad1\n\n[pve:pending]\n"
		       "delete: unused1\nmp0: aa:bad2,mp=/x\n",
		       "free unused1 aa:bad1;|"
		       "mp0: unable to apply pending change mp0 : no\n"
		       "unused1: unable to apply pending change unused1 : no\n");
}

TEST("a volume is freed only with the last entry that has it")
{
	EXPECT_STOPPED(
		"unused0: aa:one\nunused1: aa:one\nunused2: aa:two\n\n"
		"[pve:pending]\ndelete: unused0,unused2\n\n[snap]\nmp0: aa:two,mp=/x\n",
		NULL, "unused1: aa:one\n\n[snap]\nmp0: aa:two,mp=/x\n", "|");
	EXPECT_STOPPED("unused0: aa:one\n\n[pve:pending]\ndelete: unused0\n", NULL, "",
		       "free unused0 aa:one;|");
}

TEST("a running container takes memory and swap in one step")
{
	EXPECT_RUNNING("memory: 64\nswap: 1\n\n[pve:pending]\nmemory: 128\nswap: 2\n",
		       "memory,swap", "memory: 128\nswap: 2\n", "memory 128 2;|");
	EXPECT_RUNNING("memory: 64\nswap: 1\n\n[pve:pending]\nmemory: 128\nswap: 2\n",
		       "swap", "memory: 64\nswap: 2\n\n[pve:pending]\nmemory: 128\n",
		       "memory -1 2;|");
	EXPECT_RUNNING("memory: 64\nswap: 1\n\n[pve:pending]\ndelete: swap\n", "swap",
		       "memory: 64\n", "memory -1 0;|");
}

TEST("limits of CPU time and weight are set and taken back live")
{
	EXPECT_RUNNING("cpulimit: 1\n\n[pve:pending]\ncpulimit: 0.5\ncpuunits: 9\n",
		       "cpulimit,cpuunits", "cpulimit: 0.5\ncpuunits: 9\n",
		       "cpulimit 0.5;cpuunits 9;|");
	EXPECT_RUNNING("cpulimit: 1\ncpuunits: 9\n\n[pve:pending]\n"
		       "delete: cpulimit,cpuunits\n",
		       "cpulimit,cpuunits", "", "cpulimit -;cpuunits -;|");
}

TEST("keys that are only configuration change at once, first of all")
{
	EXPECT_RUNNING("memory: 64\nonboot: 1\n\n[pve:pending]\n#note\ncores: 2\n"
		       "delete: onboot\nhostname: x\nmemory: 128\ntags: a\n",
		       "cores,description,hostname,memory,onboot,tags",
		       "#note\ncores: 2\nhostname: x\nmemory: 128\ntags: a\n",
		       "cores 2;memory 128 -1;|");
}

TEST("everything else waits for the next start, and nothing is said")
{
	EXPECT_RUNNING("arch: amd64\nmp0: /srv,mp=/x\n\n[pve:pending]\ndelete: arch,mp0\n"
		       "mp1: aa:8,mp=/x\ntty: 1\n",
		       "arch,tty",
		       "arch: amd64\nmp0: /srv,mp=/x\n\n[pve:pending]\n"
		       "delete: arch,mp0\nmp1: aa:8,mp=/x\ntty: 1\n",
		       "|");
}

TEST("a new mount point is made and mounted live, with its value as it is stored")
{
	EXPECT_RUNNING("arch: amd64\n\n[pve:pending]\nmp1: aa:8,mp=/x\n", "mp1",
		       "arch: amd64\nmp1: aa:new,mp=/x,size=8G\n",
		       "make mp1;mount mp1 aa:new,mp=/x,size=8G;|");
}

TEST("a mount point that is there already waits with its new value")
{
	EXPECT_RUNNING("mp0: /srv,mp=/x\n\n[pve:pending]\nmp0: aa:8,mp=/x\n"
		       "rootfs: aa:other\n",
		       "mp0,rootfs",
		       "mp0: /srv,mp=/x\n\n[pve:pending]\nmp0: aa:8,mp=/x\n"
		       "rootfs: aa:other\n",
		       "|");
}

TEST("a new device is given live, one that is there already stays until the next start")
{
	EXPECT_RUNNING("dev0: /dev/a\ndev3: /dev/d\n\n[pve:pending]\ndelete: dev3\n"
		       "dev0: /dev/b\ndev1: /dev/c\ndev2: /dev/bad\n",
		       NULL,
		       "dev0: /dev/a\ndev1: /dev/c\ndev3: /dev/d\n\n[pve:pending]\n"
		       "delete: dev3\ndev0: /dev/b\ndev2: /dev/bad\n",
		       "give dev1 /dev/c;give dev2 /dev/bad;|"
		       "dev2: unable to hotplug dev2: no\n");
}

TEST("mount points that are deleted are taken out, the last one first")
{
	EXPECT_RUNNING("mp0: aa:one,mp=/x\nmp10: /srv,mp=/y\nmp9: aa:two,mp=/z\n\n"
		       "[pve:pending]\ndelete: mp0,mp10,mp9\n",
		       "mp0,mp10,mp9", "unused0: aa:two\nunused1: aa:one\n",
		       "unmount mp10;unmount mp9;unmount mp0;|");
}

TEST("one that is in use waits for the stop, and one that fails is told")
{
	EXPECT_RUNNING("mp6: aa:one,mp=/x\nmp7: aa:two,mp=/y\n\n"
		       "[pve:pending]\ndelete: mp6,mp7\n",
		       "mp6,mp7",
		       "mp6: aa:one,mp=/x\nmp7: aa:two,mp=/y\n\n"
		       "[pve:pending]\ndelete: mp6,mp7\n",
		       "unmount mp7;unmount mp6;|mp6: unable to hotplug mp6: no\n");
}

TEST("a mount point that cannot be mounted live stays pending, later ones are mounted")
{
	EXPECT_RUNNING("[pve:pending]\nmp0: /busy,mp=/x\nmp1: /srv,mp=/y\n", "mp0,mp1",
		       "mp1: /srv,mp=/y\n\n[pve:pending]\nmp0: /busy,mp=/x\n",
		       "mount mp0 /busy,mp=/x;mount mp1 /srv,mp=/y;|"
		       "mp0: unable to hotplug mp0: no\n");
}

TEST("interfaces come, change and go live; one that fails stays pending")
{
	EXPECT_RUNNING(
		"net0: name=old\n\n[pve:pending]\nnet0: name=new\nnet1: name=other\n",
		"net0,net1", "net0: name=new\nnet1: name=other\n",
		"net net0 name=new;net net1 name=other;|");
	EXPECT_RUNNING(
		"net0: name=old\nnet12: name=b\n\n[pve:pending]\ndelete: net0,net12\n",
		"net0,net12", "", "net net0 -;net net12 -;|");
	EXPECT_RUNNING("net0: name=old\n\n[pve:pending]\nnet0: name=broken\n", "net0",
		       "net0: name=old\n\n[pve:pending]\nnet0: name=broken\n",
		       "net net0 name=broken;|net0: unable to hotplug net0: no\n");
}

TEST("what of an interface has to wait keeps its whole new value pending")
{
	EXPECT_RUNNING("net0: name=old\n\n[pve:pending]\nnet0: name=new,mtu=9\n", "net0",
		       "net0: name=now\n\n[pve:pending]\nnet0: name=new,mtu=9\n",
		       "net net0 name=new,mtu=9;|");
}

TEST("an unused volume of a running container is freed at once")
{
	EXPECT_RUNNING("unused0: aa:one\n\n[pve:pending]\ndelete: unused0\n", "unused0", "",
		       "free unused0 aa:one;|");
}

TEST("a live change that fails is told with its key, and stays pending")
{
	EXPECT_RUNNING("memory: 64\n\n[pve:pending]\ncpuunits: bad\nmemory: 666\n",
		       "memory,cpuunits",
		       "memory: 64\n\n[pve:pending]\ncpuunits: bad\nmemory: 666\n",
		       "cpuunits bad;memory 666 -1;|"
		       "cpuunits: unable to hotplug cpuunits: no\n"
		       "memory: unable to hotplug memory: no\n");
}

/* Whether a new value of the key is in effect at once while the container runs. */
static bool is_taken(const char *key)
{
	auto_config struct config *config = config_of("arch: amd64\n"), *after = NULL;
	auto_strbuf struct strbuf text = STRBUF_INIT, told = STRBUF_INIT;
	struct error err = { 0 };

	section_put(&config->pending, key, "1");
	EXPECT(config_format(config, &text, &err) == 0);
	after = apply(text.at, NULL, true, &told);
	return pending_is_empty(after);
}

TEST("a running container takes at once exactly what the rows say")
{
	for (const struct prop *row = container_props; row->name; row++) {
		auto_free char *key = xasprintf(row->count ? "%s0" : "%s", row->name);
		bool at_once = row->flags & (PROP_LIVE | PROP_LIVE_NEW | PROP_NOW);

		if (row->flags & (PROP_CREATE_ONLY | PROP_INTERNAL))
			continue;
		EXPECT_TEXT(is_taken(key) ? key : "", at_once ? key : "");
	}
}
