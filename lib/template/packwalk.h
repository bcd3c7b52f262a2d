/*
 * Walking a tree that a guest made, as deep and as wide as it liked: neither the stack nor
 * open descriptors grow with it. The working directory goes along.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"

struct packed {
	const char *member; /* "./srv/data" */
	const char *path;   /* the same file, in the working directory */
	const struct stat *st;
};

struct pack_visitor {
	bool (*is_excluded)(void *arg, const char *member);
	int (*visit)(void *arg, const struct packed *packed, struct error *err);
	void *arg;
};

/*
 * Visit the directory that is fd, as the member of that name, and what is below it in the
 * order of names, a directory before its content. Other mounts' roots are visited, their
 * content is not. An error names the member.
 */
int pack_walk(int fd, const char *member, const struct pack_visitor *visitor,
	      struct error *err);
