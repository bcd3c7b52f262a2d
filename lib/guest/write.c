#include "guest/write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/random.h"
#include "guest/files.h"

static bool is_ignored(const struct guest_root *root, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	auto_free char *ignore =
		xasprintf("%.*s.pve-ignore.%s", (int)(name - path), path, name);

	return guest_has_file(root, ignore);
}

static bool holds(int dir, const char *name, const struct stat *st, struct slice text)
{
	auto_strbuf struct strbuf now = STRBUF_INIT;
	auto_close int fd = -1;
	struct error err;
	struct stat got;

	if (!S_ISREG(st->st_mode) || st->st_size != (off_t)text.len)
		return false;
	fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &got) < 0 || got.st_dev != st->st_dev ||
	    got.st_ino != st->st_ino || read_all(fd, text.len, &now, &err) < 0 ||
	    now.len != text.len)
		return false;
	return text.len == 0 || memcmp(now.at, text.at, text.len) == 0;
}

/* Where a new file goes, and what it gets; the rows of guest_write's arguments. */
struct target {
	int dir;
	const char *path, *name;
	struct slice text;
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/* The descriptor is closed in any case. */
static int fill(int file, const struct target *target, struct error *err)
{
	auto_close int fd = file;

	if (write_all(fd, target->text.at, target->text.len, err) < 0)
		return -1;
	/* Ids that the container does not have stay those of its root. */
	if ((target->uid || target->gid) && fchown(fd, target->uid, target->gid) < 0 &&
	    errno != EPERM && errno != EINVAL)
		return fail(err, errno, "cannot keep the owner");
	if (fchmod(fd, target->mode) < 0)
		return fail(err, errno, "cannot set the mode");
	/* Network file systems tell here what they could not write. */
	if (close(take_fd(&fd)) < 0)
		return fail(err, errno, "cannot write");
	return 0;
}

static char *temporary_name(const char *name)
{
	char random[17];

	random_hex(random, 16);
	return xasprintf(".%.200s.pct-%s", name, random);
}

static int replace(const struct target *target, struct error *err)
{
	auto_free char *temporary = temporary_name(target->name);
	int fd = openat(target->dir, temporary,
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int status;

	if (fd < 0)
		return fail(err, errno, "cannot write '%s' inside the guest", target->path);
	status = fill(fd, target, err);
	if (status < 0)
		fail_in(err, "%s", target->path);
	else if (renameat(target->dir, temporary, target->dir, target->name) < 0)
		status = fail(err, errno, "cannot replace '%s' inside the guest",
			      target->path);
	if (status < 0)
		unlinkat(target->dir, temporary, 0);
	return status;
}

/* What the new file gets from the one that is there now. */
static void take_over(const struct guest_root *root, unsigned flags, struct target *target)
{
	struct error absent;
	struct stat st;

	if (place_look(root, target->path, &st, &absent) < 0 || !S_ISREG(st.st_mode))
		return;
	if (!(flags & GUEST_EXACT_MODE))
		target->mode = st.st_mode & 0777;
	target->uid = flags & GUEST_KEEP_OWNER ? st.st_uid : 0;
	target->gid = flags & GUEST_KEEP_OWNER ? st.st_gid : 0;
}

static int note_file(const struct guest_root *root, const struct target *target,
		     struct error *err)
{
	if (place_check_parent(root, target->path, err) < 0)
		return -1;
	record_put(root->record, target->path, PLANNED_FILE, target->text, target->mode);
	return 0;
}

/* The file is there with these bytes, mode and owner, under its own name. */
static bool is_done(const struct target *target, const struct stat *st)
{
	return st->st_uid == target->uid && st->st_gid == target->gid &&
	       (st->st_mode & 07777) == target->mode &&
	       holds(target->dir, target->name, st, target->text);
}

int guest_write(const struct guest_root *root, const char *path, struct slice text,
		mode_t mode, unsigned flags, struct error *err)
{
	struct target target = {
		.dir = -1, .path = path, .name = "", .text = text, .mode = mode
	};
	auto_close int dir = -1;
	struct stat st;
	bool exists;

	if (is_ignored(root, path))
		return 0;
	if (text.len > 2 * GUEST_TEXT_MAX)
		return fail(err, EFBIG, "%s: the new text is too long", path);
	take_over(root, flags, &target);
	exists = place_look_name(root, path, &st);
	if (exists && S_ISDIR(st.st_mode))
		return fail(err, EISDIR, "cannot write '%s' inside the guest", path);
	if (root->record)
		return note_file(root, &target, err);
	dir = place_open_parent(root, path, &target.name, err);
	if (dir < 0)
		return -1;
	target.dir = dir;
	if (exists && !(flags & GUEST_REWRITE) && is_done(&target, &st))
		return 0;
	return replace(&target, err);
}

static int note_dir(const struct guest_root *root, const char *path, mode_t mode,
		    struct error *err)
{
	struct stat st;

	if (place_check_parent(root, path, err) < 0)
		return -1;
	if (place_look_name(root, path, &st))
		return fail(err, EEXIST, "cannot create directory '%s' inside the guest",
			    path);
	record_put(root->record, path, PLANNED_DIR, slice(""), mode);
	return 0;
}

int guest_mkdir(const struct guest_root *root, const char *path, mode_t mode,
		struct error *err)
{
	auto_close int dir = -1;
	const char *name = "";

	if (guest_has_dir(root, path))
		return 0;
	if (root->record)
		return note_dir(root, path, mode, err);
	dir = place_open_parent(root, path, &name, err);
	if (dir < 0)
		return -1;
	if (mkdirat(dir, name, mode) < 0)
		return fail(err, errno, "cannot create directory '%s' inside the guest",
			    path);
	return 0;
}

int guest_mkdirs(const struct guest_root *root, const char *path, struct error *err)
{
	auto_free char *part = xstrdup(path);

	if (guest_has_dir(root, path))
		return 0;
	for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		if (guest_mkdir(root, part, 0755, err) < 0)
			return -1;
		if (!slash)
			return 0;
		*slash = '/';
	}
}

static void note_symlink(const struct guest_root *root, const char *target,
			 const char *path)
{
	struct error err;
	struct stat st;

	if (place_check_parent(root, path, &err) == 0 && !place_look_name(root, path, &st))
		record_put(root->record, path, PLANNED_LINK, slice(target), 0777);
}

void guest_symlink(const struct guest_root *root, const char *target, const char *path)
{
	auto_close int dir = -1;
	const char *name = "";
	struct error err;

	if (is_ignored(root, path))
		return;
	if (root->record) {
		note_symlink(root, target, path);
		return;
	}
	dir = place_open_parent(root, path, &name, &err);
	if (dir >= 0 && symlinkat(target, dir, name) < 0)
		return;
}

static int note_relink(const struct guest_root *root, const char *target, const char *path,
		       struct error *err)
{
	struct stat st;

	if (place_check_parent(root, path, err) < 0)
		return -1;
	if (place_look_name(root, path, &st) && S_ISDIR(st.st_mode))
		return fail(err, EISDIR, "cannot replace '%s' inside the guest", path);
	record_put(root->record, path, PLANNED_LINK, slice(target), 0777);
	return 0;
}

int guest_relink(const struct guest_root *root, const char *target, const char *path,
		 struct error *err)
{
	auto_free char *temporary = NULL;
	auto_close int dir = -1;
	const char *name = "";

	if (is_ignored(root, path))
		return 0;
	if (root->record)
		return note_relink(root, target, path, err);
	dir = place_open_parent(root, path, &name, err);
	if (dir < 0)
		return -1;
	temporary = temporary_name(name);
	if (symlinkat(target, dir, temporary) < 0)
		return fail(err, errno, "cannot write '%s' inside the guest", path);
	if (renameat(dir, temporary, dir, name) < 0) {
		fail(err, errno, "cannot replace '%s' inside the guest", path);
		unlinkat(dir, temporary, 0);
		return -1;
	}
	return 0;
}

void guest_unlink(const struct guest_root *root, const char *path)
{
	auto_close int dir = -1;
	const char *name = "";
	struct error err;
	struct stat st;

	if (is_ignored(root, path))
		return;
	if (root->record) {
		if (place_look_name(root, path, &st) && !S_ISDIR(st.st_mode))
			record_put(root->record, path, PLANNED_ABSENT, slice(""), 0);
		return;
	}
	dir = place_open_parent(root, path, &name, &err);
	if (dir >= 0)
		unlinkat(dir, name, 0);
}
