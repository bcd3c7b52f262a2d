/*
 * User namespaces that exist only for their id maps: mount_setattr(2) wants one for an
 * id-mapped mount. They live as long as a descriptor or a mount holds them.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/idmap.h"

/* One for each map: the volumes of a start often share it. */
struct userns_cache {
	struct userns *at;
	size_t count;
};

/* A descriptor of a namespace with that map; it stays the cache's. */
int userns_get(struct userns_cache *cache, const struct idmap *map, struct error *err);
void userns_cache_done(struct userns_cache *cache);
#define auto_userns_cache __attribute__((cleanup(userns_cache_done)))
