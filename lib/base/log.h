/*
 * What goes to stderr beside the one error that main prints. Debug lines may come
 * from any room, warnings only from ct and the programs.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/notes.h"

/* A plain warning: the bare text and a line break. */
void warn_plain(const char *fmt, ...) PRINTF(1, 2);

/* A counted warning of a task: "WARN: text" (pct-cli.md 1.1). */
void warn_task(const char *fmt, ...) PRINTF(1, 2);
unsigned warn_task_count(void);
/* Count warnings that a child of this process has printed itself. */
void warn_task_add(unsigned count);

/*
 * Every note as a plain, or as a counted, warning. On a terminal it ends with its place,
 * in brackets; elsewhere it is the bare text, which programs compare.
 */
void warn_notes(const struct notes *notes);
void warn_task_notes(const struct notes *notes);

/* A line for people who look for a fault; shown when PCT_DEBUG is set. */
void debug(const char *fmt, ...) PRINTF(1, 2);
