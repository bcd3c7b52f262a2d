/*
 * Volume ids "storage:volname" and the values of rootfs and mpN that name volumes
 * (ct-config.md 3.3, storage.md 4). Pure functions.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/* ≥ 2 characters, a letter first, a letter or digit last, in between also - _ . */
bool storage_id_is_valid(struct slice id);

/* Split at the first ':'; both parts point into text. Fails unless the id is valid
 * and the rest one line and not empty: "unable to parse volume ID '<v>'". */
int volid_parse(struct slice text, struct slice *storage, struct slice *volname,
		struct error *err);

enum volume_kind {
	VOLUME_DEVICE, /* /dev/... */
	VOLUME_BIND,   /* other /... */
	VOLUME_STORAGE /* storage:volname */
};
enum volume_kind volume_kind(struct slice volume);

/*
 * "<storage>:<n>" or just "<n>" (storage then is fallback_storage): a volume to
 * allocate of n GiB, truncated to whole MiB. True if the text has that form;
 * *storage points into text or to fallback_storage.
 */
bool volume_is_new(struct slice text, const char *fallback_storage, struct slice *storage,
		   uint64_t *size_kib);
