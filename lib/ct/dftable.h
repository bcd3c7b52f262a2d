/* The table of `pct df` (pct-cli.md df). Pure. */
#pragma once

#include <stdint.h>

#include "base/strbuf.h"
#include "base/value.h"

struct df_row {
	const char *key, *volume, *path;
	uint64_t total, used, avail; /* bytes */
};

void df_format(const struct df_row *rows, size_t count, struct strbuf *out);

/* The rows as a list (ct.h); the caller frees it. */
struct json_t *df_value(const struct df_row *rows, size_t count);
