/*
 * Ownership written at the declaration: a variable marked auto_... is released
 * when its block ends. Initialise it on its line; hand it over with take_...
 * Memory comes from the x... functions, which end the process when there is none:
 * state on disk survives that as it survives SIGKILL.
 */
#pragma once

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* Memory; never NULL. xstrdup(NULL) gives NULL. */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xreallocarray(void *old, size_t count, size_t size);
/*
 * Room for one item more behind count of them. An array that grows only by this doubles
 * when its count is a power of two; it may lose items in between.
 */
void *grow_array(void *items, size_t count, size_t size);

char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t len);
char *xasprintf(const char *fmt, ...) PRINTF(1, 2);

/* Hand the value over and leave an empty variable behind. */
int take_fd(int *fd);
void *take_ptr(void *pointer_to_pointer);

/* Close *fd if it is open, keeping errno, and set it to -1. */
void close_fd(int *fd);

void free_ptr(void *pointer_to_pointer);
void close_dir(DIR **dir);
void close_file(FILE **file);
void free_words(char ***words);

#define auto_free  __attribute__((cleanup(free_ptr)))
#define auto_close __attribute__((cleanup(close_fd)))
#define auto_dir   __attribute__((cleanup(close_dir)))
#define auto_file  __attribute__((cleanup(close_file)))
#define auto_words __attribute__((cleanup(free_words))) /* char **, NULL at the end */
