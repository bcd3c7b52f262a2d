#include <stdio.h>

#include "config/config.h"
#include "config/section.h"
#include "test.h"

/* Random configs from a fixed seed, so that a failure can be repeated. */
static unsigned seed;

static unsigned pick(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

/* Text without line breaks; not of blanks at its ends, which reading takes away. */
static void add_value(struct strbuf *out)
{
	static const char *const parts[] = { "a",  "512", "=",      ",",        "%41",
					     "#",  "[x]", "name=e", "\xc3\xa9", ":",
					     " b", ";",   "\xff",   "yes",      "0",
					     "/",  "\tc", "local:1" };

	strbuf_addc(out, (char)('a' + pick(26)));
	for (unsigned i = pick(6); i > 0; i--)
		strbuf_adds(out, parts[pick(sizeof(parts) / sizeof(parts[0]))]);
}

static void add_key(struct strbuf *out)
{
	static const char *const keys[] = {
		"hostname", "tags", "mykey",  "startup", "net0",
		"mp1",      "mp10", "rootfs", "k_y9",    "arch"
	};

	strbuf_adds(out, keys[pick(sizeof(keys) / sizeof(keys[0]))]);
}

static void add_notes(struct strbuf *out)
{
	for (unsigned i = pick(8); i > 0; i--)
		strbuf_addc(out, (char)(1 + pick(255)));
	strbuf_adds(out, "x\n");
}

static void fill_section(struct section *section, bool is_snapshot)
{
	static const char *const raw[] = { "lxc.cap.drop", "lxc.mount.entry", "lxc.utsname",
					   "lxc.cgroup2.memory.max", "lxc.net.0.type" };

	for (unsigned i = pick(12); i > 0; i--) {
		auto_strbuf struct strbuf key = STRBUF_INIT, value = STRBUF_INIT;

		add_key(&key);
		add_value(&value);
		keyvals_set(&section->keys, key.at, value.at);
	}
	if (pick(3) == 0) {
		struct strbuf text = STRBUF_INIT;

		add_notes(&text);
		section->description = strbuf_take(&text);
	}
	if (is_snapshot && pick(4) == 0)
		section->snapstate = slice_dup(slice(pick(2) ? "prepare" : "delete"));
	for (unsigned i = pick(4); i > 0; i--) {
		auto_strbuf struct strbuf value = STRBUF_INIT;

		if (pick(5))
			add_value(&value);
		section_add_raw(section, slice(raw[pick(5)]), strbuf_slice(&value));
		section_add_env(section, strbuf_slice(&value));
	}
}

static struct config *random_config(void)
{
	static const char *const names[] = { "two-2", "Before", "one" };
	struct config *config = config_new(100);

	fill_section(&config->main, false);
	if (pick(2))
		fill_section(&config->pending, false);
	for (unsigned i = pick(4); i > 0; i--)
		fill_section(config_add_snapshot(config, slice(names[i - 1])), true);
	config_sort_snapshots(config);
	return config;
}

TEST("what is written reads back and is written the same, for 5000 random configs")
{
	for (seed = 0; seed < 5000;) {
		unsigned start = seed;
		auto_config struct config *config = random_config(), *again = NULL;
		auto_strbuf struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
		struct error err;

		EXPECT(config_format(config, &first, &err) == 0);
		again = config_parse(strbuf_slice(&first), 100, NULL);
		EXPECT(config_format(again, &second, &err) == 0);
		if (!slice_is(strbuf_slice(&first), second.at)) {
			printf("# seed %u\n", start);
			EXPECT_TEXT(second.at, first.at);
			return;
		}
		seed = start + 1;
	}
}
