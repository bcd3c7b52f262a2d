#include "lxc/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "lxc/cgroup.h"
#include "lxc/cpuset.h"
#include "lxc/host.h"

#define MIB       (1024LL * 1024)
#define MIB_MAX   (1LL << 39) /* the sum of two is still a number of bytes */
#define PERIOD_US 100000
#define ANSWER_S  10
#define UNLIMITED (1LL << 60) /* the kernel says "no limit" with numbers above this */

/* The directory of one controller of the container; the group for its inner part too. */
static char *group_of(unsigned vmid, const char *controller)
{
	auto_free char *mount = cgroup_mount(cgroup_layout(), controller);

	return mount ? xasprintf("%s/lxc/%u%s", mount, vmid, lxc_cgroup_suffix()) : NULL;
}

/* The group, which is there as long as the container runs; NULL with err. */
static char *open_group(unsigned vmid, const char *controller, struct error *err)
{
	auto_free char *group = group_of(vmid, controller);

	if (!group)
		fail(err, 0, "this host has no cgroup controller '%s'", controller);
	else if (!path_exists(group))
		fail(err, 0, "trying to change %s cgroup values: container not running",
		     controller);
	else
		return take_ptr(&group);
	return NULL;
}

static bool has_file(const char *group, const char *file)
{
	auto_free char *path = xasprintf("%s/%s", group, file);

	return path_exists(path);
}

static int read_text(const char *group, const char *file, struct strbuf *out,
		     struct error *err)
{
	auto_free char *path = xasprintf("%s/%s", group, file);

	if (read_file(-1, path, 65536, out, err) < 0)
		return -1;
	while (out->len && out->at[out->len - 1] == '\n')
		strbuf_cut(out, out->len - 1);
	return 0;
}

static int write_text(const char *group, const char *file, const char *value,
		      struct error *err)
{
	auto_free char *path = xasprintf("%s/%s", group, file);

	return write_value(path, value, err);
}

/* Write, and see that it is in force. */
static int put(const char *group, const char *file, const char *value, struct error *err)
{
	auto_strbuf struct strbuf now = STRBUF_INIT;

	if (write_text(group, file, value, err) < 0 ||
	    read_text(group, file, &now, err) < 0)
		return -1;
	if (strcmp(now.at, value) != 0)
		return fail(err, 0, "%s is '%s' after writing '%s'", file, now.at, value);
	return 0;
}

static int put_number(const char *group, const char *file, long long value,
		      struct error *err)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", value);
	return put(group, file, text, err);
}

static int get_number(const char *group, const char *file, long long *out,
		      struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (read_text(group, file, &text, err) < 0)
		return -1;
	*out = strtoll(text.at, NULL, 10);
	return 0;
}

/* The kernel rounds this one to pages: it need not read back as written. */
static int put_high(const char *group, long long memory_mib, struct error *err)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld",
		 memory_mib >= 16384 ? (memory_mib - 128) * MIB : memory_mib * 1024 * 1016);
	return write_text(group, "memory.high", text, err);
}

static int memory_v2(const char *group, long long memory_mib, long long swap_mib,
		     bool has_swap, struct error *err)
{
	if (swap_mib >= 0 && has_swap &&
	    put_number(group, "memory.swap.max", swap_mib * MIB, err) < 0)
		return -1;
	if (memory_mib < 0)
		return 0;
	return put_high(group, memory_mib, err) < 0
		       ? -1
		       : put_number(group, "memory.max", memory_mib * MIB, err);
}

/* The sum may never be below memory: what grows is written first. */
static int memory_v1(const char *group, long long memory_mib, long long swap_mib,
		     struct error *err)
{
	static const char limit[] = "memory.limit_in_bytes";
	static const char both[] = "memory.memsw.limit_in_bytes";
	long long memory, sum, wanted, wanted_sum;

	if (get_number(group, limit, &memory, err) < 0 ||
	    get_number(group, both, &sum, err) < 0)
		return -1;
	wanted = memory_mib >= 0 ? memory_mib * MIB : memory;
	if (swap_mib >= 0)
		wanted_sum = wanted + swap_mib * MIB;
	else
		wanted_sum = sum > UNLIMITED ? sum : wanted + sum - memory;
	if (wanted_sum > sum)
		return put_number(group, both, wanted_sum, err) < 0
			       ? -1
			       : put_number(group, limit, wanted, err);
	return put_number(group, limit, wanted, err) < 0
		       ? -1
		       : put_number(group, both, wanted_sum, err);
}

int limits_memory(unsigned vmid, long long memory_mib, long long swap_mib,
		  struct notes *notes, struct error *err)
{
	bool v2 = cgroup_layout() == CGROUP_V2;
	auto_free char *group = open_group(vmid, "memory", err);
	bool has_swap;

	if (!group)
		return -1;
	if (memory_mib > MIB_MAX || swap_mib > MIB_MAX)
		return fail(err, 0, "a limit of %lld MiB is too large",
			    memory_mib > MIB_MAX ? memory_mib : swap_mib);
	has_swap = has_file(group, v2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes");
	if (!has_swap && swap_mib >= 0)
		notes_add(notes,
			  "swap: limit of %lld MiB is not in force: this host does "
			  "not account for swap",
			  swap_mib);
	if (v2)
		return memory_v2(group, memory_mib, swap_mib, has_swap, err);
	if (has_swap)
		return memory_v1(group, memory_mib, swap_mib, err);
	return memory_mib < 0
		       ? 0
		       : put_number(group, "memory.limit_in_bytes", memory_mib * MIB, err);
}

int limits_cpu(unsigned vmid, double cpus, struct error *err)
{
	bool v2 = cgroup_layout() == CGROUP_V2;
	auto_free char *group = open_group(vmid, "cpu", err);
	long long quota = (long long)(PERIOD_US * cpus);
	char text[64];

	if (!group)
		return -1;
	if (!v2)
		return put_number(group, "cpu.cfs_period_us", PERIOD_US, err) < 0
			       ? -1
			       : put_number(group, "cpu.cfs_quota_us",
					    cpus > 0 ? quota : -1, err);
	if (cpus > 0)
		snprintf(text, sizeof(text), "%lld %d", quota, PERIOD_US);
	else
		snprintf(text, sizeof(text), "max %d", PERIOD_US);
	return put(group, "cpu.max", text, err);
}

int limits_weight(unsigned vmid, long long units, struct error *err)
{
	bool v2 = cgroup_layout() == CGROUP_V2;
	auto_free char *group = open_group(vmid, "cpu", err);

	if (!group)
		return -1;
	if (!v2)
		return put_number(group, "cpu.shares", units >= 0 ? units : 1024, err);
	if (units == 0 || units > 10000)
		return fail(err, 0, "cpu weight (shares) must be in range [1, 10000]");
	return put_number(group, "cpu.weight", units >= 0 ? units : 100, err);
}

/* The group above all containers says what can be had. */
static int allowed_cpus(const char *group, bool v2, struct cpuset *out, struct error *err)
{
	auto_free char *parent = xstrndup(group, (size_t)(strrchr(group, '/') - group));
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (read_text(parent, v2 ? "cpuset.cpus.effective" : "cpuset.effective_cpus", &text,
		      err) < 0)
		return -1;
	if (!cpuset_parse(strbuf_slice(&text), out) || out->count == 0)
		return fail(err, 0, "cannot understand the CPUs '%s'", text.at);
	return 0;
}

/*
 * Inner and outer group hold the set, and no inner one may exceed its parent: so the
 * parent gets all, then the inner one the new set, then the parent.
 */
static int put_cpus(const char *group, const struct cpuset *allowed,
		    const struct cpuset *wanted, const char *before, struct error *err)
{
	auto_strbuf struct strbuf all = STRBUF_INIT, some = STRBUF_INIT;
	auto_free char *inner = xasprintf("%s/ns", group);
	struct error ignored;

	cpuset_format(allowed, &all);
	cpuset_format(wanted, &some);
	if (write_text(group, "cpuset.cpus", all.at, err) < 0)
		return -1;
	if (has_file(inner, "cpuset.cpus") &&
	    write_text(inner, "cpuset.cpus", some.at, err) < 0) {
		write_text(group, "cpuset.cpus", before, &ignored);
		return -1;
	}
	return write_text(group, "cpuset.cpus", some.at, err);
}

int limits_cores(const struct config *config, long long cores, struct notes *notes,
		 struct error *err)
{
	bool v2 = cgroup_layout() == CGROUP_V2;
	auto_free char *group = group_of(config->vmid, "cpuset");
	auto_cpuset struct cpuset allowed = { 0 }, now = { 0 }, wanted = { 0 };
	auto_strbuf struct strbuf before = STRBUF_INIT;

	if (config_raw(config, "lxc.cgroup2.cpuset.cpus") ||
	    config_raw(config, "lxc.cgroup.cpuset.cpus"))
		return 0;
	if (!group || !has_file(group, "cpuset.cpus")) {
		if (cores > 0)
			notes_add(notes,
				  "cores: limit of %lld is not in force: this host has no "
				  "cpuset controller",
				  cores);
		return 0;
	}
	if (allowed_cpus(group, v2, &allowed, err) < 0 ||
	    read_text(group, "cpuset.cpus", &before, err) < 0 ||
	    !cpuset_parse(strbuf_slice(&before), &now))
		return -1;
	cpuset_resize(&now, &allowed, (size_t)cores, &wanted);
	return put_cpus(group, &allowed, &wanted, before.at, err);
}

/* A program that the monitor attaches to the cgroup: only LXC knows the other rules. */
static int device_rule_v2(unsigned vmid, const char *file, const char *rule,
			  struct error *err)
{
	auto_free char *dir = path_in(PATH_LXC, "%s", "");
	auto_free char *name = xasprintf("%u", vmid);
	const char *const argv[] = {
		"lxc-cgroup", "-P", dir, "-n", name, file, rule, NULL
	};

	return process_run(&(struct process){ .argv = argv, .timeout_s = ANSWER_S }, err);
}

/* The parent first: it may not allow less than the inner group. */
static int device_rule_v1(unsigned vmid, const char *file, const char *rule,
			  struct error *err)
{
	auto_free char *group = group_of(vmid, "devices"), *inner = NULL;

	if (!group) /* nothing keeps the container from its devices */
		return 0;
	inner = xasprintf("%s/ns", group);
	return write_text(group, file, rule, err) < 0 ? -1
						      : write_text(inner, file, rule, err);
}

int limits_device(unsigned vmid, const struct host_device *device, bool deny_write,
		  struct error *err)
{
	int (*put_rule)(unsigned, const char *, const char *, struct error *) =
		cgroup_layout() == CGROUP_V2 ? device_rule_v2 : device_rule_v1;
	auto_free char *rule =
		xasprintf("%c %u:%u ", device->type, device->major, device->minor);
	auto_free char *write = xasprintf("%sw", rule);
	auto_free char *allow = xasprintf("%s%s", rule, deny_write ? "r" : "rw");

	if (deny_write && put_rule(vmid, "devices.deny", write, err) < 0)
		return -1;
	return put_rule(vmid, "devices.allow", allow, err);
}
