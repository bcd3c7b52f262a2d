#include "cli/output.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/ascii.h"
#include "base/own.h"
#include "base/slice.h"
#include "base/sort.h"
#include "base/strbuf.h"

#define INDENT 2
#define DIGITS 15 /* of a real number: 0.1 stays 0.1 */

const char *const output_formats[] = { "text", "json", "json-pretty", "yaml", NULL };

bool output_is_text(const char *format)
{
	return strcmp(format, "text") == 0;
}

static char *json_text(const json_t *value, size_t flags)
{
	char *text = json_dumps(value, flags | JSON_SORT_KEYS | JSON_ENCODE_ANY |
					       JSON_REAL_PRECISION(DIGITS));

	if (!text)
		abort(); /* as without memory */
	return text;
}

/* The emitter, and its first failure. */
struct yaml {
	yaml_emitter_t emitter;
	struct strbuf text;
	bool failed;
};

static int write_text(void *data, unsigned char *bytes, size_t len)
{
	strbuf_add(data, bytes, len);
	return 1;
}

/* made: what the event's initializer returned. An emitter that failed takes no more. */
static void emit(struct yaml *yaml, yaml_event_t *event, int made)
{
	if (yaml->failed && made)
		yaml_event_delete(event);
	else if (!made || !yaml_emitter_emit(&yaml->emitter, event))
		yaml->failed = true;
}

/* Only a text that starts with a letter, and is no word of YAML 1.1, needs no quotes. */
static bool is_plain(const char *text)
{
	static const char *const words[] = { "y",    "n",     "yes", "no",  "on",
					     "true", "false", "off", "null" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_is_nocase(slice(text), words[i]))
			return false;
	return is_letter(text[0]);
}

static yaml_scalar_style_t style_of(const char *text)
{
	if (strchr(text, '\n'))
		return YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	return is_plain(text) ? YAML_PLAIN_SCALAR_STYLE : YAML_SINGLE_QUOTED_SCALAR_STYLE;
}

static void emit_scalar(struct yaml *yaml, const char *text, yaml_scalar_style_t style)
{
	yaml_event_t event;

	emit(yaml, &event,
	     yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
					  (int)strlen(text), 1, 1, style));
}

static void emit_text(struct yaml *yaml, const char *text)
{
	emit_scalar(yaml, text, style_of(text));
}

static void emit_number(struct yaml *yaml, const json_t *number)
{
	char *text = json_text(number, 0);

	emit_scalar(yaml, text, YAML_PLAIN_SCALAR_STYLE);
	free(text);
}

static char **sorted_keys(json_t *object)
{
	char **keys = xcalloc(json_object_size(object) + 1, sizeof(*keys));
	size_t count = 0;

	for (void *at = json_object_iter(object); at;
	     at = json_object_iter_next(object, at))
		keys[count++] = xstrdup(json_object_iter_key(at));
	sort_texts(keys, count);
	return keys;
}

static void start(struct yaml *yaml, bool is_object)
{
	yaml_event_t event;
	int made = is_object ? yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
								   YAML_BLOCK_MAPPING_STYLE)
			     : yaml_sequence_start_event_initialize(
				       &event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);

	emit(yaml, &event, made);
}

static void end(struct yaml *yaml, bool is_object)
{
	yaml_event_t event;

	emit(yaml, &event,
	     is_object ? yaml_mapping_end_event_initialize(&event)
		       : yaml_sequence_end_event_initialize(&event));
}

static void emit_value(struct yaml *yaml, const json_t *value)
{
	bool is_object = json_is_object(value);
	/* Only the iterator wants one that is not const. */
	auto_words char **keys = is_object ? sorted_keys((json_t *)(uintptr_t)value) : NULL;

	if (json_is_string(value)) {
		emit_text(yaml, json_string_value(value));
	} else if (!is_object && !json_is_array(value)) {
		emit_number(yaml, value);
	} else {
		start(yaml, is_object);
		for (size_t i = 0; keys && keys[i]; i++) {
			emit_text(yaml, keys[i]);
			emit_value(yaml, json_object_get(value, keys[i]));
		}
		for (size_t i = 0; !is_object && i < json_array_size(value); i++)
			emit_value(yaml, json_array_get(value, i));
		end(yaml, is_object);
	}
}

static void emit_document(struct yaml *yaml, const json_t *tree)
{
	yaml_event_t event;

	emit(yaml, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	emit(yaml, &event,
	     yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 0));
	emit_value(yaml, tree);
	emit(yaml, &event, yaml_document_end_event_initialize(&event, 1));
	emit(yaml, &event, yaml_stream_end_event_initialize(&event));
}

static int yaml_text(const json_t *tree, struct strbuf *out, struct error *err)
{
	struct yaml yaml = { .text = STRBUF_INIT };

	if (!yaml_emitter_initialize(&yaml.emitter))
		abort(); /* as without memory */
	yaml_emitter_set_output(&yaml.emitter, write_text, &yaml.text);
	yaml_emitter_set_unicode(&yaml.emitter, 1);
	yaml_emitter_set_width(&yaml.emitter, -1);
	emit_document(&yaml, tree);
	if (yaml.failed)
		fail(err, 0, "cannot write yaml: %s",
		     yaml.emitter.problem ? yaml.emitter.problem : "out of memory");
	else
		strbuf_add_slice(out, strbuf_slice(&yaml.text));
	yaml_emitter_delete(&yaml.emitter);
	strbuf_done(&yaml.text);
	return yaml.failed ? -1 : 0;
}

int output_format(const char *format, const struct json_t *tree, struct strbuf *out,
		  struct error *err)
{
	char *text;

	if (strcmp(format, "yaml") == 0)
		return yaml_text(tree, out, err);
	text = json_text(tree,
			 strcmp(format, "json") == 0 ? JSON_COMPACT : JSON_INDENT(INDENT));
	strbuf_addf(out, "%s\n", text);
	free(text);
	return 0;
}

int output_print(const char *format, const struct json_t *tree, struct error *err)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	if (output_format(format, tree, &out, err) < 0)
		return -1;
	fwrite(out.at, 1, out.len, stdout);
	return 0;
}
