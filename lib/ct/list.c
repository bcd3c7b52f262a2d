#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/own.h"
#include "base/sort.h"
#include "config/store.h"
#include "ct/ct.h"
#include "lxc/command.h"

static char *text_of(const struct config *config, const char *key)
{
	const char *text = config_get(config, key);

	return xstrdup(text ? text : "");
}

static char *without_blanks(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (!isspace((unsigned char)*from))
			*to++ = *from;
	*to = '\0';
	return text;
}

/* A container that was destroyed meanwhile is no row and no warning. */
static bool fill_row(unsigned vmid, struct ct_row *row)
{
	auto_config struct config *config = NULL;
	auto_notes struct notes notes = { 0 };
	struct error err;

	if (config_load_main(vmid, &config, &notes, &err) < 0) {
		if (err.status != 2)
			warn_plain("%s", err.text);
		return false;
	}
	warn_notes(&notes);
	row->vmid = vmid;
	row->lock = text_of(config, "lock");
	row->tags = text_of(config, "tags");
	row->name = without_blanks(config_hostname(config));
	return true;
}

int ct_list(struct ct_row **rows, size_t *count, struct error *err)
{
	auto_free unsigned *ids = NULL, *running = NULL;
	size_t id_count = 0, running_count = 0, filled = 0;
	struct ct_row *list;

	if (config_list(&ids, &id_count, err) < 0 ||
	    lxc_running(&running, &running_count, err) < 0)
		return -1;
	list = xcalloc(id_count, sizeof(*list));
	for (size_t i = 0; i < id_count; i++) {
		if (!fill_row(ids[i], &list[filled]))
			continue;
		list[filled].running =
			running_count && bsearch(&ids[i], running, running_count,
						 sizeof(*running), sort_by_number) != NULL;
		filled++;
	}
	*rows = list;
	*count = filled;
	return 0;
}

void ct_rows_free(struct ct_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].lock);
		free(rows[i].name);
		free(rows[i].tags);
	}
	free(rows);
}
