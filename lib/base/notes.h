/*
 * Warnings that a pure function has to tell: a list of sentences which the caller
 * (a verb or a program) prints. Starts as { 0 }, ends with notes_done or auto_notes.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct notes {
	char **text;  /* owned */
	char **place; /* the line of a file that each is about, "101.conf:12"; or NULL */
	size_t count;
};

/* notes may be NULL: then the sentence is dropped. */
void notes_add(struct notes *notes, const char *fmt, ...) PRINTF(2, 3);

/* Those from the number first on are about that place. */
void notes_place(struct notes *notes, size_t first, const char *place);
void notes_done(struct notes *notes);

#define auto_notes __attribute__((cleanup(notes_done)))
