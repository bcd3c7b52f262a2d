/* The environment and what the container's file says to LXC directly (runtime.md 2.11,
 * 2.15; ct-config.md 6). */
#include <string.h>

#include "base/own.h"
#include "config/raw.h"
#include "lxc/generator.h"

/* Keys that a container's file may hold and LXC has no more. */
static bool is_gone(struct slice key)
{
	return slice_is(key, "lxc.devtty.dir") || slice_is(key, "lxc.kmsg");
}

/* lxc.network.X belongs to the interface that the last lxc.network.type opened. */
char *raw_key_now(const char *key, int *net_index)
{
	static const char counted[] = ".INDEX.";
	auto_strbuf struct strbuf name = STRBUF_INIT;
	const char *place;

	if (is_gone(slice(key)))
		return NULL;
	if (strcmp(key, "lxc.network.type") == 0)
		++*net_index;
	raw_current_name(slice(key), &name);
	place = strstr(name.at, counted);
	if (!place)
		return strbuf_take(&name);
	if (*net_index < 0)
		return NULL;
	return xasprintf("%.*s.%d.%s", (int)(place - name.at), name.at, *net_index,
			 place + strlen(counted));
}

/* LXC 7 has no keys for v1 controllers, and an unknown key makes the file unusable. */
static bool is_known(const struct generator *g, const char *key)
{
	struct slice text = slice(key);

	if (slice_starts(text, "lxc.cgroup.") && !slice_starts(text, "lxc.cgroup.dir.") &&
	    !slice_is(text, "lxc.cgroup.relative"))
		return g->host->has_cgroup1_keys;
	if (slice_starts(text, "lxc.apparmor."))
		return g->host->has_apparmor_keys;
	return true;
}

void generate_raw(struct generator *g)
{
	const struct section *section = &g->config->main;
	int net_index = -1;

	for (size_t i = 0; i < section->raw_count; i++) {
		const struct raw_line *raw = &section->raw[i];
		auto_free char *key = raw_key_now(raw->key, &net_index);

		if (key && is_known(g, key))
			put(g, key, "%s", raw->value);
		else
			notes_add(g->notes,
				  "%s: the installed LXC has no such key: left out",
				  raw->key);
	}
}

/*
 * Without lxc.environment.runtime the variables also reach hooks that run as host
 * programs before the container is confined, so these may not be an image's choice.
 */
static bool steers_programs(struct slice name)
{
	static const char *const prefixes[] = { "LD_",    "LXC_",   "PCT_",    "BASH",
						"GCONV_", "GLIBC_", "MALLOC_", "PERL",
						"PYTHON", "RUBY",   "NIS_",    "RES_",
						"RESOLV_" };
	static const char *const names[] = { "PATH",         "ENV",         "IFS",
					     "SHELLOPTS",    "PS4",         "CDPATH",
					     "LOCPATH",      "NLSPATH",     "GETCONF_DIR",
					     "HOSTALIASES",  "LOCALDOMAIN", "TZDIR",
					     "TEXTDOMAINDIR" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (slice_starts(name, prefixes[i]))
			return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (slice_is(name, names[i]))
			return true;
	return false;
}

/*
 * Without any PATH init's program is looked for in /bin and /usr/bin alone, and images
 * have theirs in /usr/local/bin. The usual directories are nobody's choice: programs of
 * the host look there as well.
 */
#define USUAL_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void leave_out(struct generator *g, const char *item, struct slice name)
{
	bool is_path = slice_is(name, "PATH");

	if (is_path)
		put(g, "lxc.environment", "%s", USUAL_PATH);
	if (strcmp(item, USUAL_PATH) != 0)
		notes_add(g->notes,
			  "env: " SLICE_FMT " is left out%s: the installed LXC would "
			  "pass it to programs of the host",
			  SLICE_ARG(name), is_path ? " for the usual one" : "");
}

void generate_env(struct generator *g)
{
	const struct section *section = &g->config->main;

	for (size_t i = 0; i < section->env_count; i++) {
		struct slice value, name = slice_cut(slice(section->env[i]), '=', &value);

		if (g->host->has_runtime_env)
			put(g, "lxc.environment.runtime", "%s", section->env[i]);
		else if (!steers_programs(name))
			put(g, "lxc.environment", "%s", section->env[i]);
		else
			leave_out(g, section->env[i], name);
	}
}
