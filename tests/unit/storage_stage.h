/*
 * Storages for tests: a host whose storage.cfg the test writes, and real file systems on
 * loop devices in a mount namespace of the test's own, so that nothing is left behind
 * whatever happens. Every test of a program shares the host.
 */
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "storage/type.h"
#include "test.h"

static inline int stage_run(const char *const *argv)
{
	auto_strbuf struct strbuf output = STRBUF_INIT;
	struct error err;

	return process_run(&(struct process){ .argv = argv, .output = &output }, &err);
}

/* Put a file system of that type and size on a loop device and mount it at path. */
static inline bool stage_mount(const char *fstype, const char *size, const char *path)
{
	auto_free char *image = xasprintf("%s/%s.img", test_dir(), fstype);
	auto_free char *mkfs = xasprintf("mkfs.%s", fstype);
	const char *const truncate[] = { "truncate", "-s", size, image, NULL };
	const char *const make[] = { mkfs, "-q", image, NULL };
	const char *const mount_it[] = { "mount", "-t",  fstype, "-o",
					 "loop",  image, path,   NULL };
	struct error err;

	return make_dirs(path, 0755, &err) == 0 && stage_run(truncate) == 0 &&
	       stage_run(make) == 0 && stage_run(mount_it) == 0;
}

/* A mount namespace of this process's own, with an empty /mnt; once is enough. */
static inline bool stage_private(void)
{
	static bool done;

	if (!done)
		done = unshare(CLONE_NEWNS) == 0 &&
		       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		       mount("tmpfs", "/mnt", "tmpfs", 0, "mode=755") == 0;
	return done;
}

/*
 * The directory where a file system of that type is mounted, once for each program; NULL:
 * it cannot be here, and the test is skipped.
 */
static inline const char *stage_fs(const char *fstype, const char *size)
{
	static struct {
		char *fstype, *path;
	} known[4];
	size_t i = 0;

	while (known[i].fstype && strcmp(known[i].fstype, fstype) != 0)
		i++;
	if (!known[i].fstype) {
		auto_free char *path = xasprintf("/mnt/%s", fstype);

		known[i].fstype = xstrdup(fstype);
		if (stage_private() && stage_mount(fstype, size, path))
			known[i].path = take_ptr(&path);
	}
	if (!known[i].path)
		test_skip("a loop device with this file system cannot be mounted here");
	return known[i].path;
}

/* The storages of this storage.cfg. */
static inline void stage_host(struct storages *all, const char *cfg)
{
	auto_free char *file = NULL;
	struct error err;

	EXPECT(path_set_root(test_dir(), &err) == 0);
	EXPECT(path_make(PATH_CONFIG, &err) == 0);
	file = path_in(PATH_ETC, "storage.cfg");
	EXPECT(save_path(file, slice(cfg), 0644, &err) == 0);
	storages_load(all, NULL);
}

/* A new volume; NULL and a failed expectation if there is none. */
static inline char *stage_alloc(const struct storages *all, const char *id, unsigned vmid,
				enum volume_format format, uint64_t size_kib)
{
	const struct volume_request request = { .vmid = vmid,
						.format = format,
						.size_kib = size_kib };
	const struct storage *st = NULL;
	char *volid = NULL;
	struct error err = { 0 };

	EXPECT(storage_use(all, slice(id), 0, &st, &err) == 0 &&
	       volume_alloc(st, &request, NULL, &volid, &err) == 0);
	EXPECT_TEXT(err.text, "");
	return volid;
}

/* The path of a volume or snapshot. */
static inline char *stage_path(const struct storages *all, const char *volid,
			       const char *snap)
{
	auto_volume_source struct volume_source source = { 0 };
	struct error err = { 0 };

	EXPECT(volume_activate(all, slice(volid), snap, &source, &err) == 0);
	EXPECT_TEXT(err.text, "");
	return take_ptr(&source.path);
}

/* What a guest keeps in a volume: a file in a directory, or the first bytes of an image. */
static inline char *stage_file(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode) ? xasprintf("%s/data", path)
							       : xstrdup(path);
}

static inline void stage_write(const struct storages *all, const char *volid,
			       const char *text)
{
	auto_free char *path = stage_path(all, volid, NULL);
	auto_free char *file = stage_file(path);
	auto_close int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	struct error err;

	EXPECT(fd >= 0 && write_all(fd, text, strlen(text), &err) == 0);
}

/* Whether the volume's data starts with text. */
static inline bool stage_holds(const struct storages *all, const char *volid,
			       const char *snap, const char *text)
{
	auto_free char *path = stage_path(all, volid, snap);
	auto_free char *file = stage_file(path);
	auto_close int fd = open(file, O_RDONLY | O_CLOEXEC);
	char bytes[64] = "";

	return fd >= 0 && read(fd, bytes, strlen(text)) == (ssize_t)strlen(text) &&
	       memcmp(bytes, text, strlen(text)) == 0;
}

static inline bool stage_is_there(const char *directory, const char *name)
{
	auto_free char *path = xasprintf("%s/%s", directory, name);

	return path_exists(path);
}
