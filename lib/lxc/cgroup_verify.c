/* Reading limits back: one that did not apply is never silent (runtime.md 12). */
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "lxc/cgroup.h"
#include "lxc/cpuset.h"

#define MIB (1024ULL * 1024)

struct check {
	const struct config *config;
	struct notes *notes;
	bool v2;
};

/* The value in force without its line end; "" when it cannot be read. */
static void value_of(const struct check *check, const char *controller, const char *file,
		     struct strbuf *out)
{
	struct error ignored;

	if (cgroup_read(check->config->vmid, controller, file, out, &ignored) < 0)
		strbuf_cut(out, 0);
	while (out->len && out->at[out->len - 1] == '\n')
		strbuf_cut(out, out->len - 1);
}

static void expect(const struct check *check, const char *key, const char *wanted,
		   const char *controller, const char *file, const char *value)
{
	auto_free char *raw = xasprintf("lxc.cgroup%s.%s", check->v2 ? "2" : "", file);
	auto_strbuf struct strbuf got = STRBUF_INIT;

	/* A raw entry is meant to win over the key. */
	value_of(check, controller, file, &got);
	if (strcmp(got.at, value) == 0 || config_raw(check->config, raw))
		return;
	if (got.len)
		notes_add(check->notes, "%s: limit of %s is not in force: %s is '%s'", key,
			  wanted, file, got.at);
	else
		notes_add(check->notes,
			  "%s: limit of %s is not in force: this host has no '%s'", key,
			  wanted, file);
}

static void expect_bytes(const struct check *check, const char *key, long long mib,
			 unsigned long long bytes, const char *file)
{
	char wanted[32], value[32];

	snprintf(wanted, sizeof(wanted), "%lld MiB", mib);
	snprintf(value, sizeof(value), "%llu", bytes);
	expect(check, key, wanted, "memory", file, value);
}

static void verify_memory(const struct check *check)
{
	long long memory = config_int(check->config, "memory");
	long long swap =
		config_get(check->config, "swap") ? config_int(check->config, "swap") : 0;
	unsigned long long total = (unsigned long long)(memory + swap) * MIB;

	expect_bytes(check, "memory", memory, (unsigned long long)memory * MIB,
		     check->v2 ? "memory.max" : "memory.limit_in_bytes");
	if (check->v2)
		expect_bytes(check, "swap", swap, (unsigned long long)swap * MIB,
			     "memory.swap.max");
	else
		expect_bytes(check, "swap", swap, total, "memory.memsw.limit_in_bytes");
}

static void verify_cpu(const struct check *check)
{
	double limit = config_number(check->config, "cpulimit");
	const char *limit_text = config_get(check->config, "cpulimit");
	const char *units_text = config_get(check->config, "cpuunits");
	long long units = config_int(check->config, "cpuunits");
	long long low = check->v2 ? 1 : 2, high = check->v2 ? 10000 : 262144;
	char value[64];

	if (limit > 0) {
		snprintf(value, sizeof(value), check->v2 ? "%lld 100000" : "%lld",
			 (long long)(100000 * limit));
		expect(check, "cpulimit", limit_text, "cpu",
		       check->v2 ? "cpu.max" : "cpu.cfs_quota_us", value);
	}
	if (units_text) {
		snprintf(value, sizeof(value), "%lld",
			 units < low    ? low
			 : units > high ? high
					: units);
		expect(check, "cpuunits", units_text, "cpu",
		       check->v2 ? "cpu.weight" : "cpu.shares", value);
	}
}

static void verify_cores(const struct check *check)
{
	auto_strbuf struct strbuf got = STRBUF_INIT;
	long long cores = config_int(check->config, "cores");
	auto_cpuset struct cpuset allowed = { 0 };

	if (cores < 1 || config_raw(check->config, "lxc.cgroup2.cpuset.cpus") ||
	    config_raw(check->config, "lxc.cgroup.cpuset.cpus"))
		return;
	value_of(check, "cpuset",
		 check->v2 ? "cpuset.cpus.effective" : "cpuset.effective_cpus", &got);
	if (got.len == 0)
		notes_add(check->notes,
			  "cores: limit of %lld is not in force: this host has no cpuset "
			  "controller",
			  cores);
	else if (cpuset_parse(strbuf_slice(&got), &allowed) &&
		 allowed.count > (size_t)cores)
		notes_add(check->notes,
			  "cores: limit of %lld is not in force: the container may use "
			  "CPUs %s",
			  cores, got.at);
}

/* liblxc leaves out the family that the layout does not obey. */
static void verify_raw(const struct check *check)
{
	const char *ignored = check->v2 ? "lxc.cgroup." : "lxc.cgroup2.";
	const struct section *section = &check->config->main;

	for (size_t i = 0; i < section->raw_count; i++)
		if (slice_starts(slice(section->raw[i].key), ignored))
			notes_add(check->notes,
				  "%s: not in force: this host obeys %s keys only",
				  section->raw[i].key,
				  check->v2 ? "lxc.cgroup2" : "lxc.cgroup");
}

void cgroup_verify(const struct config *config, struct notes *notes)
{
	const struct check check = {
		.config = config,
		.notes = notes,
		.v2 = cgroup_layout() == CGROUP_V2,
	};

	verify_memory(&check);
	verify_cpu(&check);
	verify_cores(&check);
	verify_raw(&check);
}
