/*
 * What differs between two texts, as the hunks of a unified diff (diff -u, git). Pure;
 * time and memory are bounded for any texts: where more than a few hundred lines differ,
 * everything between the first and the last of them is shown as replaced.
 */
#pragma once

#include "base/slice.h"
#include "base/strbuf.h"

/*
 * Append the hunks, with three lines of context and without the lines "---" and "+++" in
 * front; nothing when the texts are the same. The lines are fit for a terminal
 * (line_escape).
 */
void diff_add(struct slice old, struct slice new, struct strbuf *out);
