/*
 * The directories that members go to: open descriptors of the ones used last, so that
 * a member costs no walk through the tree. Every way is walked inside the root. Whoever
 * removes a directory or a symbolic link says so with places_forget.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define PLACES_MAX 32

struct place {
	char *path; /* owned; NULL: unused */
	size_t len;
	int fd;           /* O_PATH */
	bool gives_group; /* set-group-id: what is made inside inherits its group */
	unsigned long used;
};

struct places {
	int root;
	unsigned long clock;
	struct place at[PLACES_MAX];
};

/* root stays the caller's. */
void places_init(struct places *places, int root);
void places_done(struct places *places);

/* Close them all: a path may lead elsewhere now. */
void places_forget(struct places *places);

/*
 * The directory of that path (len bytes, in the form of name.h; 0: the root), made with
 * its missing parents, 0755, where it does not exist. Valid until the next call; NULL
 * on failure.
 */
const struct place *places_open(struct places *places, const char *path, size_t len,
				struct error *err);
