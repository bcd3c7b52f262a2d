/* Splitting an entrypoint into words as a shell does, without expansions. Pure. */
#pragma once

#include "base/error.h"
#include "base/slice.h"

/*
 * 'single', "double" quotes (where \ escapes " \ $ `) and \x outside of them. *words ends
 * with NULL; the caller frees it with free_words. An open quote is an error.
 */
int lxc_split_words(struct slice text, char ***words, struct error *err);
