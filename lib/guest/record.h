/*
 * What an event would do to a guest's files, noted instead of done. A path, as the steps
 * name it, has one entry with what would be there in the end; no step looks through a
 * link that it made, nor lists a directory that it wrote to. Pure: memory only.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/slice.h"
#include "base/strbuf.h"

enum planned_kind {
	PLANNED_ABSENT,
	PLANNED_FILE,
	PLANNED_LINK,
	PLANNED_DIR,
};

struct planned {
	char *path;
	enum planned_kind kind;
	struct strbuf text; /* of the file; or what the link says */
	mode_t mode;        /* permission bits of a file or a directory */
};

struct record {
	struct planned *at; /* in the order in which the paths were first noted */
	size_t count;
};

/* The entry of a path, or NULL; record may be NULL. */
const struct planned *record_find(const struct record *record, const char *path);

/* Note this for path, instead of what was noted before. Text and path are copied. */
void record_put(struct record *record, const char *path, enum planned_kind kind,
		struct slice text, mode_t mode);

void record_done(struct record *record);
#define auto_record __attribute__((cleanup(record_done)))
