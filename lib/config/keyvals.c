#include "config/keyvals.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/sort.h"

/* The place of key, or where it would go; *found tells which. */
static size_t place_of(const struct keyvals *list, const char *key, bool *found)
{
	size_t low = 0, high = list->count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(list->at[middle].key, key);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct keyval *keyvals_find(const struct keyvals *list, const char *key)
{
	bool found;
	size_t place = place_of(list, key, &found);

	return found ? &list->at[place] : NULL;
}

const char *keyvals_get(const struct keyvals *list, const char *key)
{
	const struct keyval *pair = keyvals_find(list, key);

	return pair ? pair->value : NULL;
}

void keyvals_set(struct keyvals *list, const char *key, const char *value)
{
	bool found;
	size_t place = place_of(list, key, &found);
	char *copy = xstrdup(value);

	if (found) {
		free(list->at[place].value);
		list->at[place].value = copy;
		return;
	}
	list->at = grow_array(list->at, list->count, sizeof(*list->at));
	memmove(&list->at[place + 1], &list->at[place],
		(list->count - place) * sizeof(*list->at));
	list->at[place] = (struct keyval){ .key = xstrdup(key), .value = copy };
	list->count++;
}

void keyvals_unset(struct keyvals *list, const char *key)
{
	bool found;
	size_t place = place_of(list, key, &found);

	if (!found)
		return;
	free(list->at[place].key);
	free(list->at[place].value);
	memmove(&list->at[place], &list->at[place + 1],
		(list->count - place - 1) * sizeof(*list->at));
	list->count--;
}

void keyvals_append(struct keyvals *list, char *key, char *value)
{
	list->at = grow_array(list->at, list->count, sizeof(*list->at));
	list->at[list->count++] = (struct keyval){ .key = key, .value = value };
}

static int by_key(const void *left, const void *right)
{
	return strcmp(((const struct keyval *)left)->key,
		      ((const struct keyval *)right)->key);
}

static bool is_sorted(const struct keyvals *list)
{
	for (size_t i = 1; i < list->count; i++)
		if (strcmp(list->at[i - 1].key, list->at[i].key) >= 0)
			return false;
	return true;
}

void keyvals_sort(struct keyvals *list)
{
	size_t kept = 0;

	if (is_sorted(list))
		return;
	sort_stable(list->at, list->count, sizeof(*list->at), by_key);
	for (size_t i = 0; i < list->count; i++) {
		if (i + 1 == list->count || by_key(&list->at[i], &list->at[i + 1]) != 0) {
			list->at[kept++] = list->at[i];
			continue;
		}
		free(list->at[i].key);
		free(list->at[i].value);
	}
	list->count = kept;
}

void keyvals_copy(struct keyvals *to, const struct keyvals *from)
{
	for (size_t i = 0; i < from->count; i++)
		keyvals_set(to, from->at[i].key, from->at[i].value);
}

void keyvals_done(struct keyvals *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->at[i].key);
		free(list->at[i].value);
	}
	free(list->at);
	*list = (struct keyvals){ 0 };
}
