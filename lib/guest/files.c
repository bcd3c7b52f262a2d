#include "guest/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/random.h"
#include "base/sort.h"

#define LINKS_MAX 40   /* as the kernel has it */
#define LINK_MAX  4096 /* bytes of a link's text, and of a resolved path */

/* Why a path may lead nowhere without anything being wrong with the file system. */
static bool means_absent(int code)
{
	return code == ENOENT || code == ENOTDIR || code == ELOOP || code == EXDEV ||
	       code == EACCES || code == ENAMETOOLONG;
}

/* What path leads to, without opening it. */
static int look(int root, const char *path, struct stat *st, struct error *err)
{
	auto_close int fd = open_in_root(root, path, O_PATH, 0, err);

	if (fd < 0)
		return -1;
	if (fstat(fd, st) < 0)
		return fail(err, errno, "cannot look at '%s' inside the guest", path);
	return 0;
}

bool guest_has_file(int root, const char *path)
{
	struct error err;
	struct stat st;

	return look(root, path, &st, &err) == 0 && S_ISREG(st.st_mode);
}

bool guest_has_dir(int root, const char *path)
{
	struct error err;
	struct stat st;

	return look(root, path, &st, &err) == 0 && S_ISDIR(st.st_mode);
}

bool guest_has_program(int root, const char *path)
{
	struct error err;
	struct stat st;

	return look(root, path, &st, &err) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_mode & 0111);
}

/* The directory of path, and its last component. */
static int open_parent(int root, const char *path, const char **name, struct error *err)
{
	const char *slash = strrchr(path, '/');
	auto_free char *dir = NULL;

	if (!slash || slash[1] == '\0')
		return fail(err, EINVAL, "'%s' is no path of a guest file", path);
	*name = slash + 1;
	dir = xstrndup(path, slash > path ? (size_t)(slash - path) : 1);
	return open_in_root(root, dir, O_PATH | O_DIRECTORY, 0, err);
}

bool guest_is_plain_file(int root, const char *path)
{
	const char *name = "";
	struct error err;
	auto_close int dir = open_parent(root, path, &name, &err);
	struct stat st;

	return dir >= 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode);
}

static bool is_ignored(int root, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	auto_free char *ignore =
		xasprintf("%.*s.pve-ignore.%s", (int)(name - path), path, name);

	return guest_has_file(root, ignore);
}

/*
 * Looked at first, so that no device or FIFO is ever opened; what is opened then has
 * to be the same file.
 */
int guest_open(int root, const char *path, struct error *err)
{
	auto_close int fd = -1;
	struct stat seen, got;

	if (look(root, path, &seen, err) < 0) {
		if (means_absent(err->code))
			err->code = ENOENT;
		return -1;
	}
	if (!S_ISREG(seen.st_mode))
		return fail(err, ENOENT, "'%s' inside the guest is not a regular file",
			    path);
	fd = open_in_root(root, path, O_RDONLY | O_NONBLOCK, 0, err);
	if (fd < 0) {
		if (err->code == ENOENT)
			err->code = EIO;
		return -1;
	}
	if (fstat(fd, &got) < 0 || got.st_dev != seen.st_dev || got.st_ino != seen.st_ino ||
	    !S_ISREG(got.st_mode))
		return fail(err, EBUSY, "'%s' inside the guest changed while it was opened",
			    path);
	return take_fd(&fd);
}

int guest_read(int root, const char *path, struct strbuf *out, struct error *err)
{
	auto_close int fd = guest_open(root, path, err);

	if (fd < 0)
		return err->code == ENOENT ? 0 : -1;
	if (read_all(fd, GUEST_TEXT_MAX, out, err) < 0)
		return fail_in(err, "%s", path);
	return 1;
}

int guest_first_line(int root, const char *path, struct strbuf *out, struct error *err)
{
	auto_close int fd = guest_open(root, path, err);
	size_t start = out->len;
	ssize_t got = 1;
	char *end = NULL;

	if (fd < 0)
		return err->code == ENOENT ? 0 : -1;
	while (!end && got > 0 && out->len - start < GUEST_LINE_MAX) {
		char *at = strbuf_grow(out, 4096);

		got = read(fd, at, 4096);
		if (got < 0)
			return fail(err, errno, "cannot read '%s' inside the guest", path);
		end = memchr(at, '\n', (size_t)got);
		out->len += (size_t)got;
		out->at[out->len] = '\0';
	}
	if (!end && got > 0)
		return fail(err, EFBIG, "%s: the first line is longer than %d bytes", path,
			    GUEST_LINE_MAX);
	if (end)
		strbuf_cut(out, (size_t)(end - out->at));
	return 1;
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

static int fill(int fd, const struct target *target, struct error *err)
{
	if (write_all(fd, target->text.at, target->text.len, err) < 0)
		return -1;
	/* Ids that the container does not have stay those of its root. */
	if ((target->uid || target->gid) && fchown(fd, target->uid, target->gid) < 0 &&
	    errno != EPERM && errno != EINVAL)
		return fail(err, errno, "cannot keep the owner");
	if (fchmod(fd, target->mode) < 0)
		return fail(err, errno, "cannot set the mode");
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
	auto_close int fd =
		openat(target->dir, temporary,
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

int guest_write(int root, const char *path, struct slice text, mode_t mode, unsigned flags,
		struct error *err)
{
	struct target target = {
		.dir = -1, .path = path, .name = "", .text = text, .mode = mode
	};
	auto_close int dir = -1;
	struct stat st, name_st;
	struct error absent;

	if (is_ignored(root, path))
		return 0;
	if (text.len > 2 * GUEST_TEXT_MAX)
		return fail(err, EFBIG, "%s: the new text is too long", path);
	dir = open_parent(root, path, &target.name, err);
	if (dir < 0)
		return -1;
	target.dir = dir;
	if (look(root, path, &st, &absent) == 0 && S_ISREG(st.st_mode)) {
		if (!(flags & GUEST_EXACT_MODE))
			target.mode = st.st_mode & 0777;
		target.uid = flags & GUEST_KEEP_OWNER ? st.st_uid : 0;
		target.gid = flags & GUEST_KEEP_OWNER ? st.st_gid : 0;
	}
	if (fstatat(dir, target.name, &name_st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (S_ISDIR(name_st.st_mode))
			return fail(err, EISDIR, "cannot write '%s' inside the guest",
				    path);
		if (!(flags & GUEST_REWRITE) && name_st.st_uid == target.uid &&
		    name_st.st_gid == target.gid &&
		    (name_st.st_mode & 07777) == target.mode &&
		    holds(dir, target.name, &name_st, text))
			return 0;
	}
	return replace(&target, err);
}

int guest_mkdir(int root, const char *path, mode_t mode, struct error *err)
{
	auto_close int dir = -1;
	const char *name = "";

	if (guest_has_dir(root, path))
		return 0;
	dir = open_parent(root, path, &name, err);
	if (dir < 0)
		return -1;
	if (mkdirat(dir, name, mode) < 0)
		return fail(err, errno, "cannot create directory '%s' inside the guest",
			    path);
	return 0;
}

int guest_mkdirs(int root, const char *path, struct error *err)
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

void guest_symlink(int root, const char *target, const char *path)
{
	auto_close int dir = -1;
	const char *name = "";
	struct error err;

	if (is_ignored(root, path))
		return;
	dir = open_parent(root, path, &name, &err);
	if (dir >= 0 && symlinkat(target, dir, name) < 0)
		return;
}

int guest_relink(int root, const char *target, const char *path, struct error *err)
{
	auto_free char *temporary = NULL;
	auto_close int dir = -1;
	const char *name = "";

	if (is_ignored(root, path))
		return 0;
	dir = open_parent(root, path, &name, err);
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

void guest_unlink(int root, const char *path)
{
	auto_close int dir = -1;
	const char *name = "";
	struct error err;

	if (is_ignored(root, path))
		return;
	dir = open_parent(root, path, &name, &err);
	if (dir >= 0)
		unlinkat(dir, name, 0);
}

bool guest_readlink(int root, const char *path, struct strbuf *out)
{
	const char *name = "";
	struct error err;
	auto_close int dir = open_parent(root, path, &name, &err);
	char text[LINK_MAX];
	ssize_t len = dir < 0 ? -1 : readlinkat(dir, name, text, sizeof(text));

	if (len < 0 || (size_t)len == sizeof(text))
		return false;
	strbuf_add(out, text, (size_t)len);
	return true;
}

struct walk {
	struct strbuf done; /* resolved: "" or "/usr/lib" */
	struct strbuf rest; /* what is left, from at on */
	size_t at;
	int links;
};

static void walk_done(struct walk *walk)
{
	strbuf_done(&walk->done);
	strbuf_done(&walk->rest);
}

static struct slice next_part(struct walk *walk)
{
	struct slice left, part;

	part = slice_cut(slice_from(strbuf_slice(&walk->rest), walk->at), '/', &left);
	walk->at += part.len + (left.at != NULL);
	return part;
}

static void step_up(struct strbuf *done)
{
	const char *slash = strrchr(done->at, '/');

	if (slash)
		strbuf_cut(done, (size_t)(slash - done->at));
}

/* One component more behind what is resolved; a link's text goes in front of the rest. */
static bool step_into(int root, struct slice part, struct walk *walk)
{
	auto_strbuf struct strbuf target = STRBUF_INIT;
	size_t len = walk->done.len;

	strbuf_addc(&walk->done, '/');
	strbuf_add_slice(&walk->done, part);
	if (!guest_readlink(root, walk->done.at, &target))
		return walk->done.len < LINK_MAX;
	strbuf_cut(&walk->done, target.at[0] == '/' ? 0 : len);
	strbuf_addc(&target, '/');
	strbuf_add_slice(&target, slice_from(strbuf_slice(&walk->rest), walk->at));
	strbuf_done(&walk->rest);
	walk->rest = target;
	target = (struct strbuf)STRBUF_INIT;
	walk->at = 0;
	return ++walk->links <= LINKS_MAX;
}

bool guest_resolve(int root, const char *path, struct strbuf *out)
{
	__attribute__((cleanup(walk_done))) struct walk walk = { STRBUF_INIT, STRBUF_INIT,
								 0, 0 };
	struct error err;
	struct stat st;

	strbuf_adds(&walk.rest, path);
	while (walk.at < walk.rest.len) {
		struct slice part = next_part(&walk);

		if (slice_is(part, ".."))
			step_up(&walk.done);
		else if (part.len && !slice_is(part, ".") && !step_into(root, part, &walk))
			return false;
	}
	if (look(root, walk.done.len ? walk.done.at : "/", &st, &err) < 0)
		return false;
	strbuf_add_slice(out, strbuf_slice(&walk.done));
	return true;
}

int guest_list(int root, const char *path, bool (*wanted)(const char *name), char ***names,
	       struct error *err)
{
	auto_words char **list = xcalloc(GUEST_LIST_MAX + 1, sizeof(*list));
	auto_close int fd = -1;
	auto_dir DIR *dir = NULL;
	struct dirent *entry;
	size_t count = 0;

	if (guest_has_dir(root, path)) {
		fd = open_in_root(root, path, O_RDONLY | O_DIRECTORY, 0, err);
		dir = fd < 0 ? NULL : fdopendir(fd);
		if (!dir)
			return fail(err, errno, "cannot list '%s' inside the guest", path);
		take_fd(&fd);
	}
	for (size_t seen = 0; dir && seen < GUEST_LIST_MAX && (entry = readdir(dir));
	     seen++)
		if (wanted(entry->d_name))
			list[count++] = xstrdup(entry->d_name);
	sort_texts(list, count);
	*names = take_ptr(&list);
	return 0;
}
