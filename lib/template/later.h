/*
 * What a directory gets only when everything in it is there: its time, which every new
 * entry would change, its set-group-id bit and its default ACL, which every new entry
 * would inherit. The list is short as a rule; a long one goes to a nameless file inside
 * the root, so that memory stays bounded.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#include "base/error.h"
#include "base/strbuf.h"

#define LATER_KEEP_MODE ((mode_t)-1)

struct later {
	int root;
	int spill;         /* the nameless file; -1: none yet */
	bool cannot_spill; /* the file system has no nameless files */
	struct strbuf list;
};

struct later_directory {
	const char *path;              /* in the form of name.h, "" for the root */
	struct timespec mtime;         /* tv_nsec UTIME_OMIT: none */
	mode_t mode;                   /* or LATER_KEEP_MODE */
	struct slice access, fallback; /* values of acl_read */
};

void later_init(struct later *later, int root);
void later_done(struct later *later);

int later_add(struct later *later, const struct later_directory *directory,
	      struct error *err);

/* Carry all of it out, in the order of the additions. */
int later_apply(struct later *later, struct error *err);
