#include "ct/keyvalue.h"

#include "base/own.h"
#include "config/schema.h"

static struct json_t *lines_value(const char *text)
{
	struct json_t *list = value_list();
	struct slice rest = slice(text), line;

	while (slice_line(&rest, &line)) {
		auto_free char *item = slice_dup(line);

		value_add(list, value_text(item));
	}
	return list;
}

struct json_t *key_value(const char *key, const char *text)
{
	const struct prop *row = prop_find(container_props, slice(key));

	if (!text || !row)
		return value_text(text);
	if (row->flags & PROP_REPEAT)
		return lines_value(text);
	if (row->type == PROP_BOOL && bool_parse(slice(text)) >= 0)
		return value_int(bool_parse(slice(text)));
	if (row->type == PROP_INT || row->type == PROP_NUMBER)
		return value_number(text);
	return value_text(text);
}
