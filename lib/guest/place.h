/*
 * What a path of a guest leads to, and the directory that holds its last name: the lowest
 * level of files.h and write.h, which are what others use. Every path is resolved here,
 * in-root (guest-setup.md 15.3).
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"
#include "guest/record.h"

/* A guest's "/". */
struct guest_root {
	int fd;
	/*
	 * With a record nothing is changed: what would be is noted there, and reading finds
	 * what was noted. NULL: changes are made.
	 */
	struct record *record;
};

/* Why a path may lead nowhere without anything being wrong with the file system. */
bool place_is_absent(int code);

/* What is at the end of path, links followed, without opening it. */
int place_look(const struct guest_root *root, const char *path, struct stat *st,
	       struct error *err);

/* What the name itself is; false: there is none. */
bool place_look_name(const struct guest_root *root, const char *path, struct stat *st);

/* The directory of path, O_PATH, and its last component. */
int place_open_parent(const struct guest_root *root, const char *path, const char **name,
		      struct error *err);

/* The directory of path is there, or noted; an error as place_open_parent has it. */
int place_check_parent(const struct guest_root *root, const char *path, struct error *err);
