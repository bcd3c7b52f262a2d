/*
 * The program that LXC runs at four moments of a container's life (runtime.md 3.2-3.5,
 * 8.3). Which one is in its arguments (hook version 0) or in LXC_HOOK_* (version 1).
 * Containers that are not ours are none of its business: it exits 0 for them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "config/store.h"
#include "ct/hooks.h"
#include "ct/report.h"

struct call {
	unsigned vmid;
	char *name, *section, *type; /* "101", "lxc", "pre-start" */
	char *net_type, *ifname;     /* of section "net" */
	char *rootfs_path, *rootfs_mount, *config_file;
	bool reboot;
	bool names_differ; /* LXC_NAME and the first argument */
};

static void call_done(struct call *call)
{
	free(call->name);
	free(call->section);
	free(call->type);
	free(call->net_type);
	free(call->ifname);
	free(call->rootfs_path);
	free(call->rootfs_mount);
	free(call->config_file);
}

static char *env(const char *name)
{
	return xstrdup(getenv(name));
}

static void read_words(int argc, char **argv, struct call *call)
{
	bool is_net;

	if (argc < 4) {
		call->section = env("LXC_HOOK_SECTION");
		call->type = env("LXC_HOOK_TYPE");
		call->net_type = env("LXC_NET_TYPE");
		call->ifname = env("LXC_NET_PEER");
		return;
	}
	call->section = xstrdup(argv[2]);
	call->type = xstrdup(argv[3]);
	is_net = strcmp(call->section, "net") == 0;
	if (is_net && argc == 6) {
		call->net_type = xstrdup(argv[4]);
		call->ifname = xstrdup(argv[5]);
	}
	call->names_differ = call->name && strcmp(call->name, argv[1]) != 0;
}

/* The caller's environment ends here (runtime.md 13 item 22). */
static void read_call(int argc, char **argv, struct call *call)
{
	auto_free char *target = env("LXC_TARGET");

	call->name = env("LXC_NAME");
	call->rootfs_path = env("LXC_ROOTFS_PATH");
	call->rootfs_mount = env("LXC_ROOTFS_MOUNT");
	call->config_file = env("LXC_CONFIG_FILE");
	call->reboot = target && strcmp(target, "reboot") == 0;
	read_words(argc, argv, call);
	clearenv();
	setenv("PATH", PROCESS_PATH, 1);
	setenv("LC_ALL", "C", 1);
	umask(022);
}

/* The generated file's place says which root it belongs to. */
static int find_root(const struct call *call, struct error *err)
{
	auto_free char *end = xasprintf("/var/lib/lxc/%u/config", call->vmid);
	struct slice file = slice(call->config_file);
	auto_free char *root = NULL;

	if (!call->config_file || !slice_ends(file, end))
		return fail(err, 0, "LXC_CONFIG_FILE '%s' does not end in '%s'",
			    call->config_file ? call->config_file : "", end);
	root = xstrndup(file.at, file.len - strlen(end));
	return path_set_root(root, err);
}

static int pre_start(const struct call *call, struct error *err)
{
	return config_exists(call->vmid) ? hook_pre_start(call->vmid, err) : 0;
}

static int post_stop(const struct call *call, struct error *err)
{
	return hook_post_stop(call->vmid, call->reboot, err);
}

static int net_up(const struct call *call, struct error *err)
{
	if (!config_exists(call->vmid))
		return 0;
	if (!call->net_type || strcmp(call->net_type, "veth") != 0 || !call->ifname)
		return fail(err, 0, "expected '<id> net up veth <interface>'");
	return hook_net_up(call->vmid, call->ifname, err);
}

static const struct hook {
	const char *section, *type;
	int (*run)(const struct call *call, struct error *err);
	bool reports; /* runs as host root: its failure goes to the starting command */
} hooks[] = {
	{ "lxc", "pre-start", pre_start, true },
	{ "lxc", "post-stop", post_stop, false },
	{ "net", "up", net_up, true },
};

static const struct hook *find_hook(const struct call *call)
{
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
		if (call->section && call->type &&
		    strcmp(call->section, hooks[i].section) == 0 &&
		    strcmp(call->type, hooks[i].type) == 0)
			return &hooks[i];
	return NULL;
}

static int check_call(const struct call *call, struct error *err)
{
	if (call->names_differ)
		return fail(err, 0, "the arguments and LXC_NAME name different containers");
	if (!call->rootfs_path || !call->rootfs_mount)
		return fail(err, 0, "LXC_ROOTFS_PATH or LXC_ROOTFS_MOUNT is not set");
	return find_root(call, err);
}

int main(int argc, char **argv)
{
	__attribute__((cleanup(call_done))) struct call call = { 0 };
	const struct hook *hook;
	struct error err = { 0 };

	read_call(argc, argv, &call);
	hook = find_hook(&call);
	if (!hook || !vmid_parse(slice(call.name), &call.vmid))
		return 0;
	if (check_call(&call, &err) < 0) {
		warn_plain("%s", err.text);
		return 1;
	}
	if (hook->run(&call, &err) < 0) {
		warn_plain("%s", err.text);
		if (hook->reports)
			report_error(call.vmid, err.text);
		return 1;
	}
	/* Not 0, so that LXC stops and does not start again from its old configuration. */
	return call.reboot && strcmp(hook->type, "post-stop") == 0 ? 1 : 0;
}
