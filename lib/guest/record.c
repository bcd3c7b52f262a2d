#include "guest/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"

static struct planned *find(const struct record *record, const char *path)
{
	for (size_t i = 0; i < record->count; i++)
		if (strcmp(record->at[i].path, path) == 0)
			return &record->at[i];
	return NULL;
}

const struct planned *record_find(const struct record *record, const char *path)
{
	return record ? find(record, path) : NULL;
}

static struct planned *add(struct record *record, const char *path)
{
	struct planned *planned;

	record->at = grow_array(record->at, record->count, sizeof(*record->at));
	planned = &record->at[record->count++];
	*planned = (struct planned){ .path = xstrdup(path), .text = STRBUF_INIT };
	return planned;
}

void record_put(struct record *record, const char *path, enum planned_kind kind,
		struct slice text, mode_t mode)
{
	struct planned *planned = find(record, path);

	if (!planned)
		planned = add(record, path);
	planned->kind = kind;
	planned->mode = mode;
	strbuf_cut(&planned->text, 0);
	strbuf_add_slice(&planned->text, text);
}

void record_done(struct record *record)
{
	for (size_t i = 0; i < record->count; i++) {
		free(record->at[i].path);
		strbuf_done(&record->at[i].text);
	}
	free(record->at);
	*record = (struct record){ 0 };
}
