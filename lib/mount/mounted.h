/*
 * A container's volume among the mounts of a namespace, which belongs to the guest: it may
 * have been moved, mounted again elsewhere, or covered. Pure: texts of mountinfo.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/* The same directory of the same file system, wherever it is mounted. */
struct mounted_source {
	char *device, *root; /* fields of mountinfo; owned */
};
void mounted_source_done(struct mounted_source *source);
#define auto_mounted_source __attribute__((cleanup(mounted_source_done)))

/* What the mount with that number shows; false: there is no such mount. */
bool mounted_what(struct slice text, uint64_t id, struct mounted_source *out);

/* The number of its mount at that place; 0: none. */
uint64_t mounted_at(struct slice text, const struct mounted_source *source,
		    const char *point);

/*
 * The same where a guest could do what it likes: it has to be there once and nowhere else,
 * with nothing mounted on it or below it; but at the others, NULL at the end, it may be
 * once each. *id is 0 when it is not mounted at all.
 */
int mounted_alone(struct slice text, const struct mounted_source *source, const char *point,
		  const char *const *others, uint64_t *id, struct error *err);

/* Whether it is mounted anywhere but at the others, once each. */
bool mounted_anywhere(struct slice text, const struct mounted_source *source,
		      const char *const *others);

/* "//mnt//x/" -> "/mnt/x", as mountinfo writes it; the caller frees it. */
char *mounted_point(const char *top, const char *path);
