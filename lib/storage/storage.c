#include "storage/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "config/store.h"
#include "config/volid.h"
#include "storage/cfg.h"

#define CFG_MAX        (16 * 1024 * 1024)
#define LOCK_TIMEOUT_S 10
#define GUEST          (CONTENT_IMAGES | CONTENT_ROOTDIR)

void storages_load(struct storages *out, struct notes *warnings)
{
	auto_free char *file = path_in(PATH_ETC, "storage.cfg");
	auto_free char *vz = path_in(PATH_VZ, "%s", "");
	const struct cfg_host host = { .file = file, .node = path_node(), .vz = vz };
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	*out = (struct storages){ 0 };
	if (read_file(AT_FDCWD, file, CFG_MAX, &text, &err) < 0) {
		if (err.code != ENOENT)
			notes_add(warnings, "%s", err.text);
		strbuf_cut(&text, 0);
	}
	cfg_parse(strbuf_slice(&text), &host, out, warnings);
}

/* The storage if it can be used, else NULL with err filled. */
static const struct storage *find_usable(const struct storages *all, struct slice id,
					 struct error *err)
{
	const struct storage *st = NULL;

	for (size_t i = 0; i < all->count && !st; i++)
		if (slice_is(id, all->at[i].id))
			st = &all->at[i];
	if (st && !st->disabled && st->type)
		return st;
	if (!st)
		fail(err, 0, "storage '" SLICE_FMT "' does not exist",
		     id.len > 512 ? 512 : (int)id.len, id.at ? id.at : "");
	else if (st->disabled)
		fail(err, 0, "storage '%s' is disabled", st->id);
	else
		fail(err, 0, "storage '%s' is of type '%s', which is not supported", st->id,
		     st->type_name);
	return NULL;
}

int storage_find(const struct storages *all, struct slice id, const struct storage **out,
		 struct error *err)
{
	const struct storage *st = find_usable(all, id, err);

	if (!st)
		return -1;
	*out = st;
	return 0;
}

static int fail_content(const struct storage *st, unsigned content, struct error *err)
{
	if (content == CONTENT_ROOTDIR)
		return fail(err, 0, "storage '%s' does not support container directories",
			    st->id);
	if (content == CONTENT_VZTMPL)
		return fail(err, 0, "Storage does not support templates!");
	return fail(err, 0, "storage '%s' does not support content type '%s'", st->id,
		    content_name(content));
}

int storage_use(const struct storages *all, struct slice id, unsigned content,
		const struct storage **out, struct error *err)
{
	const struct storage *st = find_usable(all, id, err);

	if (!st)
		return -1;
	if (content && !(st->content & content))
		return fail_content(st, content, err);
	if (st->type->activate(st, err) < 0)
		return -1;
	*out = st;
	return 0;
}

int storage_lock(const struct storage *st, struct lock *lock, struct error *err)
{
	auto_free char *path = path_in(PATH_STORAGE_LOCK, "pve-storage-%s", st->id);

	if (path_make(PATH_STORAGE_LOCK, err) < 0)
		return -1;
	return lock_take(path, LOCK_TIMEOUT_S, lock, err);
}

int volume_resolve(const struct storages *all, struct slice volid,
		   const struct storage **st, struct volume *volume, char **path,
		   struct error *err)
{
	const struct storage *found;
	struct slice id, volname;
	struct volume parsed;

	if (volid_parse(volid, &id, &volname, err) < 0)
		return -1;
	found = find_usable(all, id, err);
	if (!found || found->type->parse(found, volname, &parsed, err) < 0)
		return -1;
	*st = found;
	*volume = parsed;
	*path = found->type->path(found, volname);
	return 0;
}

/* A linked clone names its base in its own volume id. */
static int check_unused_base(const struct storage *st, struct slice volname,
			     struct error *err)
{
	auto_volume_list struct volume_list list = { 0 };
	struct slice id, other;
	struct volume volume;

	if (st->type->list(st, CONTENT_IMAGES, 0, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (volid_parse(slice(list.at[i].volid), &id, &other, err) == 0 &&
		    st->type->parse(st, other, &volume, err) == 0 &&
		    volume.base.len == volname.len &&
		    memcmp(volume.base.at, volname.at, volname.len) == 0)
			return fail(err, 0,
				    "base volume '" SLICE_FMT
				    "' is still in use by linked clones",
				    SLICE_ARG(volname));
	return 0;
}

int volume_free(const struct storages *all, struct slice volid, struct notes *notes,
		struct error *err)
{
	auto_lock struct lock lock = { 0 };
	const struct storage *st = NULL;
	auto_free char *path = NULL;
	auto_free char *name = NULL;
	struct slice id, volname;
	struct volume volume;

	if (volume_resolve(all, volid, &st, &volume, &path, err) < 0 ||
	    st->type->activate(st, err) < 0 || storage_lock(st, &lock, err) < 0 ||
	    volid_parse(volid, &id, &volname, err) < 0)
		return -1;
	if (volume.is_base && check_unused_base(st, volname, err) < 0)
		return -1;
	name = slice_dup(volname);
	return st->type->free(st, name, notes, err);
}

/* Listing */

static int compare_volumes(const void *a, const void *b)
{
	const struct volume_info *left = a, *right = b;
	int order = (right->vmid != 0) - (left->vmid != 0);

	if (order == 0 && left->vmid == 0)
		order = strcmp(left->format, right->format);
	if (order == 0)
		order = strcasecmp(left->volid, right->volid);
	return order ? order : strcmp(left->volid, right->volid);
}

/* Guest volumes belong to a container or not: whichever its owner is now. */
static void assign_guest_content(struct volume_list *list)
{
	unsigned last = 0, content = CONTENT_IMAGES;

	for (size_t i = 0; i < list->count; i++) {
		struct volume_info *info = &list->at[i];

		if (info->content != CONTENT_IMAGES)
			continue;
		if (info->vmid != last)
			content = config_exists(info->vmid) ? CONTENT_ROOTDIR
							    : CONTENT_IMAGES;
		last = info->vmid;
		info->content = content;
	}
}

static void keep_content(struct volume_list *list, unsigned content)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->at[i].content & content)
			list->at[kept++] = list->at[i];
		else
			free(list->at[i].volid);
	}
	list->count = kept;
}

int storage_list(const struct storage *st, unsigned content, unsigned vmid,
		 struct volume_list *out, struct error *err)
{
	struct volume_list list = { 0 };

	content &= st->content;
	if (st->type->list(st, content, vmid, &list, err) < 0) {
		volume_list_done(&list);
		return fail_in(err, "storage '%s'", st->id);
	}
	assign_guest_content(&list);
	keep_content(&list, content);
	if (list.count)
		qsort(list.at, list.count, sizeof(*list.at), compare_volumes);
	*out = list;
	return 0;
}

void volume_list_done(struct volume_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i].volid);
	free(list->at);
	*list = (struct volume_list){ 0 };
}

/* Arguments that name a file */

static int resolve_file(const struct storages *all, struct slice volid, unsigned content,
			char **path, struct error *err)
{
	const struct storage *st = NULL;
	auto_free char *found = NULL;
	struct slice id, volname;
	struct volume volume;

	if (volume_resolve(all, volid, &st, &volume, &found, err) < 0)
		return -1;
	if (volume.content != content)
		return fail(err, 0, "volume '" SLICE_FMT "' is not of content type '%s'",
			    SLICE_ARG(volid), content_name(content));
	if (volid_parse(volid, &id, &volname, err) < 0 ||
	    storage_use(all, id, content, &st, err) < 0)
		return -1;
	*path = take_ptr(&found);
	return 0;
}

int storage_file_argument(const struct storages *all, const char *argument,
			  unsigned content, char **path, struct error *err)
{
	struct slice id, volname;
	auto_free char *real = NULL;
	struct stat info;

	if (volid_parse(slice(argument), &id, &volname, err) == 0)
		return resolve_file(all, slice(argument), content, path, err);
	real = realpath(argument, NULL);
	if (!real)
		return fail(err, errno, "cannot open '%s'", argument);
	if (stat(real, &info) < 0 || !S_ISREG(info.st_mode))
		return fail(err, 0, "'%s' is not a regular file", argument);
	*path = take_ptr(&real);
	return 0;
}
