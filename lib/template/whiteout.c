#include "template/whiteout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/own.h"
#include "base/tree.h"

#define PREFIX ".wh."
#define OPAQUE ".wh..wh..opq"

/* The first len bytes of a name, as a name. */
static void cut_name(struct member_name *name, size_t len)
{
	name->text[len] = '\0';
	name->len = len;
}

void whiteout_parse(const struct member_name *member, struct whiteout *out)
{
	const char *base = member_name_base(member), *hidden = base + strlen(PREFIX);
	size_t parent = member_name_parent(member), at = (size_t)(base - member->text);

	out->kind = WHITEOUT_NONE;
	if (strncmp(base, PREFIX, strlen(PREFIX)) != 0)
		return;
	out->kind = WHITEOUT_VOID;
	out->name = *member;
	if (strcmp(base, OPAQUE) == 0) {
		cut_name(&out->name, parent);
		out->kind = WHITEOUT_INSIDE;
	} else if (strcmp(hidden, ".") == 0) {
		cut_name(&out->name, parent);
		out->kind = parent > 0 ? WHITEOUT_ENTRY : WHITEOUT_VOID;
	} else if (hidden[0] && strcmp(hidden, "..") != 0) {
		memmove(out->name.text + at, hidden, strlen(hidden) + 1);
		out->name.len = at + strlen(hidden);
		out->kind = WHITEOUT_ENTRY;
	}
}

/* Nothing is there, or something that has nothing below it. */
static bool is_absent(int code)
{
	return code == ENOENT || code == ENOTDIR || code == ELOOP;
}

/* -1 with err->code 0: there is nothing to take away. */
static int open_parent(int root, const struct member_name *name, struct error *err)
{
	char path[PATH_MAX];
	size_t len = member_name_parent(name);
	int fd;

	memcpy(path, len ? name->text : ".", len ? len : 1);
	path[len ? len : 1] = '\0';
	fd = open_in_root(root, path, O_PATH | O_DIRECTORY, 0, err);
	if (fd < 0 && is_absent(err->code))
		err->code = 0;
	else if (fd < 0)
		err->code = err->code ? err->code : EIO;
	return fd;
}

static int remove_entry(const struct member_name *name, int root, const struct mounts *kept,
			struct error *err)
{
	auto_close int dir = open_parent(root, name, err);

	if (dir < 0)
		return err->code ? -1 : 0;
	if (mounts_have(kept, dir))
		return 0;
	return tree_remove(dir, member_name_base(name), err);
}

static int remove_all(DIR *dir, struct error *err)
{
	for (;;) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return errno ? fail(err, errno, "cannot read the directory") : 0;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    tree_remove(dirfd(dir), entry->d_name, err) < 0)
			return -1;
	}
}

static int remove_inside(const struct member_name *name, int root,
			 const struct mounts *kept, struct error *err)
{
	auto_close int fd = open_in_root(root, name->len ? name->text : ".",
					 O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, err);
	auto_dir DIR *dir = NULL;

	if (fd < 0)
		return is_absent(err->code) ? 0 : -1;
	if (mounts_have(kept, fd))
		return 0;
	dir = fdopendir(fd);
	if (!dir)
		return fail(err, errno, "cannot read the directory");
	take_fd(&fd);
	return remove_all(dir, err);
}

int whiteout_apply(const struct whiteout *whiteout, int root, const struct mounts *kept,
		   struct error *err)
{
	switch (whiteout->kind) {
	case WHITEOUT_ENTRY: return remove_entry(&whiteout->name, root, kept, err);
	case WHITEOUT_INSIDE: return remove_inside(&whiteout->name, root, kept, err);
	default: return 0;
	}
}
