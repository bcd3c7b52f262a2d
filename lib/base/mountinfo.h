/* The mounts of this process's namespace as proc_pid_mountinfo(5) tells them. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"

/* Fields of one line, as they stand there: blanks and backslashes are escaped. */
struct mountinfo {
	struct slice id, parent; /* numbers, those of statx(2) */
	struct slice device;     /* "8:1": of the file system */
	struct slice root;       /* which directory of it this is */
	/* options: those of the file system, not of the mount */
	struct slice point, fstype, source, options;
};

/* Append the whole of /proc/self/mountinfo. */
int mountinfo_read(struct strbuf *out, struct error *err);

/* The next mount of the text, which advances; lines that are none are passed over. False
 * at its end. Of several mounts on one place the last one is on top. */
bool mountinfo_next(struct slice *text, struct mountinfo *out);

/* A field with its escapes ("\040") decoded; the caller frees it. */
char *mountinfo_decode(struct slice field);
