#include "storage/btrfsprog.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/own.h"
#include "base/tree.h"
#include "storage/program.h"

#define PACKAGE     "btrfs-progs"
#define FIRST_INODE 256 /* of every subvolume: its top directory */

static int run(const char *const *argv, struct strbuf *output, struct error *err)
{
	return program_run(&(struct storage_program){ .package = PACKAGE,
						      .argv = argv,
						      .output = output },
			   err);
}

int btrfs_subvolume_create(const struct place *place, const char *name, struct error *err)
{
	auto_free char *path = xasprintf("%s/%s", place->path, name);
	const char *const argv[] = {
		"btrfs", "-q", "subvolume", "create", "--", path, NULL
	};

	return run(argv, NULL, err);
}

int btrfs_subvolume_snapshot(const struct place *from, const char *origin,
			     const struct place *to, const char *name, bool read_only,
			     struct error *err)
{
	auto_free char *source = xasprintf("%s/%s", from->path, origin);
	auto_free char *target = xasprintf("%s/%s", to->path, name);
	const char *const writable[] = { "btrfs", "-q",   "subvolume", "snapshot",
					 "--",    source, target,      NULL };
	const char *const readable[] = { "btrfs", "-q",   "subvolume", "snapshot", "-r",
					 "--",    source, target,      NULL };
	struct stat info;

	if (fstatat(to->own, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
		return fail(err, EEXIST, "cannot create '%s'", target);
	return run(read_only ? readable : writable, NULL, err);
}

int btrfs_send(const struct place *place, const char *base, const char *const *snapshots,
	       int fd, struct error *err)
{
	auto_free char *base_path = base ? xasprintf("%s/%s", place->path, base) : NULL;
	const char *const start[] = { "btrfs", "-q", "send", "-e", NULL };
	auto_words char **argv = NULL;
	size_t count = 0, names = 0;

	while (snapshots[names])
		names++;
	argv = xcalloc(names + 8, sizeof(*argv));
	for (const char *const *word = start; *word; word++)
		argv[count++] = xstrdup(*word);
	if (base) {
		argv[count++] = xstrdup("-p");
		argv[count++] = xstrdup(base_path);
	}
	argv[count++] = xstrdup("--");
	for (size_t i = 0; i < names; i++)
		argv[count++] = xasprintf("%s/%s", place->path, snapshots[i]);
	return program_run(&(struct storage_program){ .package = PACKAGE,
						      .argv = (const char *const *)argv,
						      .stdout_fd = fd },
			   err);
}

int btrfs_receive(const struct place *place, const char *name, int fd, struct error *err)
{
	auto_free char *path = xasprintf("%s/%s", place->path, name);
	/* -C: a stream may write through the links that it makes. */
	const char *const argv[] = {
		"btrfs", "-q", "receive", "-e", "-C", "--", path, NULL
	};

	return program_run(&(struct storage_program){ .package = PACKAGE,
						      .argv = argv,
						      .stdin_fd = fd },
			   err);
}

int btrfs_set_read_only(const struct place *place, const char *name, bool read_only,
			struct error *err)
{
	auto_free char *path = xasprintf("%s/%s", place->path, name);
	const char *const argv[] = { "btrfs", "-q", "property",
				     "set",   "-t", "subvol",
				     path,    "ro", read_only ? "true" : "false",
				     NULL };

	return run(argv, NULL, err);
}

/* "ID 258 gen 9 parent 257 top level 257 path ..." */
static bool read_subvolume(struct slice line, uint64_t *id, uint64_t *parent)
{
	struct slice word, last = slice("");
	unsigned found = 0;

	for (int i = 0; i < 6 && slice_word(&line, &word); i++) {
		if (slice_is(last, "ID"))
			found += slice_number(word, 1, UINT64_MAX, id);
		if (slice_is(last, "parent"))
			found += slice_number(word, 1, UINT64_MAX, parent);
		last = word;
	}
	return found == 2;
}

static bool has_id(const uint64_t *ids, size_t count, uint64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* Parents first, until a reading of the list finds no child of a known one any more. */
static size_t collect(struct slice list, uint64_t id, uint64_t **ids)
{
	size_t count = 0, before;

	do {
		struct slice rest = list, line;
		uint64_t own, parent;

		before = count;
		while (slice_line(&rest, &line)) {
			if (!read_subvolume(line, &own, &parent) || own == id ||
			    (parent != id && !has_id(*ids, count, parent)) ||
			    has_id(*ids, count, own))
				continue;
			*ids = grow_array(*ids, count, sizeof(**ids));
			(*ids)[count++] = own;
		}
	} while (count > before);
	return count;
}

size_t btrfs_nested(struct slice list, uint64_t id, uint64_t **ids)
{
	size_t count;

	*ids = NULL;
	count = collect(list, id, ids);
	for (size_t i = 0; i < count / 2; i++) {
		uint64_t other = (*ids)[i];

		(*ids)[i] = (*ids)[count - 1 - i];
		(*ids)[count - 1 - i] = other;
	}
	return count;
}

static int delete_path(const char *path, struct error *err)
{
	const char *const argv[] = {
		"btrfs", "-q", "subvolume", "delete", "--", path, NULL
	};

	return run(argv, NULL, err);
}

static int find_id(const char *path, uint64_t *id, struct error *err)
{
	const char *const argv[] = {
		"btrfs", "inspect-internal", "rootid", "--", path, NULL
	};
	auto_strbuf struct strbuf output = STRBUF_INIT;

	if (run(argv, &output, err) < 0)
		return -1;
	if (!slice_number(slice_trim(strbuf_slice(&output)), 1, UINT64_MAX, id))
		return fail(err, 0, "unable to read the subvolume id of '%s'", path);
	return 0;
}

/* By id: the names inside belong to the guest. */
static int delete_nested(const char *path, size_t *deleted, struct error *err)
{
	const char *const list[] = { "btrfs", "subvolume", "list", "-p", "--", path, NULL };
	auto_strbuf struct strbuf output = STRBUF_INIT;
	auto_free uint64_t *ids = NULL;
	uint64_t id;

	if (find_id(path, &id, err) < 0 || run(list, &output, err) < 0)
		return -1;
	*deleted = btrfs_nested(strbuf_slice(&output), id, &ids);
	for (size_t i = 0; i < *deleted; i++) {
		auto_free char *text = xasprintf("%" PRIu64, ids[i]);
		const char *const argv[] = { "btrfs",      "-q", "subvolume", "delete",
					     "--subvolid", text, path,        NULL };

		if (run(argv, NULL, err) < 0)
			return -1;
	}
	return 0;
}

static int delete_subvolume(const char *path, struct error *err)
{
	struct error first, ignored;
	size_t nested = 0;

	if (delete_path(path, &first) == 0)
		return 0;
	if (delete_nested(path, &nested, &ignored) == 0 && nested > 0)
		return delete_path(path, err);
	*err = first;
	return -1;
}

int btrfs_remove_entry(const struct place *place, const char *name, struct error *err)
{
	auto_free char *path = xasprintf("%s/%s", place->path, name);
	struct stat info;

	if (fstatat(place->own, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fail(err, errno, "cannot look at '%s'", path);
	if (S_ISDIR(info.st_mode) && info.st_ino == FIRST_INODE)
		return delete_subvolume(path, err);
	return tree_remove(place->own, name, err);
}
