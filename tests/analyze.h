/*
 * For tests/analyze.sh alone: what the analyser cannot see from another file, that
 * these return -1.
 */
#pragma once

#include "base/error.h"

#define fail(...)        (fail(__VA_ARGS__), -1)
#define fail_in(...)     (fail_in(__VA_ARGS__), -1)
#define fail_prefix(...) (fail_prefix(__VA_ARGS__), -1)
