#include "base/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/own.h"

void notes_add(struct notes *notes, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	if (!notes)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = xstrdup(fmt);
	va_end(ap);
	notes->text = grow_array(notes->text, notes->count, sizeof(*notes->text));
	notes->place = grow_array(notes->place, notes->count, sizeof(*notes->place));
	notes->place[notes->count] = NULL;
	notes->text[notes->count++] = text;
}

void notes_place(struct notes *notes, size_t first, const char *place)
{
	for (size_t i = first; notes && i < notes->count; i++) {
		free(notes->place[i]);
		notes->place[i] = xstrdup(place);
	}
}

void notes_done(struct notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		free(notes->text[i]);
		free(notes->place[i]);
	}
	free(notes->text);
	free(notes->place);
	*notes = (struct notes){ 0 };
}
