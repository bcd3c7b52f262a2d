#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "lxc/cgroup.h"
#include "lxc/features.h"
#include "lxc/host.h"

static void use_root(void)
{
	struct error err;

	EXPECT(path_set_root(test_dir(), &err) == 0);
}

TEST("without a root of its own the toolkit uses plain cgroup names")
{
	struct error err;

	EXPECT(path_set_root("", &err) == 0);
	EXPECT_TEXT(lxc_cgroup_suffix(), "");
}

TEST("two roots have different cgroup names: a dot and eight hex digits")
{
	auto_free char *first = NULL;
	struct error err;

	EXPECT(path_set_root("/tmp/a", &err) == 0);
	first = xstrdup(lxc_cgroup_suffix());
	EXPECT(path_set_root("/tmp/b", &err) == 0);
	EXPECT(strcmp(first, lxc_cgroup_suffix()) != 0);
	EXPECT(first[0] == '.' && strspn(first + 1, "0123456789abcdef") == 8 &&
	       strlen(first) == 9);
}

TEST("known features are good until the library they came from is replaced")
{
	auto_free char *library = xasprintf("%s/liblxc.so.1", test_dir());
	const struct lxc_features set = { .major = 6, .runtime_env = true };
	struct lxc_features got = { 0 };
	struct error err;

	use_root();
	EXPECT(!lxc_features_read(&got));
	EXPECT(save_path(library, slice("one"), 0644, &err) == 0);
	EXPECT(lxc_features_save(&set, library, &err) == 0);
	EXPECT(lxc_features_read(&got));
	EXPECT_INT(got.major, 6);
	EXPECT(got.runtime_env && !got.cgroup1_keys);
	EXPECT(save_path(library, slice("two, longer"), 0644, &err) == 0);
	EXPECT(!lxc_features_read(&got));
	EXPECT(remove_file(library, &err) == 0);
	EXPECT(!lxc_features_read(&got));
}

TEST("a file of features that is no such file is not believed")
{
	auto_free char *path = path_in(PATH_RUN, "lxc-features");
	struct lxc_features got = { 0 };
	struct error err;

	use_root();
	EXPECT(path_make(PATH_RUN, &err) == 0);
	EXPECT(save_path(path, slice("hello\n"), 0644, &err) == 0);
	EXPECT(!lxc_features_read(&got));
	EXPECT(save_path(path, slice(""), 0644, &err) == 0);
	EXPECT(!lxc_features_read(&got));
}

static struct config *sample(const char *more)
{
	auto_free char *text =
		xasprintf("arch: amd64\nhostname: x\nostype: debian\n"
			  "rootfs: local:9198/x.raw,size=1G\nunprivileged: 1\n%s",
			  more);

	return config_parse(slice(text), 9198, NULL);
}

static void know_features(void)
{
	const struct lxc_features set = { .major = 5, .cgroup1_keys = true };
	struct error err;

	use_root();
	EXPECT(lxc_features_save(&set, "/bin/sh", &err) == 0);
}

TEST("writing makes config and rules.seccomp, mode 0644, and leaves equal files alone")
{
	auto_config struct config *config = sample("");
	auto_free char *file = NULL, *rules = NULL;
	struct stat before, after;
	struct error err;

	know_features();
	file = path_in(PATH_LXC, "9198/config");
	rules = path_in(PATH_LXC, "9198/rules.seccomp");
	if (lxc_config_write(config, NULL, &err) < 0) {
		test_expect_text(err.text, "no error", __FILE__, __LINE__);
		return;
	}
	EXPECT(stat(file, &before) == 0 && (before.st_mode & 07777) == 0644);
	EXPECT(stat(rules, &after) == 0 && (after.st_mode & 07777) == 0644);
	EXPECT(lxc_config_write(config, NULL, &err) == 0);
	EXPECT(stat(file, &after) == 0 && after.st_ino == before.st_ino);
	config_set(config, "hostname", "other");
	EXPECT(lxc_config_write(config, NULL, &err) == 0);
	EXPECT(stat(file, &after) == 0 && after.st_ino != before.st_ino);
}

TEST("a template has no LXC configuration, and removing clears the directory")
{
	auto_config struct config *config = sample("template: 1\n");
	auto_free char *file = NULL, *dir = NULL;
	struct error err;

	know_features();
	file = path_in(PATH_LXC, "9198/config");
	dir = path_in(PATH_LXC, "9198");
	EXPECT(path_exists(file));
	EXPECT(lxc_config_write(config, NULL, &err) == 0);
	EXPECT(!path_exists(file) && path_exists(dir));
	EXPECT(lxc_config_remove(9198, &err) == 0);
	EXPECT(!path_exists(dir));
	EXPECT(lxc_config_remove(9198, &err) == 0);
}

TEST("removing stops at a root file system that is still there")
{
	auto_free char *root = NULL, *inner = NULL;
	struct error err;

	use_root();
	root = path_in(PATH_LXC, "9197/rootfs");
	inner = path_in(PATH_LXC, "9197/rootfs/etc");
	EXPECT(path_make(PATH_LXC, &err) == 0);
	free_ptr(&inner);
	inner = path_in(PATH_LXC, "9197");
	EXPECT(make_dir(inner, 0755, &err) == 0 && make_dir(root, 0755, &err) == 0);
	free_ptr(&inner);
	inner = path_in(PATH_LXC, "9197/rootfs/etc");
	EXPECT(make_dir(inner, 0755, &err) == 0);
	EXPECT(lxc_config_remove(9197, &err) < 0);
	EXPECT_INT(err.code, ENOTEMPTY);
	EXPECT(path_exists(inner));
}

TEST("left-over cgroups are removed with what is below, others stay")
{
	auto_free char *mount = cgroup_mount(cgroup_layout(), "memory");
	auto_free char *top = NULL, *group = NULL, *inner = NULL, *other = NULL;
	struct error err;

	use_root();
	if (geteuid() != 0 || !mount || access(mount, W_OK) < 0) {
		test_skip("needs root and a memory controller");
		return;
	}
	top = xasprintf("%s/lxc.monitor", mount);
	group = xasprintf("%s/9196%s", top, lxc_cgroup_suffix());
	inner = xasprintf("%s/ns", group);
	other = xasprintf("%s/9195%s", top, lxc_cgroup_suffix());
	EXPECT(make_dir(top, 0755, &err) == 0 && make_dir(group, 0755, &err) == 0 &&
	       make_dir(inner, 0755, &err) == 0 && make_dir(other, 0755, &err) == 0);
	EXPECT(cgroup_clean(9196, &err) == 0);
	EXPECT(!path_exists(group));
	EXPECT(path_exists(other));
	EXPECT(cgroup_clean(9195, &err) == 0);
	EXPECT(cgroup_clean(9195, &err) == 0);
	rmdir(top);
}

TEST("limits of a container without cgroups are all told as not in force")
{
	auto_config struct config *config =
		sample("memory: 100\ncpulimit: 0.5\ncores: 1\n");
	auto_notes struct notes notes = { 0 };

	use_root();
	cgroup_verify(config, &notes);
	EXPECT_INT(notes.count, 4);
	EXPECT(notes.count > 0 &&
	       slice_starts(slice(notes.text[0]),
			    "memory: limit of 100 MiB is not in force: "));
}
