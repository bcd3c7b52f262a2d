/* Paragraphs of help. Pure functions. */
#pragma once

#include "base/strbuf.h"

/*
 * Add text in lines of at most 76 columns, broken at blanks and at its own line
 * breaks, with a line break at the end. The first line starts with first blanks, the
 * others with rest. A word that is longer than a line is cut.
 */
void wrap_text(const char *text, unsigned first, unsigned rest, struct strbuf *out);
