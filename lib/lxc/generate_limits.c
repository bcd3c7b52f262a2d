/* Memory, CPU and devices in the family of keys that the host obeys (runtime.md 2.9,
 * 2.13). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "lxc/generator.h"

#define MIB (1024LL * 1024)

bool host_device_is_forbidden(const struct host_device *device)
{
	return device->type == 'c' && device->major == 10 && device->minor == 237;
}

bool is_mount_word(const char *path)
{
	return path[strcspn(path, " \t\n\\")] == '\0';
}

static bool is_usable(struct generator *g, const struct device *device,
		      const struct host_device *node)
{
	if (!is_mount_word(device->path))
		put_failure(g, "Device %s: blanks and backslashes are not allowed",
			    device->path);
	else if (node->type == 0)
		put_failure(g, "Device %s does not exist", device->path);
	else if (node->type == 1)
		put_failure(g, "%s is not a device", device->path);
	else if (node->type == 2)
		put_failure(g, "Error accessing device %s", device->path);
	return !g->failed;
}

/*
 * The node that pre-start makes is bound by LXC itself: a hook at that point would run
 * as the container's root, which cannot reach every place our programs are kept in.
 */
static void put_device(struct generator *g, const struct device *device,
		       const struct host_device *node)
{
	if (host_device_is_forbidden(node)) {
		notes_add(g->notes, "device '%s' is never passed through", device->path);
		return;
	}
	if (g->host->devices)
		put_cgroup(g, "devices.allow", "%c %u:%u %s", node->type, node->major,
			   node->minor, device->deny_write == 1 ? "r" : "rw");
	if (g->host->devices && device->deny_write == 1)
		put_cgroup(g, "devices.deny", "%c %u:%u w", node->type, node->major,
			   node->minor);
	put(g, "lxc.mount.entry", "%s/%u/passthrough%s %s none bind,create=file 0 0",
	    g->host->lxc_dir, g->config->vmid, device->path, device->path + 1);
}

static void device(struct generator *g, unsigned index)
{
	auto_device struct device device = { 0 };
	const struct host_device *node = &g->host->devices_of[index];
	char key[16];

	snprintf(key, sizeof(key), "dev%u", index);
	if (g->failed || !config_get(g->config, key))
		return;
	if (config_device(g->config, index, &device, g->err) < 0) {
		fail_in(g->err, "%s", key);
		g->failed = true;
		return;
	}
	if (!device.path) {
		put_failure(g, "Path is not defined for passthrough device %s", key);
		return;
	}
	if (is_usable(g, &device, node))
		put_device(g, &device, node);
}

/* Which devices they are on is known when they are mounted: pre-start writes the file. */
static void quota_devices(struct generator *g)
{
	if (!g->unprivileged && config_has_quota(g->config) &&
	    !has_raw(g, "lxc.mount.fstab"))
		put(g, "lxc.mount.fstab", "%s/%u/passthrough/mounts", g->host->lxc_dir,
		    g->config->vmid);
}

void generate_devices(struct generator *g)
{
	for (unsigned i = 0; i < 256 && g->host->devices_of; i++)
		device(g, i);
	quota_devices(g);
}

void generate_memory(struct generator *g)
{
	long long memory = config_int(g->config, "memory");
	long long swap = config_get(g->config, "swap") ? config_int(g->config, "swap") : 0;

	if (!g->host->memory)
		return;
	if (g->host->layout == CGROUP_HYBRID) {
		put_cgroup(g, "memory.limit_in_bytes", "%lld", memory * MIB);
		if (g->host->memsw)
			put_cgroup(g, "memory.memsw.limit_in_bytes", "%lld",
				   (memory + swap) * MIB);
		return;
	}
	put_cgroup(g, "memory.max", "%lld", memory * MIB);
	put_cgroup(g, "memory.high", "%lld",
		   memory >= 16384 ? (memory - 128) * MIB : memory * 1024 * 1016);
	if (g->host->memsw)
		put_cgroup(g, "memory.swap.max", "%lld", swap * MIB);
}

static long long clamp(long long value, long long low, long long high)
{
	return value < low ? low : value > high ? high : value;
}

void generate_cpu(struct generator *g)
{
	double limit = config_number(g->config, "cpulimit");
	long long units = config_int(g->config, "cpuunits");
	bool has_units = config_get(g->config, "cpuunits") != NULL;

	if (!g->host->cpu)
		return;
	if (g->host->layout == CGROUP_HYBRID) {
		if (limit > 0) {
			put_cgroup(g, "cpu.cfs_period_us", "100000");
			put_cgroup(g, "cpu.cfs_quota_us", "%lld",
				   (long long)(100000 * limit));
		}
		if (has_units)
			put_cgroup(g, "cpu.shares", "%lld", clamp(units, 2, 262144));
		return;
	}
	if (limit > 0)
		put_cgroup(g, "cpu.max", "%lld 100000", (long long)(100000 * limit));
	if (has_units)
		put_cgroup(g, "cpu.weight", "%lld", clamp(units, 1, 10000));
}

/* "0,2-4,7" of ascending numbers. */
static void format_ranges(const unsigned *cpus, size_t count, struct strbuf *out)
{
	size_t end;

	for (size_t i = 0; i < count; i = end) {
		for (end = i + 1; end < count && cpus[end] == cpus[end - 1] + 1;)
			end++;
		strbuf_addf(out, "%s%u", i ? "," : "", cpus[i]);
		if (end > i + 1)
			strbuf_addf(out, "-%u", cpus[end - 1]);
	}
}

void generate_cpuset(struct generator *g)
{
	auto_strbuf struct strbuf list = STRBUF_INIT;
	auto_free unsigned *cpus = NULL;
	long long cores = config_int(g->config, "cores");
	size_t count = g->host->cpu_count;

	if (cores < 1 || count == 0 || !g->host->cpuset ||
	    has_raw(g, "lxc.cgroup2.cpuset.cpus") || has_raw(g, "lxc.cgroup.cpuset.cpus"))
		return;
	cpus = xcalloc(count, sizeof(*cpus));
	for (size_t i = 0; i < count; i++)
		cpus[i] = g->host->cpus[i];
	while (count > (size_t)cores) {
		size_t out = g->host->pick((unsigned)count);

		for (count--; out < count; out++)
			cpus[out] = cpus[out + 1];
	}
	format_ranges(cpus, count, &list);
	put_cgroup(g, "cpuset.cpus", "%s", list.at);
}
