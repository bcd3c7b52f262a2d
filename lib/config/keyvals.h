/* A list of "key: value" pairs of text, kept sorted by key, bytewise. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct keyvals {
	struct keyval {
		char *key, *value; /* owned */
	} * at;
	size_t count;
};

/* NULL: absent. */
const struct keyval *keyvals_find(const struct keyvals *list, const char *key);
const char *keyvals_get(const struct keyvals *list, const char *key); /* NULL: absent */
void keyvals_set(struct keyvals *list, const char *key, const char *value);
void keyvals_unset(struct keyvals *list, const char *key);

/*
 * For readers of long lists: append takes ownership of both texts and leaves the list
 * unsorted; sort puts it in order, of equal keys the last one stays. Between the two
 * only these functions and keyvals_done may be called.
 */
void keyvals_append(struct keyvals *list, char *key, char *value);
void keyvals_sort(struct keyvals *list);

void keyvals_copy(struct keyvals *to, const struct keyvals *from); /* adds and replaces */
void keyvals_done(struct keyvals *list);

#define auto_keyvals __attribute__((cleanup(keyvals_done)))
