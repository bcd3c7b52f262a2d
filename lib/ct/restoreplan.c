#include "ct/restoreplan.h"

#include <string.h>

#include "base/own.h"
#include "config/snapshot.h"
#include "config/volid.h"
#include "ct/cloneplan.h"

#define MIB (UINT64_C(1024) * 1024)

/* ---- the merge ---- */

static bool is_taken(const char *key)
{
	return prop_find(container_props, slice(key)) && config_key_is_copied(key) &&
	       strcmp(key, "unprivileged") != 0;
}

/* A copy of the archived main section, without what is only true of that container. */
static struct config *take_archived(const struct config *archived)
{
	struct config *config = snapshot_view(archived, &archived->main);

	for (size_t i = archived->main.keys.count; i > 0; i--)
		if (!is_taken(archived->main.keys.at[i - 1].key))
			config_unset(config, archived->main.keys.at[i - 1].key);
	return config;
}

static void put_options(struct config *config, const struct config *options)
{
	auto_keyvals struct keyvals names = { 0 };

	section_names(&options->main, &names);
	for (size_t i = 0; i < names.count; i++) {
		auto_free char *value = section_get(&options->main, names.at[i].key);

		section_put(&config->main, names.at[i].key, value);
	}
}

/* The archived interfaces win over those of the command line here. */
static int renew_interfaces(const struct restore_wish *wish, struct config *config,
			    struct error *err)
{
	for (unsigned i = 0; i < NET_COUNT; i++) {
		auto_free char *key = xasprintf("net%u", i);
		const char *value = config_get(wish->archived, key);

		if (!value)
			continue;
		config_set(config, key, value);
		if (config_renew_mac(config, key, wish->settings, err) < 0)
			return -1;
	}
	return 0;
}

static int check_text(const char *key, const char *value, struct error *err)
{
	for (const char *c = value; *c; c++)
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
			return fail(err, 0, "%s: control character in the value", key);
	return 0;
}

/* The description has a form in which it may hold anything. */
static int check_section(const struct section *section, struct error *err)
{
	for (size_t i = 0; i < section->keys.count; i++)
		if (check_text(section->keys.at[i].key, section->keys.at[i].value, err) < 0)
			return -1;
	for (size_t i = 0; i < section->raw_count; i++)
		if (check_text(section->raw[i].key, section->raw[i].value, err) < 0)
			return -1;
	for (size_t i = 0; i < section->env_count; i++)
		if (check_text("env", section->env[i], err) < 0)
			return -1;
	return 0;
}

int restore_merge(const struct restore_wish *wish, struct config **out, struct error *err)
{
	unsigned vmid = wish->options->vmid;
	auto_config struct config *config =
		wish->archived ? take_archived(wish->archived) : config_new(vmid);

	config->vmid = vmid;
	put_options(config, wish->options);
	config_unset(config, "template");
	config_unset(config, "unprivileged");
	if (wish->unprivileged)
		config_set(config, "unprivileged", "1");
	if (wish->unique && wish->archived && renew_interfaces(wish, config, err) < 0)
		return -1;
	if (check_section(&config->main, err) < 0)
		return -1;
	*out = take_ptr(&config);
	return 0;
}

/* ---- volumes ---- */

static int plan_volume(const char *key, const char *value, const struct mountpoint *mp,
		       const char *storage, struct allocation *volumes, struct error *err)
{
	if (mp->size < 0)
		return fail(err, 0, "unable to detect disk size - please specify %s (size)",
			    key);
	/* A new disk has whole MiB. */
	allocation_add(volumes, key, value, storage, (uint64_t)mp->size / MIB * 1024);
	return 0;
}

static int plan_host(const char *key, const char *value, const struct mountpoint *mp,
		     struct keyvals *later, struct notes *notes, struct error *err)
{
	if (strcmp(key, "rootfs") == 0)
		return fail(err, 0,
			    "the rootfs of the backup is '%s' of the host: please specify "
			    "rootfs",
			    mp->volume);
	if (mp->backup > 0)
		notes_add(notes,
			  "%s ('%s') is '%s' of the host but was in the backup: its files "
			  "land in a directory of another volume",
			  key, mp->mp ? mp->mp : "", mp->volume);
	keyvals_set(later, key, value);
	return 0;
}

static int plan_entry(const struct config *archived, const char *key, const char *storage,
		      struct allocation *volumes, struct keyvals *later,
		      struct notes *notes, struct error *err)
{
	const char *value = config_get(archived, key);
	auto_mountpoint struct mountpoint mp = { 0 };

	if (check_text(key, value, err) < 0)
		return -1;
	if (config_mountpoint(archived, key, &mp, err) < 0)
		return fail_in(err, "%s", key);
	if (volume_kind(slice(mp.volume)) == VOLUME_STORAGE)
		return plan_volume(key, value, &mp, storage, volumes, err);
	return plan_host(key, value, &mp, later, notes, err);
}

int restore_volumes(const struct config *archived, const char *storage,
		    struct allocation *volumes, struct keyvals *later, struct notes *notes,
		    struct error *err)
{
	auto_free const char **keys = config_volume_keys(archived);

	if (!keys[0] || strcmp(keys[0], "rootfs") != 0)
		return fail(err, 0,
			    "unable to detect disk size - please specify rootfs (size)");
	for (size_t i = 0; keys[i]; i++)
		if (plan_entry(archived, keys[i], storage, volumes, later, notes, err) < 0)
			return -1;
	return 0;
}

/* ---- what reaches the host ---- */

/* Of raw entries those that runtime.md 14 row 25 names as running code or reading files. */
static bool raw_reaches_host(const char *key)
{
	static const char *const prefixes[] = { "lxc.hook.", "lxc.include", "lxc.mount.",
						"lxc.apparmor.", "lxc.cap." };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (slice_starts(slice(key), prefixes[i]))
			return true;
	return false;
}

static void add_key(struct strbuf *out, const char *key)
{
	strbuf_addf(out, "%s%s", out->len ? ", " : "", key);
}

void restore_host_keys(const struct config *config, const struct config *options,
		       const struct keyvals *later, struct strbuf *out)
{
	const struct section *section = &config->main;

	for (size_t i = 0; i < section->keys.count; i++) {
		const char *key = section->keys.at[i].key;
		const struct prop *row = prop_find(container_props, slice(key));

		if (!config_get(options, key) &&
		    (strcmp(key, "hookscript") == 0 || (row && row->members == dev_props)))
			add_key(out, key);
	}
	for (size_t i = 0; i < later->count; i++)
		add_key(out, later->at[i].key);
	for (size_t i = 0; i < section->raw_count; i++)
		if (raw_reaches_host(section->raw[i].key))
			add_key(out, section->raw[i].key);
}
