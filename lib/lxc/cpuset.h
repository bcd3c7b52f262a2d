/* Sets of CPUs as the kernel writes them, "0-3,7" (cpuset(7)). Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "base/strbuf.h"

struct cpuset {
	unsigned *cpus; /* ascending, owned */
	size_t count;
};

/* Adds to out, which stays ascending; false when text is no list. */
bool cpuset_parse(struct slice text, struct cpuset *out);
bool cpuset_has(const struct cpuset *set, unsigned cpu);

/* "0,1,2,3,7" */
void cpuset_format(const struct cpuset *set, struct strbuf *out);

/*
 * The set for a container that may use wanted CPUs (0: all) of those allowed: it keeps
 * the lowest of what it has, and gets the lowest others when it needs more.
 */
void cpuset_resize(const struct cpuset *now, const struct cpuset *allowed, size_t wanted,
		   struct cpuset *out);

void cpuset_done(struct cpuset *set);
#define auto_cpuset __attribute__((cleanup(cpuset_done)))
