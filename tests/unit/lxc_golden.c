/*
 * tests/golden/lxc/<case>/: guest.conf and facts in; expected.lxc and, if there is one,
 * expected.seccomp and expected.notes out. The case's name starts with the container's
 * id. With GOLDEN=write in the environment the expected files are written anew.
 */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <lxc/lxccontainer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "lxc/generate.h"
#include "lxc/host.h"

#define CASES "tests/golden/lxc"

struct facts {
	struct lxc_host host;
	unsigned cpus[64], mtu[32], picks[64];
	size_t pick_count, pick_next;
	struct host_device devices[256];
	struct strbuf seccomp;
};

static struct facts *current;

static unsigned scripted_pick(unsigned below)
{
	if (current->pick_next >= current->pick_count)
		return 0;
	return current->picks[current->pick_next++] % below;
}

static bool in_tree(const char *name)
{
	auto_free char *path = xasprintf("conf/lxc/%s", name);

	return path_exists(path);
}

static struct lxc_host default_host(void)
{
	return (struct lxc_host){
		.layout = CGROUP_V2,
		.memory = true,
		.memsw = true,
		.cpu = true,
		.cpuset = true,
		.devices = true,
		.lxc_major = 6,
		.has_cgroup1_keys = true,
		.has_apparmor_keys = true,
		.apparmor_parser_4 = true,
		.kernel_has_notify = true,
		.kernel = "6.1.0",
		.cgroup_suffix = "",
		.lxc_dir = "/var/lib/lxc",
		.include_dir = "/usr/share/pct/lxc",
		.hook = "/usr/libexec/pct/pct-hook",
		.pick = scripted_pick,
		.include_exists = in_tree,
	};
}

struct flag {
	const char *name;
	bool *value;
};

static void set_flag(struct facts *facts, const char *name, bool value)
{
	struct lxc_host *h = &facts->host;
	const struct flag flags[] = {
		{ "memory", &h->memory },
		{ "memsw", &h->memsw },
		{ "cpu", &h->cpu },
		{ "cpuset", &h->cpuset },
		{ "devices", &h->devices },
		{ "cgroup1-keys", &h->has_cgroup1_keys },
		{ "apparmor-keys", &h->has_apparmor_keys },
		{ "runtime-env", &h->has_runtime_env },
		{ "parser-4", &h->apparmor_parser_4 },
		{ "notify", &h->kernel_has_notify },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (strcmp(name, flags[i].name) == 0)
			*flags[i].value = value;
}

static void take_fact(struct facts *facts, const char *line)
{
	unsigned a = 0, b = 0, c = 0;
	char word[32], type;

	if (strcmp(line, "layout hybrid") == 0)
		facts->host.layout = CGROUP_HYBRID;
	else if (strcmp(line, "snippets") == 0)
		facts->host.common_snippets = facts->host.userns_snippets =
			"/etc/lxc/snippets";
	else if (strcmp(line, "daemon") == 0)
		facts->host.notify_socket = "/run/pve-lxc-syscalld/socket";
	else if (strcmp(line, "suffix") == 0)
		facts->host.cgroup_suffix = ".0123abcd";
	else if (sscanf(line, "lxc %u", &a) == 1)
		facts->host.lxc_major = (int)a;
	else if (sscanf(line, "bridge %u mtu %u", &a, &b) == 2)
		facts->mtu[a] = b;
	else if (sscanf(line, "pick %u", &a) == 1)
		facts->picks[facts->pick_count++] = a;
	else if (sscanf(line, "cpu %u", &a) == 1)
		facts->cpus[facts->host.cpu_count++] = a;
	else if (sscanf(line, "device %u %c %u %u", &a, &type, &b, &c) == 4)
		facts->devices[a] = (struct host_device){ type == '!' ? 1 : type, b, c };
	else if (sscanf(line, "no %31s", word) == 1)
		set_flag(facts, word, false);
	else if (sscanf(line, "has %31s", word) == 1)
		set_flag(facts, word, true);
	else
		test_expect_text(line, "a fact", __FILE__, __LINE__);
}

static void load_text(const char *name, const char *file, struct strbuf *out)
{
	auto_free char *path = xasprintf(CASES "/%s/%s", name, file);
	struct error ignored;

	read_file(AT_FDCWD, path, 1024 * 1024, out, &ignored);
}

static void load_facts(const char *name, struct facts *facts)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, line;
	struct error err;

	*facts = (struct facts){ .host = default_host(), .seccomp = STRBUF_INIT };
	EXPECT(read_file(AT_FDCWD, "conf/lxc/common.seccomp", 65536, &facts->seccomp,
			 &err) == 0);
	load_text(name, "facts", &text);
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line)) {
		auto_free char *fact = slice_dup(line);

		take_fact(facts, fact);
	}
	facts->host.cpus = facts->cpus;
	facts->host.bridge_mtu = facts->mtu;
	facts->host.devices_of = facts->devices;
	facts->host.common_seccomp = facts->seccomp.at;
	current = facts;
}

static void compare(const char *name, const char *file, const char *got)
{
	auto_free char *path = xasprintf(CASES "/%s/%s", name, file);
	auto_strbuf struct strbuf want = STRBUF_INIT;
	struct error err;

	if (getenv("GOLDEN")) {
		if (got[0])
			EXPECT(save_path(path, slice(got), 0644, &err) == 0);
		else
			unlink(path);
		return;
	}
	load_text(name, file, &want);
	if (strcmp(got, want.at) != 0)
		printf("# %s/%s\n", name, file);
	EXPECT_TEXT(got, want.at);
}

/* What generating gives: the texts, or the error as text of "lxc". */
struct result {
	struct strbuf lxc, seccomp, notes;
};

static void generate(const char *name, struct facts *facts, struct result *result)
{
	auto_strbuf struct strbuf conf = STRBUF_INIT;
	auto_config struct config *config = NULL;
	auto_notes struct notes notes = { 0 };
	struct error err;

	load_text(name, "guest.conf", &conf);
	config = config_parse(strbuf_slice(&conf), (unsigned)atoi(name), NULL);
	if (lxc_generate(config, &facts->host, &result->lxc, &result->seccomp, &notes,
			 &err) < 0)
		strbuf_addf(&result->lxc, "error: %s\n", err.text);
	for (size_t i = 0; i < notes.count; i++)
		strbuf_addf(&result->notes, "%s\n", notes.text[i]);
}

static void result_done(struct result *result)
{
	strbuf_done(&result->lxc);
	strbuf_done(&result->seccomp);
	strbuf_done(&result->notes);
}

static void each_case(void (*check)(const char *name))
{
	auto_dir DIR *dir = opendir(CASES);
	struct dirent *entry;
	unsigned count = 0;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			check(entry->d_name);
			count++;
		}
	EXPECT(count > 20);
}

static void check_text(const char *name)
{
	struct result result = { STRBUF_INIT, STRBUF_INIT, STRBUF_INIT };
	struct facts facts;

	load_facts(name, &facts);
	generate(name, &facts, &result);
	compare(name, "expected.lxc", result.lxc.at);
	compare(name, "expected.seccomp", result.seccomp.at);
	compare(name, "expected.notes", result.notes.at);
	result_done(&result);
	strbuf_done(&facts.seccomp);
}

TEST("the generated configuration of every golden case is as expected, line by line")
{
	each_case(check_text);
}

/* The installed LXC may be older or newer than the one of the case. */
static bool is_loadable(const struct facts *facts)
{
	return (!facts->host.has_cgroup1_keys ||
		lxc_config_item_is_supported("lxc.cgroup")) &&
	       (!facts->host.has_runtime_env ||
		lxc_config_item_is_supported("lxc.environment.runtime"));
}

static void check_load(const char *name)
{
	auto_free char *dir = xasprintf("%s/var/lib/lxc", test_dir());
	auto_free char *file = xasprintf("%s/config", test_dir());
	auto_free char *includes = realpath("conf/lxc", NULL);
	struct result result = { STRBUF_INIT, STRBUF_INIT, STRBUF_INIT };
	struct lxc_container *c = lxc_container_new("100", dir);
	struct facts facts;
	struct error err;

	load_facts(name, &facts);
	facts.host.include_dir = includes;
	facts.host.common_snippets = facts.host.userns_snippets = NULL;
	generate(name, &facts, &result);
	if (!slice_starts(strbuf_slice(&result.lxc), "error: ") && is_loadable(&facts)) {
		EXPECT(save_path(file, strbuf_slice(&result.lxc), 0644, &err) == 0);
		if (!c || !c->load_config(c, file))
			test_expect_text(name, "loads", __FILE__, __LINE__);
	}
	if (c)
		lxc_container_put(c);
	result_done(&result);
	strbuf_done(&facts.seccomp);
}

TEST("the installed LXC loads every golden configuration")
{
	struct error err;

	each_case(check_load);
	/* What liblxc leaves of the container "100" of this test. */
	EXPECT(path_set_root(test_dir(), &err) == 0);
	if (lxc_config_remove(100, &err) < 0)
		test_expect_text(err.text, "no error", __FILE__, __LINE__);
}
