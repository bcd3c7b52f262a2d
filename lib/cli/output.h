/*
 * --output-format of the commands that read: the command prints the usual text itself,
 * everything else is printed from a tree of values. Keys are sorted.
 */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "base/value.h"
#include "config/prop.h"

extern const char *const output_formats[];

/* The option's row; the struct's member format is a char *. */
#define OUTPUT_FORMAT(holder)                                                              \
	{                                                                                  \
		.name = "output-format", .type = PROP_ENUM, .offset = AT(holder, format),  \
		.help = "Print the result in this format; text is for people, the others " \
			"for programs.",                                                   \
		.choices = output_formats, .fallback = "text", .flags = PROP_BEYOND        \
	}

bool output_is_text(const char *format);

/*
 * Add the tree as "json" on one line, "json-pretty" indented, or "yaml": one document (YAML
 * 1.1; texts that look like another type are quoted). Pure.
 */
int output_format(const char *format, const struct json_t *tree, struct strbuf *out,
		  struct error *err);

/* The same to stdout. */
int output_print(const char *format, const struct json_t *tree, struct error *err);
