#include "config/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/sort.h"

#define FILE_MAX       (16 * 1024 * 1024)
#define LEFTOVER_AGE_S 60

bool vmid_parse(struct slice text, unsigned *vmid)
{
	uint64_t value;

	/* The range leaves no room for a leading zero but in longer texts. */
	if (text.len > 9 || slice_starts(text, "0") ||
	    !slice_number(text, VMID_MIN, VMID_MAX, &value))
		return false;
	*vmid = (unsigned)value;
	return true;
}

static int fail_missing(unsigned vmid, struct error *err)
{
	fail(err, 0, "Configuration file 'nodes/%s/lxc/%u.conf' does not exist",
	     path_node(), vmid);
	err->code = ENOENT;
	err->status = 2;
	return -1;
}

static int open_config_dir(struct error *err)
{
	auto_free char *path = path_in(PATH_CONFIG, "%s", "");

	return open_dir(path, err);
}

static int read_config(unsigned vmid, struct strbuf *text, struct error *err)
{
	auto_free char *name = xasprintf("%u.conf", vmid);
	auto_close int dirfd = open_config_dir(err);

	if (dirfd >= 0 && read_file(dirfd, name, FILE_MAX, text, err) == 0)
		return 0;
	return err->code == ENOENT ? fail_missing(vmid, err) : -1;
}

int config_load(unsigned vmid, struct config **out, struct notes *warnings,
		struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (read_config(vmid, &text, err) < 0)
		return -1;
	*out = config_parse(strbuf_slice(&text), vmid, warnings);
	return 0;
}

int config_load_digest(unsigned vmid, struct config **out, char digest[DIGEST_SIZE],
		       struct notes *warnings, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (read_config(vmid, &text, err) < 0)
		return -1;
	digest_sha1(strbuf_slice(&text), digest);
	*out = config_parse(strbuf_slice(&text), vmid, warnings);
	return 0;
}

int config_load_main(unsigned vmid, struct config **out, struct notes *warnings,
		     struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (read_config(vmid, &text, err) < 0)
		return -1;
	*out = config_parse_main(strbuf_slice(&text), vmid, warnings);
	return 0;
}

/* Does rootfs or mpN of the main section hold this volume? */
static bool is_mounted(const struct config *config, const char *const *keys,
		       const char *volume)
{
	for (size_t i = 0; keys[i]; i++) {
		auto_mountpoint struct mountpoint mp = { 0 };
		struct error err;

		if (config_mountpoint(config, keys[i], &mp, &err) == 0 &&
		    strcmp(mp.volume, volume) == 0)
			return true;
	}
	return false;
}

static bool is_unused_row(const struct prop *row)
{
	return row && row->flags & PROP_VOLUME && !(row->flags & PROP_MOUNT);
}

static void drop_used_volumes(struct config *config)
{
	auto_free const char **keys = config_volume_keys(config);

	for (size_t i = config->main.keys.count; i > 0; i--) {
		const struct keyval *pair = &config->main.keys.at[i - 1];

		if (is_unused_row(prop_find(container_props, slice(pair->key))) &&
		    is_mounted(config, keys, pair->value))
			config_unset(config, pair->key);
	}
}

static int format_file(const struct config *config, struct strbuf *text, struct error *err)
{
	auto_config struct config *copy = config_copy(config);

	drop_used_volumes(copy);
	if (config_format(copy, text, err) < 0)
		return fail_in(err, "%u.conf", config->vmid);
	return 0;
}

/*
 * "<name>.tmp.<pid>" of a process that is gone. Those that are new are left alone: a
 * writer in another pid namespace may be about to rename its own.
 */
static bool is_leftover(int dirfd, const char *name, const char *entry)
{
	struct slice rest = slice(entry);
	struct stat st;
	uint64_t pid;

	if (!slice_starts(rest, name))
		return false;
	rest = slice_from(rest, strlen(name));
	if (!slice_starts(rest, ".tmp.") ||
	    !slice_number(slice_from(rest, strlen(".tmp.")), 1, INT_MAX, &pid) ||
	    kill((pid_t)pid, 0) == 0 || errno != ESRCH)
		return false;
	return fstatat(dirfd, entry, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_mtime < time(NULL) - LEFTOVER_AGE_S;
}

/* What writers of this file left when they were killed; it is in nobody's way. */
static void remove_leftovers(const char *name)
{
	auto_free char *path = path_in(PATH_CONFIG, "%s", "");
	auto_dir DIR *dir = opendir(path);

	for (const struct dirent *entry; dir && (entry = readdir(dir));)
		if (is_leftover(dirfd(dir), name, entry->d_name))
			unlinkat(dirfd(dir), entry->d_name, 0);
}

int config_save(const struct config *config, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_free char *name = xasprintf("%u.conf", config->vmid);
	auto_close int dirfd = -1;

	if (format_file(config, &text, err) < 0 || (dirfd = open_config_dir(err)) < 0)
		return -1;
	remove_leftovers(name);
	return save_file(dirfd, name, strbuf_slice(&text), 0640, err);
}

/* nodes/<node>/lxc, the name that scripts know the directory by. */
static int link_node(struct error *err)
{
	auto_free char *node = path_in(PATH_NODES, "%s", path_node());
	auto_free char *alias = path_in(PATH_NODES, "%s/lxc", path_node());

	if (path_make(PATH_NODES, err) < 0 || make_dir(node, 0755, err) < 0)
		return -1;
	if (symlink("../../lxc", alias) < 0 && errno != EEXIST)
		return fail(err, errno, "cannot create '%s'", alias);
	return 0;
}

int config_dir_prepare(struct error *err)
{
	if (path_make(PATH_CONFIG, err) < 0)
		return -1;
	return link_node(err);
}

int config_create(const struct config *config, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_free char *name = xasprintf("%u.conf", config->vmid);
	auto_close int dirfd = -1;

	if (format_file(config, &text, err) < 0 || config_dir_prepare(err) < 0 ||
	    (dirfd = open_config_dir(err)) < 0)
		return -1;
	if (create_file(dirfd, name, strbuf_slice(&text), 0640, err) == 0)
		return 0;
	if (err->code != EEXIST)
		return -1;
	fail(err, 0, "CT %u already exists on node '%s'", config->vmid, path_node());
	err->code = EEXIST;
	return -1;
}

int config_remove(unsigned vmid, struct error *err)
{
	auto_free char *path = path_in(PATH_CONFIG, "%u.conf", vmid);
	auto_free char *name = xasprintf("%u.conf", vmid);

	remove_leftovers(name);
	return remove_file(path, err);
}

bool config_exists(unsigned vmid)
{
	auto_free char *path = path_in(PATH_CONFIG, "%u.conf", vmid);

	return path_exists(path);
}

static bool is_config_name(const char *name, unsigned *vmid)
{
	struct slice text = slice(name);

	if (!slice_ends(text, ".conf"))
		return false;
	return vmid_parse(slice_of(text.at, text.len - strlen(".conf")), vmid);
}

int config_list(unsigned **out, size_t *count, struct error *err)
{
	auto_free char *path = path_in(PATH_CONFIG, "%s", "");
	auto_dir DIR *dir = opendir(path);
	auto_free unsigned *ids = NULL;
	size_t used = 0;
	unsigned vmid;

	if (!dir && errno != ENOENT)
		return fail(err, errno, "cannot open directory '%s'", path);
	for (const struct dirent *entry; dir && (entry = readdir(dir));) {
		if (!is_config_name(entry->d_name, &vmid))
			continue;
		ids = grow_array(ids, used, sizeof(*ids));
		ids[used++] = vmid;
	}
	sort_numbers(ids, used);
	*out = take_ptr(&ids);
	*count = used;
	return 0;
}
