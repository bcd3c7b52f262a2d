/*
 * Runs the real pct-unpack on an archive made by hand: a case is a directory with the
 * archive, the root that it goes to and a canary beside it that must never change.
 */
#pragma once

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "template/template.h"

#include "tarball.h"
#include "test.h"

#define MAPPED 100000

struct unpacking {
	char *dir, *root; /* owned */
	struct strbuf tar;
	struct notes notes;
	struct error err;
	bool privileged;
	unsigned flags;
};

static inline bool can_unpack(void)
{
	if (geteuid() != 0)
		test_skip("needs root");
	return geteuid() == 0;
}

/* A file beside the root, and a directory with one: what archives try to reach. */
static inline void unpacking_init(struct unpacking *u, const char *name, bool privileged)
{
	auto_free char *canary = NULL, *inner = NULL;
	uid_t owner = privileged ? 0 : MAPPED;
	struct error err;

	*u = (struct unpacking){ .tar = STRBUF_INIT, .privileged = privileged };
	u->dir = xasprintf("%s/%s", test_dir(), name);
	u->root = xasprintf("%s/root", u->dir);
	canary = xasprintf("%s/canary", u->dir);
	inner = xasprintf("%s/file", canary);
	/* The mapped root has to be able to pass. */
	chmod(test_dir(), 0755);
	EXPECT(mkdir(u->dir, 0755) == 0 && mkdir(u->root, 0755) == 0 &&
	       chown(u->root, owner, owner) == 0 && mkdir(canary, 0777) == 0 &&
	       chmod(canary, 0777) == 0 &&
	       save_path(inner, slice("alive"), 0666, &err) == 0 &&
	       chmod(inner, 0666) == 0);
}

static inline void unpacking_done(struct unpacking *u)
{
	free(u->dir);
	free(u->root);
	strbuf_done(&u->tar);
	notes_done(&u->notes);
}
#define auto_unpacking __attribute__((cleanup(unpacking_done)))

static inline int unpack_file(struct unpacking *u, const char *path)
{
	auto_close int root = open(u->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct idmap map = { .count = 0 };

	if (!u->privileged)
		idmap_default(&map);
	u->err = (struct error){ 0 };
	return template_unpack(&(struct unpack){ .archive = path,
						 .rootfd = root,
						 .map = &map,
						 .flags = u->flags,
						 .notes = &u->notes },
			       &u->err);
}

/* Unpack u->tar as it stands, as a.tar. */
static inline int unpack_raw(struct unpacking *u)
{
	auto_free char *path = xasprintf("%s/a.tar", u->dir);

	tar_save(&u->tar, path);
	return unpack_file(u, path);
}

/* With its end mark. */
static inline int unpack_tar(struct unpacking *u)
{
	tar_end(&u->tar);
	return unpack_raw(u);
}

static inline bool canary_lives(const struct unpacking *u)
{
	auto_free char *canary = xasprintf("%s/canary", u->dir);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_close int fd = open(canary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct error err;
	struct stat st, dir;

	return fd >= 0 && read_file(fd, "file", 100, &text, &err) == 0 &&
	       slice_is(strbuf_slice(&text), "alive") && fstatat(fd, "file", &st, 0) == 0 &&
	       st.st_uid == 0 && st.st_nlink == 1 && (st.st_mode & 07777) == 0666 &&
	       fstat(fd, &dir) == 0 && dir.st_uid == 0 && (dir.st_mode & 07777) == 0777 &&
	       dir.st_nlink == 2;
}

static inline struct stat look_at(const struct unpacking *u, const char *name)
{
	auto_free char *path = xasprintf("%s/%s", u->root, name);
	struct stat st = { 0 };

	lstat(path, &st);
	return st;
}

static inline bool is_there(const struct unpacking *u, const char *name)
{
	return look_at(u, name).st_mode != 0;
}

static inline bool text_is(const struct unpacking *u, const char *name, const char *want)
{
	auto_free char *path = xasprintf("%s/%s", u->root, name);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	return read_file(AT_FDCWD, path, 100000, &text, &err) == 0 &&
	       slice_is(strbuf_slice(&text), want);
}

/* What went wrong, without "cannot unpack '<path>': " in front. */
static inline const char *reason(const struct unpacking *u)
{
	const char *end = strstr(u->err.text, ".tar': ");

	return end ? end + 7 : u->err.text;
}
