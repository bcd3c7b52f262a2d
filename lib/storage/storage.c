#include "storage/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "config/store.h"
#include "storage/cfg.h"
#include "storage/type.h"

#define CFG_MAX        (16 * 1024 * 1024)
#define LOCK_TIMEOUT_S 10

void storages_load(struct storages *out, struct notes *warnings)
{
	auto_free char *file = path_in(PATH_ETC, "storage.cfg");
	auto_free char *vz = path_in(PATH_VZ, "%s", "");
	const struct cfg_host host = {
		.file = file, .node = path_node(), .vz = vz, .root = path_root()
	};
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
	if (content == (CONTENT_IMAGES | CONTENT_ROOTDIR))
		return fail(err, 0, "storage '%s' does not support guest volumes", st->id);
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

void volume_list_add(struct volume_list *list, const struct volume *volume, char *volid,
		     uint64_t size)
{
	list->at = grow_array(list->at, list->count, sizeof(*list->at));
	list->at[list->count++] = (struct volume_info){
		.volid = volid,
		.format = volume->format_name,
		.content = volume->content,
		.vmid = volume->vmid,
		.size = size,
	};
}

void volume_list_done(struct volume_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i].volid);
	free(list->at);
	*list = (struct volume_list){ 0 };
}
