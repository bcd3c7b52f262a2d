/*
 * The configuration in a backup archive, which is its first member (backup.md 5.1, 10.4):
 * the work of "pct-unpack config" inside the sandbox. Touches the archive only.
 */
#pragma once

#include "base/sandbox.h"
#include "template/extract.h"

#define HEAD_MAX (1024 * 1024) /* bytes of a configuration that is taken */

/* The first character of the report: which member the rest of it is. */
#define HEAD_PCT  'p'
#define HEAD_VPS  'v'
#define HEAD_NONE '-' /* there is no such member */

/*
 * For sandbox_run; arg is a struct extract. The first member named exactly
 * "./etc/vzdump/pct.conf" or "./etc/vzdump/vps.conf" counts; one that is no regular file,
 * or larger than HEAD_MAX, is an error.
 */
int head_run(void *arg, const struct sandbox_io *io, struct error *err);
