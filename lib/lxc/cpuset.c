#include "lxc/cpuset.h"

#include <stdlib.h>

#include "base/own.h"
#include "base/sort.h"

#define CPU_MAX 65535

static void add(struct cpuset *set, unsigned cpu)
{
	if (cpuset_has(set, cpu))
		return;
	set->cpus = grow_array(set->cpus, set->count, sizeof(*set->cpus));
	set->cpus[set->count++] = cpu;
	sort_numbers(set->cpus, set->count);
}

static bool add_range(struct slice word, struct cpuset *out)
{
	struct slice to, from = slice_cut(word, '-', &to);
	uint64_t first = 0, last = 0;

	if (!slice_number(from, 0, CPU_MAX, &first))
		return false;
	last = first;
	if (to.at && !slice_number(to, first, CPU_MAX, &last))
		return false;
	for (; first <= last; first++)
		add(out, (unsigned)first);
	return true;
}

bool cpuset_parse(struct slice text, struct cpuset *out)
{
	struct slice word;

	while (slice_word(&text, &word))
		if (!add_range(word, out))
			return false;
	return true;
}

bool cpuset_has(const struct cpuset *set, unsigned cpu)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->cpus[i] == cpu)
			return true;
	return false;
}

void cpuset_format(const struct cpuset *set, struct strbuf *out)
{
	for (size_t i = 0; i < set->count; i++)
		strbuf_addf(out, "%s%u", i ? "," : "", set->cpus[i]);
}

void cpuset_resize(const struct cpuset *now, const struct cpuset *allowed, size_t wanted,
		   struct cpuset *out)
{
	if (wanted == 0 || wanted > allowed->count)
		wanted = allowed->count;
	for (size_t i = 0; i < now->count && out->count < wanted; i++)
		if (cpuset_has(allowed, now->cpus[i]))
			add(out, now->cpus[i]);
	for (size_t i = 0; i < allowed->count && out->count < wanted; i++)
		add(out, allowed->cpus[i]);
}

void cpuset_done(struct cpuset *set)
{
	free(set->cpus);
	*set = (struct cpuset){ 0 };
}
