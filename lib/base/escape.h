/*
 * Text that a guest, an archive or a file may have chosen, on its way to a log or a
 * terminal (guest-setup.md W10). Pure.
 */
#pragma once

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"

/*
 * Append the text with control characters and bytes that are not UTF-8 as \xNN. Doing
 * it twice changes nothing more.
 */
void text_escape(struct slice text, struct strbuf *out);

/* The same but for tabs, which stay: for the lines of a file. */
void line_escape(struct slice text, struct strbuf *out);

/* As text_escape, for what an error says. */
void error_escape(struct error *err);
