#include "storage/mounts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/mountinfo.h"
#include "base/own.h"
#include "base/process.h"

#define DEADLINE_S 2

/* File systems whose data is in this machine; all others may hang. */
static const char *const of_this_host[] = {
	"ext2",  "ext3",  "ext4",  "xfs",      "btrfs",   "zfs",
	"f2fs",  "tmpfs", "ramfs", "rootfs",   "overlay", "squashfs",
	"erofs", "vfat",  "exfat", "bcachefs", NULL,
};

static bool holds(const char *point, const char *path)
{
	size_t len = strlen(point);

	if (strcmp(point, "/") == 0)
		return true;
	return strncmp(point, path, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static bool may_hang(const char *fstype)
{
	for (const char *const *name = of_this_host; *name; name++)
		if (strcmp(*name, fstype) == 0)
			return false;
	return true;
}

/* All that is mounted. */
struct table {
	struct mount *at;
	size_t count;
};

static void table_done(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		mount_done(&table->at[i]);
	free(table->at);
}

#define auto_table __attribute__((cleanup(table_done)))

static void table_parse(struct slice mountinfo, struct table *out)
{
	struct mountinfo line;

	while (mountinfo_next(&mountinfo, &line)) {
		out->at = grow_array(out->at, out->count, sizeof(*out->at));
		out->at[out->count++] = (struct mount){
			.point = mountinfo_decode(line.point),
			.fstype = slice_dup(line.fstype),
		};
	}
}

static int table_load(struct table *out, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (mountinfo_read(&text, err) < 0)
		return -1;
	table_parse(strbuf_slice(&text), out);
	return 0;
}

/* NULL: none. */
static struct mount *table_find(const struct table *table, const char *path)
{
	struct mount *found = NULL;

	for (size_t i = 0; i < table->count; i++)
		if (holds(table->at[i].point, path) &&
		    (!found || strlen(table->at[i].point) >= strlen(found->point)))
			found = &table->at[i];
	return found;
}

void mounts_find(struct slice mountinfo, const char *path, struct mount *out)
{
	auto_table struct table table = { 0 };
	struct mount *found;

	*out = (struct mount){ 0 };
	table_parse(mountinfo, &table);
	found = table_find(&table, path);
	if (!found)
		return;
	*out = *found;
	*found = (struct mount){ 0 };
}

void mount_done(struct mount *mount)
{
	free(mount->point);
	free(mount->fstype);
	*mount = (struct mount){ 0 };
}

int mounts_has(const char *path, bool *is_mounted, struct error *err)
{
	auto_table struct table table = { 0 };
	const struct mount *mount;

	if (table_load(&table, err) < 0)
		return -1;
	mount = table_find(&table, path);
	*is_mounted = mount && strcmp(mount->point, path) == 0;
	return 0;
}

/*
 * All on the way to path is of this host and no link, which might lead elsewhere. Only
 * what was found so is looked at; behind what is missing there is nothing that hangs.
 */
static bool is_plain(const struct table *table, const char *path)
{
	auto_free char *part = xstrdup(path);
	const struct mount *mount;
	struct stat info;

	for (size_t len = 1; path[len - 1]; len++) {
		if (path[len] != '/' && path[len] != '\0')
			continue;
		part[len] = '\0';
		mount = table_find(table, part);
		if (mount && may_hang(mount->fstype))
			return false;
		if (lstat(part, &info) < 0)
			return true;
		if (S_ISLNK(info.st_mode))
			return false;
		part[len] = path[len];
	}
	return true;
}

/* stat(1) in place of statvfs(2): "blocks free available unit". */
static int ask_process(const char *path, struct storage_usage *out, struct error *err)
{
	const char *const argv[] = { "stat", "-f", "-c", "%b %f %a %S", "--", path, NULL };
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice list, word;
	uint64_t value[4] = { 0 };

	if (process_run(&(struct process){ .argv = argv,
					   .timeout_s = DEADLINE_S,
					   .output = &text },
			err) < 0)
		return -1;
	list = strbuf_slice(&text);
	for (size_t i = 0; i < 4; i++)
		if (!slice_word(&list, &word) ||
		    !slice_number(word, 0, UINT64_MAX, &value[i]))
			return fail(err, 0, "unable to read the size of '%s'", path);
	*out = (struct storage_usage){ .total = value[0] * value[3],
				       .used = (value[0] - value[1]) * value[3],
				       .avail = value[2] * value[3] };
	return 0;
}

int mounts_probe(const char *const *paths, struct error *err)
{
	static const char *const start[] = { "stat", "-f", "-c", "%b", "--", NULL };
	auto_strbuf struct strbuf output = STRBUF_INIT;
	auto_table struct table table = { 0 };
	auto_free const char **argv = NULL;
	size_t count = 0, first;

	if (table_load(&table, err) < 0)
		return -1;
	while (paths[count])
		count++;
	argv = xcalloc(count + sizeof(start) / sizeof(start[0]), sizeof(*argv));
	for (count = 0; start[count]; count++)
		argv[count] = start[count];
	first = count;
	for (; *paths; paths++)
		if (!is_plain(&table, *paths))
			argv[count++] = *paths;
	/* What is only missing is made, or told, by whoever uses it. */
	if (count > first &&
	    process_run(&(struct process){ .argv = argv,
					   .timeout_s = DEADLINE_S,
					   .output = &output },
			err) < 0 &&
	    err->code == ETIMEDOUT)
		return -1;
	return 0;
}

int mounts_usage(const char *path, struct storage_usage *out, struct error *err)
{
	auto_table struct table table = { 0 };
	struct statvfs fs;

	if (table_load(&table, err) < 0)
		return -1;
	if (!is_plain(&table, path))
		return ask_process(path, out, err);
	if (statvfs(path, &fs) < 0)
		return fail(err, errno, "unable to read the size of '%s'", path);
	*out = (struct storage_usage){ .total = fs.f_blocks * fs.f_frsize,
				       .used = (fs.f_blocks - fs.f_bfree) * fs.f_frsize,
				       .avail = fs.f_bavail * fs.f_frsize };
	return 0;
}
