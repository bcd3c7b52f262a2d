#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/sort.h"
#include "ct/ct.h"
#include "lxc/cgroup.h"
#include "lxc/command.h"
#include "lxc/cpuset.h"

static bool read_cpus(unsigned vmid, struct cpuset *out)
{
	bool v2 = cgroup_layout() == CGROUP_V2;
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error ignored;

	return cgroup_read(vmid, "cpuset",
			   v2 ? "cpuset.cpus.effective" : "cpuset.effective_cpus", &text,
			   &ignored) == 0 &&
	       cpuset_parse(strbuf_slice(&text), out);
}

/* Each CPU has a column of its own, filled or blank. */
static void add_columns(const struct cpuset *set, struct strbuf *out)
{
	unsigned end = set->count ? set->cpus[set->count - 1] + 1 : 0;

	strbuf_adds(out, ": ");
	for (unsigned cpu = 0; cpu < end; cpu++) {
		int width = snprintf(NULL, 0, "%u", cpu);

		if (cpuset_has(set, cpu))
			strbuf_addf(out, " %u", cpu);
		else
			strbuf_addf(out, " %*s", width, "");
	}
}

static void add_rule(size_t width, struct strbuf *out)
{
	while (width-- > 0)
		strbuf_addc(out, '-');
	strbuf_addc(out, '\n');
}

/* Sorted as text, NULL at the end. */
static char **running_ids(struct error *err)
{
	auto_free unsigned *ids = NULL;
	size_t count;
	char **names;

	if (lxc_running(&ids, &count, err) < 0)
		return NULL;
	names = xcalloc(count + 1, sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = xasprintf("%u", ids[i]);
	sort_texts(names, count);
	return names;
}

struct row {
	const char *id;
	struct strbuf columns;
};

static void format_rows(const struct row *rows, size_t count, struct strbuf *out)
{
	size_t id_width = 0, width = 0;

	for (size_t i = 0; i < count; i++) {
		id_width = strlen(rows[i].id) > id_width ? strlen(rows[i].id) : id_width;
		width = rows[i].columns.len > width ? rows[i].columns.len : width;
	}
	add_rule(width + id_width, out);
	for (size_t i = 0; i < count; i++)
		strbuf_addf(out, "%*s%s\n", (int)id_width, rows[i].id, rows[i].columns.at);
	add_rule(width + id_width, out);
}

int ct_cpusets(struct strbuf *out, struct error *err)
{
	auto_words char **ids = running_ids(err);
	auto_free struct row *rows = NULL;
	size_t count = 0;

	if (!ids)
		return -1;
	for (size_t i = 0; ids[i]; i++) {
		auto_cpuset struct cpuset set = { 0 };

		if (!read_cpus((unsigned)strtoul(ids[i], NULL, 10), &set))
			continue;
		rows = xreallocarray(rows, count + 1, sizeof(*rows));
		rows[count] = (struct row){ .id = ids[i], .columns = STRBUF_INIT };
		add_columns(&set, &rows[count++].columns);
	}
	if (count)
		format_rows(rows, count, out);
	else
		strbuf_adds(out, "no running containers\n");
	for (size_t i = 0; i < count; i++)
		strbuf_done(&rows[i].columns);
	return 0;
}

static struct json_t *row_value(unsigned vmid, const struct cpuset *set)
{
	struct json_t *row = value_object(), *cpus = value_list();

	for (size_t i = 0; i < set->count; i++)
		value_add(cpus, value_int(set->cpus[i]));
	value_set(row, "vmid", value_int(vmid));
	value_set(row, "cpus", cpus);
	return row;
}

int ct_cpusets_value(struct json_t **out, struct error *err)
{
	auto_free unsigned *ids = NULL;
	struct json_t *list;
	size_t count;

	if (lxc_running(&ids, &count, err) < 0)
		return -1;
	list = value_list();
	for (size_t i = 0; i < count; i++) {
		auto_cpuset struct cpuset set = { 0 };

		if (read_cpus(ids[i], &set))
			value_add(list, row_value(ids[i], &set));
	}
	*out = list;
	return 0;
}
