#include "ct/dftable.h"

#include <stdio.h>
#include <string.h>

#include "base/own.h"

enum { COLUMNS = 7, LEFT = 2 };

struct line {
	char cell[COLUMNS][24];
	const char *text[COLUMNS]; /* a cell, or a text from elsewhere */
};

static void format_size(uint64_t bytes, char out[24])
{
	static const char units[] = "KMGT";
	double value = (double)bytes;
	int unit = -1;

	if (bytes < 1024) {
		snprintf(out, 24, "%u", (unsigned)bytes);
		return;
	}
	while (value >= 1024 && unit < 3) {
		value /= 1024;
		unit++;
	}
	snprintf(out, 24, "%.1f%c", value, units[unit]);
}

static void fill(struct line *line, const struct df_row *row)
{
	double share = row->total ? 100.0 * (double)row->used / (double)row->total : 0;

	format_size(row->total, line->cell[2]);
	format_size(row->used, line->cell[3]);
	format_size(row->avail, line->cell[4]);
	snprintf(line->cell[5], sizeof(line->cell[5]), "%.1f", share);
	for (int i = 0; i < COLUMNS; i++)
		line->text[i] = line->cell[i];
	line->text[0] = row->key;
	line->text[1] = row->volume;
	line->text[6] = row->path;
}

static void add_line(const struct line *line, const int *width, struct strbuf *out)
{
	for (int i = 0; i < COLUMNS - 1; i++)
		strbuf_addf(out, "%*s ", i < LEFT ? -width[i] : width[i], line->text[i]);
	strbuf_addf(out, "%s\n", line->text[COLUMNS - 1]);
}

void df_format(const struct df_row *rows, size_t count, struct strbuf *out)
{
	static const char *const head[COLUMNS] = { "MP",    "Volume", "Size", "Used",
						   "Avail", "Use%",   "Path" };
	auto_free struct line *lines = xcalloc(count + 1, sizeof(*lines));
	int width[COLUMNS] = { 0 };

	memcpy(lines[0].text, head, sizeof(head));
	for (size_t i = 0; i < count; i++)
		fill(&lines[i + 1], &rows[i]);
	for (size_t i = 0; i <= count; i++)
		for (int k = 0; k < COLUMNS; k++)
			if ((int)strlen(lines[i].text[k]) > width[k])
				width[k] = (int)strlen(lines[i].text[k]);
	for (size_t i = 0; i <= count; i++)
		add_line(&lines[i], width, out);
}

struct json_t *df_value(const struct df_row *rows, size_t count)
{
	struct json_t *list = value_list();

	for (size_t i = 0; i < count; i++) {
		struct json_t *row = value_object();

		value_set(row, "mp", value_text(rows[i].key));
		value_set(row, "volume", value_text(rows[i].volume));
		value_set(row, "path", value_text(rows[i].path));
		value_set(row, "size", value_int((long long)rows[i].total));
		value_set(row, "used", value_int((long long)rows[i].used));
		value_set(row, "avail", value_int((long long)rows[i].avail));
		value_add(list, row);
	}
	return list;
}
