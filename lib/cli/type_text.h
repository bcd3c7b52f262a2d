/* The type of an option as help shows it (pct-cli.md 3.2). Pure functions. */
#pragma once

#include "base/strbuf.h"
#include "config/prop.h"

/* "<integer> (100 - 999999999)", "<shell | tty>", "[volume=]<string> [,size=<string>]". */
void type_text(const struct prop *prop, struct strbuf *out);
