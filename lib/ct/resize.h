/* The sizes of `pct resize`. Pure. */
#pragma once

#include <stdint.h>

#include "base/error.h"

/*
 * The size in bytes that "8G" or "+512M" asks for of a volume that has now bytes, a whole
 * number of KiB, rounded up (storage.md 5). "unable to shrink disk size".
 */
int resize_target(const char *text, uint64_t now, uint64_t *bytes, struct error *err);
