#include "lxc/generate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "lxc/generator.h"

static bool has_control(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f)
			return true;
	return false;
}

static void put_text(struct generator *g, const char *key, const char *value)
{
	if (g->failed)
		return;
	if (has_control(key) || has_control(value))
		put_failure(g, "%s: control character in value", key);
	else
		strbuf_addf(g->conf, "%s =%s%s\n", key, value[0] ? " " : "", value);
}

PRINTF(3, 0)
static void put_list(struct generator *g, const char *key, const char *fmt, va_list ap)
{
	char *value = NULL;

	if (vasprintf(&value, fmt, ap) < 0)
		abort();
	put_text(g, key, value);
	free(value);
}

void put(struct generator *g, const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_list(g, key, fmt, ap);
	va_end(ap);
}

void put_cgroup(struct generator *g, const char *name, const char *fmt, ...)
{
	auto_free char *key = xasprintf("%s.%s", g->family, name);
	va_list ap;

	va_start(ap, fmt);
	put_list(g, key, fmt, ap);
	va_end(ap);
}

void put_failure(struct generator *g, const char *fmt, ...)
{
	char text[sizeof(g->err->text)];
	va_list ap;

	if (g->failed)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	g->failed = fail(g->err, 0, "%s", text) < 0;
}

bool has_raw(const struct generator *g, const char *key)
{
	const struct section *section = &g->config->main;
	int net_index = -1;

	for (size_t i = 0; i < section->raw_count; i++) {
		auto_free char *now = raw_key_now(section->raw[i].key, &net_index);

		if (now && strcmp(now, key) == 0)
			return true;
	}
	return false;
}

static void cgroup_names(struct generator *g)
{
	const char *suffix = g->host->cgroup_suffix;
	unsigned vmid = g->config->vmid;

	put(g, "lxc.cgroup.relative", "0");
	put(g, "lxc.cgroup.dir.monitor", "lxc.monitor/%u%s", vmid, suffix);
	put(g, "lxc.cgroup.dir.container", "lxc/%u%s", vmid, suffix);
	put(g, "lxc.cgroup.dir.container.inner", "ns");
}

static void arch(struct generator *g)
{
	const char *name = config_get(g->config, "arch");

	if (!name)
		put_failure(g, "missing 'arch' configuration");
	else if (strcmp(name, "riscv32") == 0)
		put_failure(g, "arch: LXC cannot run '%s' containers", name);
	else
		put(g, "lxc.arch", "%s", name);
}

/* The general file of a kind, this host's snippets, and the distribution's own file. */
static void include(struct generator *g, const char *kind, const char *snippets)
{
	auto_free char *general = xasprintf("%s.conf", kind);
	auto_free char *own =
		xasprintf("%s.%s.conf", config_get(g->config, "ostype"), kind);

	put(g, "lxc.include", "%s/%s", g->host->include_dir, general);
	if (snippets)
		put(g, "lxc.include", "%s", snippets);
	if (g->host->include_exists(own))
		put(g, "lxc.include", "%s/%s", g->host->include_dir, own);
}

static void includes(struct generator *g)
{
	const char *ostype = config_get(g->config, "ostype");

	if (!ostype || strchr(ostype, '/')) {
		put_failure(g, "missing 'ostype' configuration");
		return;
	}
	include(g, "common", g->host->common_snippets);
	if (g->unprivileged)
		include(g, "userns", g->host->userns_snippets);
	else if (g->host->devices)
		include(g, g->host->layout == CGROUP_V2 ? "cgroup2" : "cgroup1", NULL);
}

/* LXC hands the path to "sh -c". */
static bool is_shell_word(const char *path)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789/._+-";

	return path[0] == '/' && path[strspn(path, allowed)] == '\0';
}

static void hooks(struct generator *g)
{
	const char *hook = g->host->hook;

	if (!is_shell_word(hook)) {
		put_failure(g,
			    "hook program '%s': only letters, digits and /._+- are allowed "
			    "in its path",
			    hook);
		return;
	}
	put(g, "lxc.hook.pre-start", "%s", hook);
	put(g, "lxc.hook.post-stop", "%s", hook);
}

/* The default list type of liblxc's device program is "deny all". */
static void device_baseline(struct generator *g)
{
	if (!g->unprivileged || g->host->layout != CGROUP_V2)
		return;
	put(g, "lxc.cgroup2.devices.deny", "%s", "");
	put(g, "lxc.cgroup2.devices.allow", "%s", "");
	put(g, "lxc.cgroup2.devices.allow", "a");
}

/*
 * Inside a cgroup namespace of a hybrid host liblxc mounts nothing at /sys/fs/cgroup,
 * and systemd stops there; the unified tree is enough for it (runtime.md 12).
 */
static void guest_cgroups(struct generator *g)
{
	if (g->host->layout == CGROUP_HYBRID)
		put(g, "lxc.mount.auto", "cgroup2:force");
}

static void features(struct generator *g)
{
	const char *entrypoint = config_get(g->config, "entrypoint");

	if (g->features.fuse == 1) {
		if (g->host->has_apparmor_keys)
			put(g, "lxc.apparmor.raw", "mount fstype=fuse,");
		put(g, "lxc.mount.entry", "/dev/fuse dev/fuse none bind,create=file 0 0");
	}
	if (g->unprivileged && g->features.force_rw_sys != 1)
		put(g, "lxc.mount.auto", "sys:mixed");
	if (entrypoint && strcmp(entrypoint, "/sbin/init") != 0)
		put(g, "lxc.mount.entry",
		    "shm dev/shm tmpfs rw,nosuid,nodev,create=dir 0 0");
}

static void idmap(struct generator *g)
{
	struct idmap map;

	if (!g->unprivileged || has_raw(g, "lxc.idmap"))
		return;
	idmap_default(&map);
	for (size_t i = 0; i < map.count; i++)
		put(g, "lxc.idmap", "%c %u %u %u", map.range[i].type, map.range[i].ct,
		    map.range[i].host, map.range[i].count);
}

static void terminals(struct generator *g)
{
	long long ttys = config_int(g->config, "tty");

	if (!config_bool(g->config, "console")) {
		put(g, "lxc.console.path", "none");
		if (g->host->devices)
			put_cgroup(g, "devices.deny", "c 5:1 rwm");
		/* /dev/lxc is made with the console, and ttys in it fail without. */
		if (ttys > 0)
			put(g, "lxc.tty.dir", "%s", "");
	}
	put(g, "lxc.tty.max", "%lld", ttys);
	put(g, "lxc.environment", "TERM=linux");
}

static void hostname(struct generator *g)
{
	auto_free char *name = config_hostname(g->config);

	put(g, "lxc.uts.name", "%s", name);
}

static void rootfs(struct generator *g)
{
	const char *entrypoint = config_get(g->config, "entrypoint");

	if (!config_get(g->config, "rootfs"))
		put_failure(g, "missing 'rootfs' configuration");
	put(g, "lxc.rootfs.path", "%s/%u/rootfs", g->host->lxc_dir, g->config->vmid);
	if (entrypoint)
		put(g, "lxc.init.cmd", "%s", entrypoint);
}

static void all_lines(struct generator *g)
{
	cgroup_names(g);
	arch(g);
	includes(g);
	hooks(g);
	device_baseline(g);
	guest_cgroups(g);
	generate_seccomp(g);
	generate_apparmor(g);
	features(g);
	generate_devices(g);
	put(g, "lxc.monitor.unshare", "1");
	idmap(g);
	terminals(g);
	hostname(g);
	generate_memory(g);
	generate_cpu(g);
	rootfs(g);
	generate_nets(g);
	generate_env(g);
	generate_raw(g);
	generate_cpuset(g);
}

int lxc_generate(const struct config *config, const struct lxc_host *host,
		 struct strbuf *conf, struct strbuf *seccomp, struct notes *notes,
		 struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT, rules = STRBUF_INIT;
	auto_features struct features set = { 0 };
	struct generator g = {
		.config = config,
		.host = host,
		.conf = &text,
		.seccomp = &rules,
		.family = host->layout == CGROUP_V2 ? "lxc.cgroup2" : "lxc.cgroup",
		.notes = notes,
		.err = err,
	};
	struct idmap map;

	if (config_idmap(config, &map, err) < 0 || config_features(config, &set, err) < 0)
		return -1;
	g.unprivileged = map.count > 0;
	g.features = set;
	all_lines(&g);
	if (g.failed)
		return -1;
	strbuf_add_slice(conf, strbuf_slice(&text));
	strbuf_add_slice(seccomp, strbuf_slice(&rules));
	return 0;
}
