#include "ct/offer.h"

#include <string.h>

#include "base/own.h"
#include "config/store.h"
#include "ct/ct.h"
#include "ct/pending.h"
#include "storage/mounts.h"
#include "storage/storage.h"
#include "template/template.h"

static bool is_template(unsigned vmid)
{
	auto_config struct config *config = NULL;
	struct error err;

	return config_load_main(vmid, &config, NULL, &err) == 0 &&
	       bool_parse(slice(config_get(config, "template"))) == 1;
}

static bool is_offered(const struct ct_row *row, enum prop_offer kind)
{
	if (kind == OFFER_GUEST)
		return true;
	return row->running == (kind == OFFER_RUNNING) && !is_template(row->vmid);
}

static void offer_guests(enum prop_offer kind, struct strbuf *out)
{
	struct ct_row *rows = NULL;
	struct error err;
	size_t count = 0;

	if (ct_list(&rows, &count, &err) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (is_offered(&rows[i], kind))
			strbuf_addf(out, "%u\n", rows[i].vmid);
	ct_rows_free(rows, count);
}

static void offer_snapshots(unsigned vmid, struct strbuf *out)
{
	auto_config struct config *config = NULL;
	struct error err;

	if (!vmid || config_load(vmid, &config, NULL, &err) < 0)
		return;
	for (size_t i = 0; i < config->snapshot_count; i++)
		strbuf_addf(out, "%s\n", config->snapshots[i].name);
}

static bool is_deletable(const char *key)
{
	const struct prop *row = prop_find(container_props, slice(key));

	return row && !(row->flags & (PROP_UNDELETABLE | PROP_CREATE_ONLY | PROP_INTERNAL));
}

static void offer_keys(unsigned vmid, struct strbuf *out)
{
	auto_config struct config *config = NULL;
	auto_keyvals struct keyvals keys = { 0 };
	struct error err;

	if (!vmid || config_load_main(vmid, &config, NULL, &err) < 0)
		return;
	section_names(&config->main, &keys);
	for (size_t i = 0; i < keys.count; i++)
		if (is_deletable(keys.at[i].key))
			strbuf_addf(out, "%s\n", keys.at[i].key);
}

static void offer_pending_keys(unsigned vmid, struct strbuf *out)
{
	auto_config struct config *config = NULL;
	auto_keyvals struct keyvals keys = { 0 };
	struct error err;

	if (!vmid || config_load(vmid, &config, NULL, &err) < 0)
		return;
	section_names(&config->pending, &keys);
	keyvals_unset(&keys, "delete");
	pending_deletes(config, &keys);
	for (size_t i = 0; i < keys.count; i++)
		strbuf_addf(out, "%s\n", keys.at[i].key);
}

/* content 0: all storages. */
static void offer_storages(unsigned content, struct strbuf *out)
{
	auto_storages struct storages all = { 0 };
	auto_notes struct notes warnings = { 0 };

	storages_load(&all, &warnings);
	for (size_t i = 0; i < all.count; i++)
		if (!all.at[i].disabled && (!content || all.at[i].content & content))
			strbuf_addf(out, "%s\n", all.at[i].id);
}

/* Who presses a key mounts nothing, and is not kept waiting for long. */
static bool answers(const struct storage *st)
{
	const char *const paths[] = { st->path, NULL };
	struct error err;

	return mounts_probe(paths, &err) == 0;
}

static void offer_volumes(unsigned content, struct strbuf *out)
{
	auto_storages struct storages all = { 0 };
	auto_notes struct notes warnings = { 0 };

	storages_load(&all, &warnings);
	for (size_t i = 0; i < all.count; i++) {
		auto_volume_list struct volume_list found = { 0 };
		struct error err;

		if (all.at[i].disabled || !all.at[i].type || !answers(&all.at[i]) ||
		    storage_list(&all.at[i], content, 0, &found, &err) < 0)
			continue;
		for (size_t n = 0; n < found.count; n++)
			strbuf_addf(out, "%s\n", found.at[n].volid);
	}
}

static void offer_recipes(struct strbuf *out)
{
	auto_words char **names = NULL;
	struct error err;

	if (recipe_list(&names, &err) < 0)
		return;
	for (size_t i = 0; names[i]; i++)
		strbuf_addf(out, "%s\n", names[i]);
}

void ct_offer(enum prop_offer kind, unsigned vmid, struct strbuf *out)
{
	switch (kind) {
	case OFFER_NOTHING:
	case OFFER_COMMAND: return;
	case OFFER_GUEST:
	case OFFER_RUNNING:
	case OFFER_STOPPED: offer_guests(kind, out); return;
	case OFFER_SNAPSHOT: offer_snapshots(vmid, out); return;
	case OFFER_KEY: offer_keys(vmid, out); return;
	case OFFER_PENDING_KEY: offer_pending_keys(vmid, out); return;
	case OFFER_STORAGE: offer_storages(0, out); return;
	case OFFER_CT_STORAGE: offer_storages(CONTENT_ROOTDIR, out); return;
	case OFFER_TEMPLATE_STORAGE: offer_storages(CONTENT_VZTMPL, out); return;
	case OFFER_TEMPLATE: offer_volumes(CONTENT_VZTMPL, out); return;
	case OFFER_BACKUP: offer_volumes(CONTENT_BACKUP, out); return;
	case OFFER_RECIPE: offer_recipes(out); return;
	}
}
