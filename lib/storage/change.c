#include "storage/change.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/own.h"
#include "base/path.h"
#include "storage/edit.h"
#include "storage/properties.h"

#define CFG_MAX        (16 * 1024 * 1024)
#define CFG_MODE       0640
#define SECRET_MODE    0600
#define LOCK_TIMEOUT_S 10

/* The file while it is changed. */
struct change {
	struct lock lock;
	struct strbuf before, after;
	char *file, *vz; /* owned */
	struct cfg_host host;
};

#define auto_change __attribute__((cleanup(change_done)))

/* clang-format off */
#define CHANGE_INIT { .before = STRBUF_INIT, .after = STRBUF_INIT }
/* clang-format on */

static void change_done(struct change *change)
{
	lock_free(&change->lock);
	strbuf_done(&change->before);
	strbuf_done(&change->after);
	free_ptr(&change->file);
	free_ptr(&change->vz);
}

static int change_begin(struct change *change, struct error *err)
{
	auto_free char *lock = path_in(PATH_STORAGE_LOCK, "storage.cfg.lock");

	change->file = path_in(PATH_ETC, "storage.cfg");
	change->vz = path_in(PATH_VZ, "%s", "");
	change->host = (struct cfg_host){ .file = change->file,
					  .node = path_node(),
					  .vz = change->vz,
					  .root = path_root() };
	if (path_make(PATH_STORAGE_LOCK, err) < 0 || path_make(PATH_ETC, err) < 0 ||
	    lock_take(lock, LOCK_TIMEOUT_S, &change->lock, err) < 0)
		return -1;
	if (read_file(AT_FDCWD, change->file, CFG_MAX, &change->before, err) < 0 &&
	    err->code != ENOENT)
		return -1;
	return 0;
}

static int change_save(const struct change *change, struct error *err)
{
	return save_path(change->file, strbuf_slice(&change->after), CFG_MODE, err);
}

static int check_digest(const struct change *change, const char *digest, struct error *err)
{
	char now[DIGEST_SIZE];

	digest_sha1(strbuf_slice(&change->before), now);
	if (!digest || !*digest || slice_is(slice(digest), now))
		return 0;
	return fail(err, 0,
		    "detected modified configuration - file changed by other user? Try "
		    "again.");
}

/* Secrets */

static char *secret_file(const char *id)
{
	return path_in(PATH_ETC, "priv/storage/%s.pw", id);
}

static int save_secret(const char *id, const char *name, const char *value,
		       struct error *err)
{
	auto_free char *dir = path_in(PATH_ETC, "priv/storage");
	auto_free char *file = secret_file(id);
	auto_free char *text = xasprintf("%s=%s\n", name, value);

	if (value[strcspn(value, "\r\n")] != '\0')
		return fail(err, 0, "%s: value has a line break", name);
	if (make_dirs(dir, 0700, err) < 0)
		return -1;
	return save_path(file, slice(text), SECRET_MODE, err);
}

static int remove_secret(const char *id, struct error *err)
{
	auto_free char *file = secret_file(id);

	return remove_file(file, err);
}

/* Take what is secret out of values and keep it in its file. */
static int split_secrets(const struct storage_type *type, const char *id,
			 struct keyvals *values, bool *has_secret, struct error *err)
{
	for (const struct storage_prop *row = storage_props; row->prop.name; row++) {
		const char *value = keyvals_get(values, row->prop.name);

		if (!row->secret || !(row->types & type->kind) || !value)
			continue;
		if (save_secret(id, row->prop.name, value, err) < 0)
			return -1;
		*has_secret = true;
		keyvals_unset(values, row->prop.name);
	}
	return 0;
}

/* Adding */

/* What the type knows better than the user, for rows that are "filled". */
static void fill(const struct storage_type *type, const char *id, struct keyvals *values)
{
	for (const struct storage_prop *row = storage_props; row->prop.name; row++) {
		auto_free char *path = xasprintf("/mnt/pve/%s", id);

		if (row->filled & type->kind && !keyvals_get(values, row->prop.name))
			keyvals_set(values, row->prop.name, path);
	}
}

/* The storage as it will stand in the file, which all holds; NULL: it is not for this node.
 */
static const struct storage *find_enabled(const struct change *change, const char *id,
					  struct storages *all)
{
	cfg_parse(strbuf_slice(&change->after), &change->host, all, NULL);
	for (size_t i = 0; i < all->count; i++) {
		const struct storage *st = &all->at[i];

		if (strcmp(st->id, id) == 0 && st->type && !st->disabled)
			return st;
	}
	return NULL;
}

static int complete(const struct change *change, const char *id, struct keyvals *values,
		    struct notes *notes, struct error *err)
{
	auto_storages struct storages all = { 0 };
	const struct storage *st = find_enabled(change, id, &all);

	return st && st->type->complete ? st->type->complete(values, notes, err) : 0;
}

static int try_storage(const struct change *change, const char *id, struct error *err)
{
	auto_storages struct storages all = { 0 };
	const struct storage *st = find_enabled(change, id, &all);

	return st ? st->type->activate(st, err) : 0;
}

static int add(struct change *change, const struct storage_type *type, const char *id,
	       struct keyvals *values, struct notes *notes, bool *has_secret,
	       struct error *err)
{
	fill(type, id, values);
	if (cfg_add(strbuf_slice(&change->before), &change->host, type, id, values,
		    &change->after, notes, err) < 0 ||
	    complete(change, id, values, notes, err) < 0)
		return -1;
	strbuf_cut(&change->after, 0);
	/* The secret of another storage that had this name is none of this one's. */
	if (split_secrets(type, id, values, has_secret, err) < 0 ||
	    (!*has_secret && remove_secret(id, err) < 0) ||
	    cfg_add(strbuf_slice(&change->before), &change->host, type, id, values,
		    &change->after, NULL, err) < 0 ||
	    try_storage(change, id, err) < 0)
		return -1;
	return change_save(change, err);
}

int storage_add(const struct storage_type *type, const char *id,
		const struct keyvals *values, struct notes *notes, struct error *err)
{
	auto_change struct change change = CHANGE_INIT;
	auto_keyvals struct keyvals own = { 0 };
	bool has_secret = false;
	struct error ignored;

	if (!storage_type_is_usable(type))
		return fail(err, 0, "storage type '%s' is not supported", type->name);
	if (change_begin(&change, err) < 0)
		return -1;
	keyvals_copy(&own, values);
	if (add(&change, type, id, &own, notes, &has_secret, err) == 0)
		return 0;
	if (has_secret)
		remove_secret(id, &ignored);
	return -1;
}

/* Changing and removing */

static const struct storage_type *type_of(const struct change *change, const char *id)
{
	auto_storages struct storages all = { 0 };

	cfg_parse(strbuf_slice(&change->before), &change->host, &all, NULL);
	for (size_t i = 0; i < all.count; i++)
		if (strcmp(all.at[i].id, id) == 0)
			return storage_type_find(all.at[i].type_name);
	return NULL;
}

static int set(struct change *change, const struct storage_change *wanted,
	       struct keyvals *values, struct notes *notes, struct error *err)
{
	const struct storage_type *type = type_of(change, wanted->id);
	bool has_secret = false;

	if (!type)
		return fail(err, 0, "storage '%s' does not exist", wanted->id);
	if (cfg_set(strbuf_slice(&change->before), &change->host, wanted->id, values,
		    wanted->delete, &change->after, notes, err) < 0)
		return -1;
	strbuf_cut(&change->after, 0);
	if (split_secrets(type, wanted->id, values, &has_secret, err) < 0 ||
	    cfg_set(strbuf_slice(&change->before), &change->host, wanted->id, values,
		    wanted->delete, &change->after, NULL, err) < 0)
		return -1;
	return change_save(change, err);
}

/* A secret that is to be deleted is no property of the file. */
static int delete_secrets(const struct change *change, const struct storage_change *wanted,
			  struct error *err)
{
	const struct storage_type *type = type_of(change, wanted->id);
	struct slice rest = slice(wanted->delete), word;

	while (type && slice_word(&rest, &word)) {
		const struct storage_prop *row = storage_prop_find(type->kind, word);

		if (row && row->secret && remove_secret(wanted->id, err) < 0)
			return -1;
	}
	return 0;
}

int storage_set(const struct storage_change *wanted, struct notes *notes, struct error *err)
{
	auto_change struct change change = CHANGE_INIT;
	auto_keyvals struct keyvals values = { 0 };

	keyvals_copy(&values, wanted->values);
	if (change_begin(&change, err) < 0 ||
	    check_digest(&change, wanted->digest, err) < 0 ||
	    set(&change, wanted, &values, notes, err) < 0)
		return -1;
	return delete_secrets(&change, wanted, err);
}

int storage_remove(const char *id, struct notes *notes, struct error *err)
{
	auto_change struct change change = CHANGE_INIT;

	if (change_begin(&change, err) < 0 ||
	    cfg_remove(strbuf_slice(&change.before), &change.host, id, &change.after, notes,
		       err) < 0 ||
	    change_save(&change, err) < 0)
		return -1;
	return remove_secret(id, err);
}
