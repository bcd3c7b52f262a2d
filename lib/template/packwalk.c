#include "template/packwalk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "base/sort.h"
#include "base/strbuf.h"
#include "template/name.h"

#define SHOWN 512 /* of a name in an error */

/* A directory that the walk is in, and what is left to do there. */
struct level {
	char **names; /* owned, sorted, NULL at the end */
	size_t next;
	size_t len; /* of its member's name */
	dev_t dev;
	ino_t ino;
};

struct walk {
	const struct pack_visitor *visitor;
	struct level *levels;
	size_t depth;
	struct strbuf member;
	uint64_t mount;
};

static void walk_done(struct walk *walk)
{
	for (size_t i = 0; i < walk->depth; i++)
		free_words(&walk->levels[i].names);
	free_ptr(&walk->levels);
	strbuf_done(&walk->member);
}
#define auto_walk __attribute__((cleanup(walk_done)))

static int fail_at(const struct walk *walk, struct error *err)
{
	char shown[SHOWN];

	return fail_in(err, "%s", printable(walk->member.at, shown, sizeof(shown)));
}

static int mount_of(const char *path, uint64_t *out, struct error *err)
{
	struct statx info;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MNT_ID,
		  &info) < 0)
		return fail(err, errno, "cannot stat");
	*out = info.stx_mnt_id;
	return 0;
}

static int read_names(char ***out, struct error *err)
{
	auto_dir DIR *dir = opendir(".");
	auto_words char **names = NULL;
	const struct dirent *entry;
	size_t count = 0;

	if (!dir)
		return fail(err, errno, "cannot open the directory");
	names = xcalloc(1, sizeof(*names));
	while ((errno = 0, entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		names = grow_array(names, count + 1, sizeof(*names));
		names[count++] = xstrdup(entry->d_name);
		names[count] = NULL;
	}
	if (errno)
		return fail(err, errno, "cannot read the directory");
	sort_texts(names, count);
	*out = take_ptr(&names);
	return 0;
}

/* The working directory becomes the innermost level. */
static int push(struct walk *walk, struct error *err)
{
	struct level level = { .len = walk->member.len };
	struct stat st;

	if (stat(".", &st) < 0)
		return fail(err, errno, "cannot stat");
	if (read_names(&level.names, err) < 0)
		return -1;
	level.dev = st.st_dev;
	level.ino = st.st_ino;
	walk->levels = grow_array(walk->levels, walk->depth, sizeof(*walk->levels));
	walk->levels[walk->depth++] = level;
	return 0;
}

/* ".." has to lead where the walk came from. */
static int pop(struct walk *walk, struct error *err)
{
	const struct level *outer;
	struct stat st;

	free_words(&walk->levels[--walk->depth].names);
	if (walk->depth == 0)
		return 0;
	outer = &walk->levels[walk->depth - 1];
	if (chdir("..") < 0 || stat(".", &st) < 0)
		return fail(err, errno, "cannot leave the directory");
	if (st.st_dev != outer->dev || st.st_ino != outer->ino)
		return fail(err, 0, "the directory was moved");
	strbuf_cut(&walk->member, outer->len);
	return 0;
}

static int enter(struct walk *walk, const char *name, struct error *err)
{
	auto_close int fd =
		open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fchdir(fd) < 0)
		return fail(err, errno, "cannot enter the directory");
	return push(walk, err);
}

static int visit(struct walk *walk, const char *path, bool *is_dir, struct error *err)
{
	struct packed packed = { .member = walk->member.at, .path = path };
	struct stat st;

	if (lstat(path, &st) < 0)
		return fail(err, errno, "cannot stat");
	packed.st = &st;
	*is_dir = S_ISDIR(st.st_mode);
	return walk->visitor->visit(walk->visitor->arg, &packed, err);
}

static int visit_entry(struct walk *walk, const char *name, struct error *err)
{
	size_t len = walk->member.len;
	uint64_t mount = 0;
	bool is_dir;

	strbuf_addf(&walk->member, "/%s", name);
	if (!walk->visitor->is_excluded(walk->visitor->arg, walk->member.at)) {
		if (visit(walk, name, &is_dir, err) < 0 ||
		    (is_dir && mount_of(name, &mount, err) < 0))
			return -1;
		if (is_dir && mount == walk->mount)
			return enter(walk, name, err);
	}
	strbuf_cut(&walk->member, len);
	return 0;
}

static int walk_on(struct walk *walk, struct error *err)
{
	while (walk->depth > 0) {
		struct level *level = &walk->levels[walk->depth - 1];
		const char *name = level->names[level->next];

		if (!name) {
			if (pop(walk, err) < 0)
				return fail_at(walk, err);
			continue;
		}
		level->next++;
		if (visit_entry(walk, name, err) < 0)
			return fail_at(walk, err);
	}
	return 0;
}

int pack_walk(int fd, const char *member, const struct pack_visitor *visitor,
	      struct error *err)
{
	auto_walk struct walk walk = { .visitor = visitor, .member = STRBUF_INIT };
	bool is_dir;

	strbuf_adds(&walk.member, member);
	if (fchdir(fd) < 0)
		return fail(err, errno, "cannot enter '%s'", member);
	if (mount_of(".", &walk.mount, err) < 0 || visit(&walk, ".", &is_dir, err) < 0 ||
	    push(&walk, err) < 0)
		return fail_at(&walk, err);
	return walk_on(&walk, err);
}
