/* Sizes as users write them (ct-config.md 3.2, storage.md 5). Pure functions. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/strbuf.h"

/* "8G", "1.5G", "512MiB", "4096": bytes, fraction truncated. False: not a size, or
 * above 2^63 - 1. */
bool size_parse(struct slice text, uint64_t *bytes);

/* The largest of T, G, M, K that divides exactly; else plain bytes; 0 is "0T". */
void size_format(uint64_t bytes, struct strbuf *out);
