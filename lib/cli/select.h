/*
 * Naming several containers on a command line: "100", "100-105", "@tag". Ranges and tags
 * stand for containers that exist now; an id stands for itself, whether it exists or not.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "config/prop.h"

/* Has the form of a range or a tag: "<digits>-<digits>", "@...". Pure. */
bool select_is_group(struct slice word);

/* Whether a list of tags ("a;b") holds one, in any case. Pure. */
bool select_has_tag(const char *tags, struct slice tag);

/*
 * The containers of all words (NULL at the end), in the order of the words and each once;
 * *ids is the caller's. Words that are none of the three forms, and ranges and tags
 * without a container, are added to problems under name. Fails when the containers
 * cannot be listed.
 */
int select_containers(char *const *words, const char *name, unsigned **ids, size_t *count,
		      struct problems *problems, struct error *err);
