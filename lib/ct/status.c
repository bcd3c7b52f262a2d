#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/procstat.h"
#include "config/store.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "lxc/cgroup.h"
#include "lxc/command.h"

#define MIB          (1024LL * 1024)
#define DISK_DEFAULT (4LL * 1024 * MIB)

int ct_status(unsigned vmid, bool *running, struct error *err)
{
	if (ct_must_exist(vmid, err) < 0)
		return -1;
	*running = lxc_is_running(vmid);
	return 0;
}

static void set_number(struct keyvals *out, const char *key, long long value)
{
	auto_free char *text = xasprintf("%lld", value > 0 ? value : 0);

	keyvals_set(out, key, text);
}

static long long cgroup_number(unsigned vmid, const char *controller, const char *file)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	if (cgroup_read(vmid, controller, file, &text, &err) < 0)
		return 0;
	return strtoll(text.at, NULL, 10);
}

/* The number behind a word at a line's start: "total_cache 4096". */
static long long line_number(const struct strbuf *text, const char *word)
{
	struct slice rest = strbuf_slice(text), line, value;

	while (slice_line(&rest, &line))
		if (slice_is(slice_cut(line, ' ', &value), word))
			return strtoll(value.at, NULL, 10);
	return 0;
}

static long long memory_stat(unsigned vmid, const char *word)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	if (cgroup_read(vmid, "memory", "memory.stat", &text, &err) < 0)
		return 0;
	return line_number(&text, word);
}

static void add_memory(unsigned vmid, struct keyvals *out)
{
	long long used;

	if (cgroup_layout() == CGROUP_V2) {
		set_number(out, "mem",
			   cgroup_number(vmid, "memory", "memory.current") -
				   memory_stat(vmid, "file"));
		set_number(out, "swap",
			   cgroup_number(vmid, "memory", "memory.swap.current"));
		return;
	}
	used = cgroup_number(vmid, "memory", "memory.usage_in_bytes");
	set_number(out, "mem", used - memory_stat(vmid, "total_cache"));
	set_number(out, "swap",
		   cgroup_number(vmid, "memory", "memory.memsw.usage_in_bytes") - used);
}

/* Sum of a word's values: "8:0 Read 4096", or "8:0 rbytes=4096 ...". */
static long long io_sum(const struct strbuf *text, const char *word, char sign)
{
	auto_free char *what = xasprintf("%s%c", word, sign);
	const char *at = text->at;
	long long sum = 0;

	while ((at = strstr(at, what))) {
		at += strlen(what);
		sum += strtoll(at, NULL, 10);
	}
	return sum;
}

static void add_io(unsigned vmid, struct keyvals *out)
{
	bool v2 = cgroup_layout() == CGROUP_V2;
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	if (cgroup_read(vmid, v2 ? "io" : "blkio",
			v2 ? "io.stat" : "blkio.throttle.io_service_bytes_recursive", &text,
			&err) < 0)
		strbuf_cut(&text, 0);
	set_number(out, "diskread", io_sum(&text, v2 ? "rbytes" : "Read", v2 ? '=' : ' '));
	set_number(out, "diskwrite",
		   io_sum(&text, v2 ? "wbytes" : "Write", v2 ? '=' : ' '));
}

/* Host side: what the container receives its host end transmits. */
static void add_net(unsigned vmid, struct keyvals *out)
{
	auto_free char *prefix = xasprintf("veth%ui", vmid);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	long long received = 0, sent = 0;
	struct slice rest, line;
	struct error err;

	if (read_file(AT_FDCWD, "/proc/net/dev", MIB, &text, &err) < 0)
		strbuf_cut(&text, 0);
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line)) {
		struct slice counters;
		long long in, transmitted;
		auto_free char *copy = NULL;

		if (!slice_starts(slice_trim(line), prefix))
			continue;
		slice_cut(line, ':', &counters);
		copy = slice_dup(counters);
		if (sscanf(copy, "%lld %*s %*s %*s %*s %*s %*s %*s %lld", &in,
			   &transmitted) != 2)
			continue;
		sent += in;
		received += transmitted;
	}
	set_number(out, "netin", received);
	set_number(out, "netout", sent);
}

static long long uptime_of(pid_t pid)
{
	auto_strbuf struct strbuf up = STRBUF_INIT;
	struct error err;

	if (read_file(AT_FDCWD, "/proc/uptime", 4096, &up, &err) < 0)
		return 0;
	return (long long)(strtod(up.at, NULL) -
			   (double)process_start_ticks(pid) / (double)sysconf(_SC_CLK_TCK));
}

/* "avg10=1.23" of the line that starts with the word. */
static void add_pressure(unsigned vmid, const char *what, struct keyvals *out)
{
	static const char *const kinds[] = { "some", "full" };
	auto_free char *file = xasprintf("%s.pressure", what);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	if (cgroup_read(vmid, "", file, &text, &err) < 0)
		return;
	for (int i = 0; i < 2; i++) {
		auto_free char *key = xasprintf("pressure%s%s", what, kinds[i]);
		const char *line = strstr(text.at, kinds[i]);
		const char *value = line ? strstr(line, "avg10=") : NULL;
		auto_free char *number = NULL;

		if (!value)
			continue;
		value += strlen("avg10=");
		number = xstrndup(value, strcspn(value, " \n"));
		keyvals_set(out, key, number);
	}
}

static void add_running(unsigned vmid, struct keyvals *out)
{
	struct statvfs fs;
	struct error err;
	pid_t pid;

	add_memory(vmid, out);
	add_io(vmid, out);
	add_net(vmid, out);
	add_pressure(vmid, "cpu", out);
	add_pressure(vmid, "io", out);
	add_pressure(vmid, "memory", out);
	if (lxc_get_init_pid(vmid, &pid, &err) < 0)
		return;
	auto_free char *root = xasprintf("/proc/%d/root/", (int)pid);
	set_number(out, "pid", pid);
	set_number(out, "uptime", uptime_of(pid));
	if (statvfs(root, &fs) == 0) {
		set_number(out, "maxdisk", (long long)(fs.f_blocks * fs.f_frsize));
		set_number(out, "disk",
			   (long long)((fs.f_blocks - fs.f_bfree) * fs.f_frsize));
	}
}

static void add_stopped(struct keyvals *out)
{
	static const char *const zero[] = { "disk",  "diskread", "diskwrite", "mem",
					    "netin", "netout",   "swap",      "uptime" };

	for (size_t i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
		set_number(out, zero[i], 0);
}

static long long cpus_of(const struct config *config)
{
	long long cores = config_int(config, "cores");
	long long limit = (long long)config_number(config, "cpulimit");

	if (cores > 0)
		return cores;
	return limit > 0 ? limit : sysconf(_SC_NPROCESSORS_ONLN);
}

static void add_limits(const struct config *config, struct keyvals *out)
{
	auto_mountpoint struct mountpoint rootfs = { 0 };
	long long size = -1;
	struct error err;

	if (config_mountpoint(config, "rootfs", &rootfs, &err) == 0)
		size = rootfs.size;
	set_number(out, "cpus", cpus_of(config));
	set_number(out, "maxmem", config_int(config, "memory") * MIB);
	set_number(out, "maxswap", config_int(config, "swap") * MIB);
	set_number(out, "maxdisk", size > 0 ? size : DISK_DEFAULT);
}

int ct_status_verbose(unsigned vmid, struct keyvals *out, struct error *err)
{
	static const char *const shown[] = { "lock", "tags" };
	auto_config struct config *config = NULL;
	auto_free char *name = NULL;
	bool running;

	if (ct_load(vmid, &config, err) < 0)
		return -1;
	running = lxc_is_running(vmid);
	name = config_hostname(config);
	keyvals_set(out, "name", name);
	keyvals_set(out, "status", running ? "running" : "stopped");
	keyvals_set(out, "type", "lxc");
	set_number(out, "vmid", vmid);
	for (size_t i = 0; i < 2; i++)
		if (config_get(config, shown[i]))
			keyvals_set(out, shown[i], config_get(config, shown[i]));
	if (config_bool(config, "template"))
		keyvals_set(out, "template", "1");
	add_limits(config, out);
	add_stopped(out);
	if (running)
		add_running(vmid, out);
	return 0;
}
