#include "ct/oci.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/own.h"

#define INIT "/sbin/init"

static bool is_plain(const char *word)
{
	for (const char *c = word; *c; c++)
		if (!is_alnum(*c) && !strchr("%+,-./:=@_", *c))
			return false;
	return word[0] != '\0';
}

void oci_quote(char *const *words, struct strbuf *out)
{
	for (size_t i = 0; words && words[i]; i++) {
		if (i > 0)
			strbuf_addc(out, ' ');
		if (is_plain(words[i])) {
			strbuf_adds(out, words[i]);
			continue;
		}
		strbuf_addc(out, '\'');
		for (const char *c = words[i]; *c; c++) {
			if (*c == '\'')
				strbuf_adds(out, "'\\''");
			else
				strbuf_addc(out, *c);
		}
		strbuf_addc(out, '\'');
	}
}

/* "RTMIN+3", "RTMAX-1": what stands between the two is there on every Linux. */
static bool is_realtime(struct slice name)
{
	uint64_t number;
	bool is_known = slice_starts(name, "RTMIN") || slice_starts(name, "RTMAX");
	const char *sign = slice_starts(name, "RTMIN") ? "+" : "-";
	struct slice rest = slice_from(name, strlen("RTMIN"));

	return is_known &&
	       (rest.len == 0 || (slice_starts(rest, sign) &&
				  slice_number(slice_from(rest, 1), 0, 30, &number)));
}

static bool is_signal(struct slice name)
{
	for (int sig = 1; sig < NSIG; sig++)
		if (sigabbrev_np(sig) && slice_is(name, sigabbrev_np(sig)))
			return true;
	return is_realtime(name);
}

bool oci_signal(const char *text, struct strbuf *out)
{
	auto_strbuf struct strbuf upper = STRBUF_INIT;
	struct slice name;
	uint64_t number;

	if (slice_number(slice(text), 1, NSIG - 1, &number)) {
		strbuf_addf(out, "%u", (unsigned)number);
		return true;
	}
	for (; *text; text++)
		strbuf_addc(&upper, is_letter(*text) ? (char)(*text & ~0x20) : *text);
	name = strbuf_slice(&upper);
	if (slice_starts(name, "SIG"))
		name = slice_from(name, 3);
	if (!is_signal(name))
		return false;
	strbuf_addf(out, "SIG" SLICE_FMT, SLICE_ARG(name));
	return true;
}

/* ---- entrypoint, and what comes with one of its own ---- */

static bool is_accepted(const char *key, const char *value)
{
	auto_problems struct problems problems = { 0 };

	return prop_check(prop_find(container_props, slice(key)), key, slice(value),
			  &problems, NULL) == 0;
}

static int set_entrypoint(const struct image *image, struct config *config,
			  struct error *err)
{
	auto_strbuf struct strbuf line = STRBUF_INIT;

	if (config_get(config, "entrypoint") || !image->command ||
	    strcmp(image->command[0], INIT) == 0)
		return 0;
	oci_quote(image->command, &line);
	if (!is_accepted("entrypoint", line.at))
		return fail(err, 0, "the image's command cannot be an entrypoint");
	config_set(config, "entrypoint", line.at);
	return 0;
}

/* Nothing in the guest configures its interfaces: the host shall. */
static int manage_net(struct config *config, unsigned index, struct strbuf *told,
		      struct notes *notes, struct error *err)
{
	auto_free char *key = xasprintf("net%u", index);
	auto_strbuf struct strbuf value = STRBUF_INIT;
	auto_net struct net net = { 0 };

	if (!config_get(config, key))
		return 0;
	if (config_net(config, index, &net, err) < 0)
		return -1;
	if (net.host_managed >= 0)
		return 0;
	if (net.ip6 && strcmp(net.ip6, "auto") == 0) {
		notes_add(notes,
			  "%s: host-managed is not enabled, as the host cannot do ip6=auto",
			  key);
		return 0;
	}
	if (group_with(slice(config_get(config, key)), net_props, "host-managed", "1",
		       &value, err) < 0)
		return -1;
	config_set(config, key, value.at);
	strbuf_addf(told, "Auto-Enabling host-managed network for network device %s.\n",
		    key);
	return 0;
}

static int set_surroundings(struct config *config, struct strbuf *told, struct notes *notes,
			    struct error *err)
{
	const char *entrypoint = config_get(config, "entrypoint");

	if (!entrypoint || strcmp(entrypoint, INIT) == 0)
		return 0;
	if (!config_get(config, "cmode"))
		config_set(config, "cmode", "console");
	for (unsigned i = 0; i < NET_COUNT; i++)
		if (manage_net(config, i, told, notes, err) < 0)
			return -1;
	return 0;
}

/* ---- the environment ---- */

static struct slice name_of(const char *item)
{
	struct slice rest;

	return slice_cut(slice(item), '=', &rest);
}

static bool is_given(const struct section *section, struct slice name)
{
	for (size_t i = 0; i < section->env_count; i++) {
		struct slice given = name_of(section->env[i]);

		if (given.len == name.len && memcmp(given.at, name.at, name.len) == 0)
			return true;
	}
	return false;
}

static void add_item(struct strbuf *list, const char *item)
{
	strbuf_addf(list, "%s%s", list->len ? "\n" : "", item);
}

/* The image's variables, then those that the user gave, which win. */
static void set_env(const struct image *image, struct config *config, struct notes *notes)
{
	auto_strbuf struct strbuf list = STRBUF_INIT;

	for (char **item = image->env; item && *item; item++) {
		struct slice name = name_of(*item);

		if (!is_accepted("env", *item))
			notes_add(notes,
				  "variable '" SLICE_FMT "' of the image is left out: "
				  "it is not of the form NAME=value",
				  SLICE_ARG(name));
		else if (!is_given(&config->main, name))
			add_item(&list, *item);
	}
	for (size_t i = 0; i < config->main.env_count; i++)
		add_item(&list, config->main.env[i]);
	if (list.len > 0)
		section_put(&config->main, "env", list.at);
}

/* ---- what only LXC has words for ---- */

static void add_number(struct config *config, const char *key, uint32_t number)
{
	auto_free char *text = xasprintf("%u", number);

	config_add_raw(config, key, text);
}

static void set_init(const struct image *image, const struct guest_user *user,
		     struct config *config, struct notes *notes)
{
	auto_strbuf struct strbuf halt = STRBUF_INIT;

	if (user->has_uid)
		add_number(config, "lxc.init.uid", user->uid);
	if (user->has_gid)
		add_number(config, "lxc.init.gid", user->gid);
	if (user->groups.len > 0)
		config_add_raw(config, "lxc.init.groups", user->groups.at);
	if (image->dir)
		config_add_raw(config, "lxc.init.cwd", image->dir);
	if (image->signal && !oci_signal(image->signal, &halt))
		notes_add(notes,
			  "the image's stop signal '%s' is not known: SIGTERM is used",
			  image->signal);
	config_add_raw(config, "lxc.signal.halt", halt.len > 0 ? halt.at : "SIGTERM");
}

int oci_configure(const struct image *image, const struct guest_user *user,
		  struct config *config, struct strbuf *told, struct notes *notes,
		  struct error *err)
{
	if (set_entrypoint(image, config, err) < 0 ||
	    set_surroundings(config, told, notes, err) < 0)
		return -1;
	set_env(image, config, notes);
	set_init(image, user, config, notes);
	return 0;
}

int oci_unpack(const struct unpack *unpack, struct config *config, struct error *err)
{
	auto_guest_user struct guest_user user = { .groups = STRBUF_INIT };
	auto_strbuf struct strbuf told = STRBUF_INIT;
	auto_image struct image image = { 0 };

	if (template_unpack_image(unpack, &image, err) < 0)
		return -1;
	if (image.user && guest_find_user(unpack->rootfd, unpack->map, image.user, &user,
					  unpack->notes, err) < 0)
		return -1;
	if (oci_configure(&image, &user, config, &told, unpack->notes, err) < 0)
		return -1;
	printf("%s", told.at);
	fflush(stdout);
	return 0;
}
