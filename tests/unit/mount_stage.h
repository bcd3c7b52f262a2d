/*
 * The stage of the tests of lib/mount: each MOUNT_TEST has a directory, a mount namespace
 * and a plan of its own, and nothing of it is seen outside.
 */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "mount/mount.h"
#include "test.h"

static char dir[64]; /* of the running test; below it is a PCT_ROOT */
static struct mount_plan plan;

static const struct mountpoint plain = {
	.acl = -1, .ro = -1, .quota = -1, .keepattrs = -1
};

static inline char *at(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static inline void make(const char *name)
{
	auto_free char *path = at(name);

	EXPECT(mkdir(path, 0755) == 0 || errno == EEXIST);
}

static inline void put(const char *name, const char *text)
{
	auto_free char *path = at(name);
	struct error err;

	EXPECT_INT(save_path(path, slice(text), 0644, &err), 0);
}

static inline bool there(const char *name)
{
	auto_free char *path = at(name);
	struct stat st;

	return lstat(path, &st) == 0;
}

static inline void point(const char *name, const char *to)
{
	auto_free char *path = at(name);
	auto_free char *target = at(to);

	EXPECT(symlink(target, path) == 0);
}

static inline bool run(const char *const *argv)
{
	struct error err;

	if (process_run(&(struct process){ .argv = argv, .timeout_s = 30 }, &err) == 0)
		return true;
	printf("# %s\n", err.text);
	return false;
}

static inline void make_image(const char *name)
{
	auto_free char *path = at(name);
	const char *const argv[] = {
		"mkfs.ext4", "-q", "-F", "-O", "mmp", "-E", "root_owner=100000:100000",
		path,        NULL
	};
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	EXPECT(fd >= 0 && ftruncate(fd, 8 << 20) == 0);
	close_fd(&fd);
	EXPECT(run(argv));
}

/* The mounts of the namespace in which fd was opened, as they are now. */
static inline char *mounts_of(int fd)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	lseek(fd, 0, SEEK_SET);
	EXPECT_INT(read_all(fd, 1 << 20, &text, &err), 0);
	return strbuf_take(&text);
}

/* What a test sees and compares of the world outside its own namespace. */
struct outside {
	int ns, mounts;
	char *before;
};

static inline bool go_inside(struct outside *outside)
{
	static unsigned number;
	struct error err;

	*outside = (struct outside){ .ns = -1, .mounts = -1 };
	if (geteuid() != 0) {
		test_skip("needs root");
		return false;
	}
	snprintf(dir, sizeof(dir), "%s/%u", test_dir(), number++);
	EXPECT(mkdir(dir, 0755) == 0);
	EXPECT_INT(path_set_root(dir, &err), 0);
	EXPECT_INT(path_make(PATH_LXC, &err), 0);
	outside->ns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	outside->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	outside->before = mounts_of(outside->mounts);
	EXPECT_INT(mount_private(&err), 0);
	return true;
}

static inline void check_outside(const struct outside *outside)
{
	auto_free char *now = mounts_of(outside->mounts);

	EXPECT_TEXT(now, outside->before);
}

static inline void go_outside(struct outside *outside)
{
	if (outside->ns < 0)
		return;
	check_outside(outside);
	EXPECT(setns(outside->ns, CLONE_NEWNS) == 0);
	close_fd(&outside->ns);
	close_fd(&outside->mounts);
	free_ptr(&outside->before);
}

#define auto_outside __attribute__((cleanup(go_outside)))

static inline void run_inside(void (*test)(const struct outside *outside))
{
	auto_outside struct outside outside;

	if (!go_inside(&outside))
		return;
	plan = (struct mount_plan){ 0 };
	idmap_default(&plan.map);
	test(&outside);
	mount_plan_done(&plan);
}

#define BODY2(line) body_##line
#define BODY(line)  BODY2(line)

/* A TEST in a mount namespace and with a plan of its own. */
#define MOUNT_TEST(sentence)                                       \
	static void BODY(__LINE__)(const struct outside *outside); \
	TEST(sentence)                                             \
	{                                                          \
		run_inside(BODY(__LINE__));                        \
	}                                                          \
	static void BODY(__LINE__)(__attribute__((unused)) const struct outside *outside)

static inline void add(const char *key, enum mount_kind kind, const char *source,
		       const char *target, struct mountpoint mp)
{
	auto_free char *path = at(source);
	auto_free char *inside = xstrdup(target);
	struct error err;

	mp.mp = inside;
	if (mount_plan_add(&plan, key, &mp, kind, path, false, 0, NULL, &err) < 0) {
		printf("# %s\n", err.text);
		EXPECT(false);
	}
}

static inline int apply(struct error *err)
{
	auto_free char *root = at("root");

	return mount_apply(&plan, root, err);
}

static inline bool apply_ok(void)
{
	struct error err;
	auto_close int fd = apply(&err);

	if (fd < 0)
		printf("# %s\n", err.text);
	return fd >= 0;
}

static inline void apply_fails(const char *fmt)
{
	struct error err;
	auto_close int fd = apply(&err);
	auto_free char *now = NULL;
	auto_close int mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	EXPECT(fd < 0);
	if (fd < 0) {
		auto_strbuf struct strbuf want = STRBUF_INIT;

		/* '@' stands for the test's directory. */
		for (; *fmt; fmt++)
			if (*fmt == '@')
				strbuf_adds(&want, dir);
			else
				strbuf_addc(&want, *fmt);
		EXPECT_TEXT(err.text, want.at);
	}
	now = mounts_of(mounts);
	EXPECT(strstr(now, dir) == NULL);
}

/* The usual beginning: a directory as root file system. */
static inline void add_root(void)
{
	make("sub");
	add("rootfs", MOUNT_SUBVOL, "sub", "/", plain);
}

static inline void remove_all(void)
{
	auto_free char *root = at("root");
	struct error err;

	EXPECT_INT(mount_remove(root, &err), 0);
}

static inline unsigned bound_loops(const char *image)
{
	auto_free char *path = at(image);
	auto_dir DIR *sys = opendir("/sys/block");
	struct dirent *entry;
	unsigned count = 0;

	while (sys && (entry = readdir(sys))) {
		auto_free char *file =
			xasprintf("/sys/block/%s/loop/backing_file", entry->d_name);
		auto_strbuf struct strbuf text = STRBUF_INIT;
		struct error err;

		if (read_file(AT_FDCWD, file, 4096, &text, &err) == 0 &&
		    slice_is(slice_trim(strbuf_slice(&text)), path))
			count++;
	}
	return count;
}
