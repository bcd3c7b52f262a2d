#include "lxc/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/apparmor.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "base/random.h"
#include "lxc/cgroup.h"
#include "lxc/cpuset.h"
#include "lxc/features.h"

#define SNIPPETS "/usr/share/lxc/config"

struct lxc_facts {
	struct lxc_host host;
	char *lxc_dir, *include_dir, *hook, *socket;
	struct strbuf seccomp;
	struct utsname uname;
	struct cpuset cpus;
	unsigned mtu[NET_COUNT];
	struct host_device devices[DEV_COUNT];
};

const char *lxc_cgroup_suffix(void)
{
	static char suffix[16];
	uint32_t hash = 2166136261U;

	if (path_root()[0] == '\0')
		return "";
	for (const char *at = path_root(); *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619U;
	snprintf(suffix, sizeof(suffix), ".%08x", hash);
	return suffix;
}

/* The installed liblxc is asked once, by a program that loads it. */
static int features(struct lxc_features *out, struct error *err)
{
	auto_free char *monitor = NULL, *root = NULL;
	const char *const argv[] = { monitor = path_libexec("pct-monitor"), "--features",
				     NULL };
	const char *const env[] = { root = xasprintf("PCT_ROOT=%s", path_root()), NULL };
	const struct process process = { .argv = argv, .env = env, .timeout_s = 30 };

	if (lxc_features_read(out))
		return 0;
	if (process_run(&process, err) < 0)
		return fail_in(err, "cannot find out what the installed LXC supports");
	if (!lxc_features_read(out))
		return fail(err, 0, "cannot find out what the installed LXC supports");
	return 0;
}

static bool has_controller(enum cgroup_layout layout, const char *controller)
{
	auto_free char *mount = cgroup_mount(layout, controller);

	return mount != NULL;
}

/* The root group has no swap file; its children do if they have memory.max. */
static bool unified_has_swap(const char *mount)
{
	auto_dir DIR *dir = opendir(mount);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		auto_free char *memory =
			xasprintf("%s/%s/memory.max", mount, entry->d_name);
		auto_free char *swap =
			xasprintf("%s/%s/memory.swap.max", mount, entry->d_name);

		if (entry->d_name[0] != '.' && entry->d_type == DT_DIR &&
		    path_exists(memory))
			return path_exists(swap);
	}
	return true;
}

static bool has_swap(enum cgroup_layout layout)
{
	auto_free char *mount = cgroup_mount(layout, "memory"), *file = NULL;

	if (!mount)
		return false;
	if (layout == CGROUP_V2)
		return unified_has_swap(mount);
	file = xasprintf("%s/memory.memsw.limit_in_bytes", mount);
	return path_exists(file);
}

/* Of the group above all containers if it is there already, else of the root. */
static void usable_cpus(struct lxc_facts *facts)
{
	enum cgroup_layout layout = facts->host.layout;
	auto_free char *mount = cgroup_mount(layout, "cpuset");
	const char *file =
		layout == CGROUP_V2 ? "cpuset.cpus.effective" : "cpuset.effective_cpus";
	const char *const dirs[] = { "lxc/", "" };

	for (int i = 0; mount && i < 2 && facts->cpus.count == 0; i++) {
		auto_free char *path = xasprintf("%s/%s%s", mount, dirs[i], file);
		auto_strbuf struct strbuf text = STRBUF_INIT;
		struct error ignored;

		if (read_file(-1, path, 65536, &text, &ignored) == 0)
			cpuset_parse(strbuf_slice(&text), &facts->cpus);
	}
	facts->host.cpus = facts->cpus.cpus;
	facts->host.cpu_count = facts->cpus.count;
}

static unsigned pick(unsigned below)
{
	unsigned value;

	random_bytes(&value, sizeof(value));
	return value % below;
}

/* 0 unless there is a bridge of that name: another device is none. */
static unsigned bridge_mtu(const char *bridge)
{
	auto_free char *proof = xasprintf("/sys/class/net/%s/bridge", bridge);
	auto_free char *path = xasprintf("/sys/class/net/%s/mtu", bridge);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error ignored;
	uint64_t mtu = 0;

	if (path_exists(proof) && read_file(-1, path, 64, &text, &ignored) == 0)
		slice_number(slice_trim(strbuf_slice(&text)), 1, UINT32_MAX, &mtu);
	return (unsigned)mtu;
}

static void bridges(struct lxc_facts *facts, const struct config *config)
{
	for (unsigned i = 0; i < NET_COUNT; i++) {
		auto_net struct net net = { 0 };
		struct error ignored;

		if (config_net(config, i, &net, &ignored) == 0 && net.bridge &&
		    net.bridge[0] != '.')
			facts->mtu[i] = bridge_mtu(net.bridge);
	}
	facts->host.bridge_mtu = facts->mtu;
}

static void nodes(struct lxc_facts *facts, const struct config *config)
{
	for (unsigned i = 0; i < DEV_COUNT; i++) {
		auto_device struct device device = { 0 };
		struct host_device *node = &facts->devices[i];
		struct error ignored;
		struct stat st;

		if (config_device(config, i, &device, &ignored) < 0 || !device.path)
			continue;
		if (stat(device.path, &st) < 0) {
			node->type = errno == ENOENT || errno == ENOTDIR ? 0 : 2;
			continue;
		}
		node->type = S_ISBLK(st.st_mode) ? 'b' : S_ISCHR(st.st_mode) ? 'c' : 1;
		node->major = major(st.st_rdev);
		node->minor = minor(st.st_rdev);
	}
	facts->host.devices_of = facts->devices;
}

/* A socket that nobody listens on would let LXC kill the container at once. */
static bool listens(const char *path)
{
	auto_close int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

static void system_calls(struct lxc_facts *facts, const struct config *config)
{
	auto_features struct features set = { 0 };
	unsigned major_number = 0, minor_number = 0;
	struct error ignored;

	uname(&facts->uname);
	facts->host.kernel = facts->uname.release;
	sscanf(facts->uname.release, "%u.%u", &major_number, &minor_number);
	facts->host.kernel_has_notify =
		major_number > 5 || (major_number == 5 && minor_number >= 3);
	if (config_features(config, &set, &ignored) < 0 || set.mknod != 1)
		return;
	facts->socket = xasprintf("%s/run/pve-lxc-syscalld/socket", path_root());
	if (listens(facts->socket))
		facts->host.notify_socket = facts->socket;
}

static bool include_exists(const char *name)
{
	auto_free char *path = path_share("lxc/%s", name);

	return path_exists(path);
}

static void cgroups(struct lxc_host *host)
{
	host->layout = cgroup_layout();
	host->memory = has_controller(host->layout, "memory");
	host->memsw = has_swap(host->layout);
	host->cpu = has_controller(host->layout, "cpu");
	host->cpuset = has_controller(host->layout, "cpuset");
	host->devices =
		host->layout == CGROUP_V2 || has_controller(host->layout, "devices");
}

static void installed(struct lxc_host *host, const struct lxc_features *set)
{
	host->lxc_major = set->major;
	host->has_cgroup1_keys = set->cgroup1_keys;
	host->has_apparmor_keys = set->apparmor_keys;
	host->has_runtime_env = set->runtime_env;
	host->apparmor_parser_4 = set->apparmor_parser_4;
	/* Without the keys of its family no limit of this host can be written. */
	if (host->layout == CGROUP_HYBRID && !set->cgroup1_keys)
		host->memory = host->memsw = host->cpu = host->cpuset = host->devices =
			false;
}

static int own_files(struct lxc_facts *facts, struct error *err)
{
	auto_free char *seccomp = path_share("lxc/common.seccomp");

	facts->lxc_dir = path_in(PATH_LXC, "%s", "");
	facts->include_dir = path_share("lxc");
	facts->hook = path_libexec("pct-hook");
	facts->host.lxc_dir = facts->lxc_dir;
	facts->host.include_dir = facts->include_dir;
	facts->host.hook = facts->hook;
	facts->host.include_exists = include_exists;
	facts->host.cgroup_suffix = lxc_cgroup_suffix();
	facts->host.pick = pick;
	if (path_exists(SNIPPETS "/common.conf.d"))
		facts->host.common_snippets = SNIPPETS "/common.conf.d";
	if (path_exists(SNIPPETS "/userns.conf.d"))
		facts->host.userns_snippets = SNIPPETS "/userns.conf.d";
	if (read_file(-1, seccomp, 65536, &facts->seccomp, err) < 0)
		return -1;
	facts->host.common_seccomp = facts->seccomp.at;
	return 0;
}

int lxc_facts_collect(const struct config *config, struct lxc_facts **out,
		      const struct lxc_host **host, struct error *err)
{
	auto_lxc_facts struct lxc_facts *facts = xcalloc(1, sizeof(*facts));
	struct lxc_features set;

	facts->seccomp = (struct strbuf)STRBUF_INIT;
	if (features(&set, err) < 0 || own_files(facts, err) < 0)
		return -1;
	if (set.apparmor_keys && !set.apparmor_parser && aa_is_enabled() == 1 &&
	    !config_raw(config, "lxc.apparmor.profile"))
		return fail(err, 0,
			    "AppArmor is enabled, but '%s' is missing: install the "
			    "package apparmor",
			    APPARMOR_PARSER);
	cgroups(&facts->host);
	installed(&facts->host, &set);
	usable_cpus(facts);
	bridges(facts, config);
	nodes(facts, config);
	system_calls(facts, config);
	*host = &facts->host;
	*out = take_ptr(&facts);
	return 0;
}

void lxc_facts_free(struct lxc_facts **facts)
{
	struct lxc_facts *old = *facts;

	if (!old)
		return;
	free(old->lxc_dir);
	free(old->include_dir);
	free(old->hook);
	free(old->socket);
	cpuset_done(&old->cpus);
	strbuf_done(&old->seccomp);
	free(old);
	*facts = NULL;
}
