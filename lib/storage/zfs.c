#include "storage/zfs.h"

#include <inttypes.h>
#include <string.h>

#include "base/own.h"
#include "storage/diskname.h"
#include "storage/properties.h"

static const char *pool_of(const struct storage *st)
{
	return keyvals_get(&st->props, "pool");
}

static const char *last_part(const char *volname)
{
	const char *slash = strrchr(volname, '/');

	return slash ? slash + 1 : volname;
}

static bool is_subvol(const char *volname)
{
	return slice_starts(slice(last_part(volname)), "subvol-") ||
	       slice_starts(slice(last_part(volname)), "basevol-");
}

char *zfs_dataset(const struct storage *st, const char *volname, const char *snap)
{
	return xasprintf("%s/%s%s%s", pool_of(st), last_part(volname), snap ? "@" : "",
			 snap ? snap : "");
}

/* Reading */

bool zfs_is_mounted(struct slice text, const char *dataset)
{
	auto_free char *below = xasprintf("%s/", dataset);
	struct slice line, rest, name;

	while (slice_line(&text, &line)) {
		name = slice_cut(line, ' ', &rest);
		if (slice_is(name, dataset) || slice_starts(name, below))
			return true;
	}
	return false;
}

bool zfs_usage_parse(struct slice text, struct storage_usage *out)
{
	struct slice avail, used;
	uint64_t avail_bytes, used_bytes;

	if (!slice_line(&text, &avail) || !slice_line(&text, &used) ||
	    !slice_number(slice_trim(avail), 0, INT64_MAX, &avail_bytes) ||
	    !slice_number(slice_trim(used), 0, INT64_MAX, &used_bytes))
		return false;
	*out = (struct storage_usage){ .total = avail_bytes + used_bytes,
				       .used = used_bytes,
				       .avail = avail_bytes };
	return true;
}

/* "<pool>/<base>@__base__" of this pool: "<base>/"; other origins count as none. */
static char *base_part(const struct storage *st, struct slice origin)
{
	auto_free char *pool = xasprintf("%s/", pool_of(st));
	struct slice snap, name;

	if (!slice_starts(origin, pool))
		return xstrdup("");
	name = slice_cut(slice_from(origin, strlen(pool)), '@', &snap);
	if (!slice_is(snap, "__base__") || memchr(name.at, '/', name.len))
		return xstrdup("");
	return xasprintf(SLICE_FMT "/", SLICE_ARG(name));
}

/* "name volsize origin type refquota", separated by tabs. */
static void add_line(const struct storage *st, struct slice line, unsigned vmid,
		     struct volume_list *out)
{
	auto_free char *pool = xasprintf("%s/", pool_of(st)), *base = NULL, *volname = NULL;
	struct slice field[5] = { 0 };
	struct volume volume;
	struct error err;
	uint64_t size = 0;

	for (size_t i = 0; i < 5; i++) {
		if (!line.at)
			return;
		field[i] = slice_cut(line, '\t', &line);
	}
	if (!slice_starts(field[0], pool))
		return;
	base = base_part(st, field[2]);
	volname = xasprintf("%s" SLICE_FMT, base,
			    SLICE_ARG(slice_from(field[0], strlen(pool))));
	if (st->type->parse(st, slice(volname), &volume, &err) < 0 ||
	    (vmid && volume.vmid != vmid) ||
	    (volume.format == FORMAT_SUBVOL) != slice_is(field[3], "filesystem"))
		return;
	slice_number(field[volume.format == FORMAT_SUBVOL ? 4 : 1], 0, UINT64_MAX, &size);
	volume_list_add(out, &volume, xasprintf("%s:%s", st->id, volname), size);
}

void zfs_add_volumes(const struct storage *st, struct slice text, unsigned vmid,
		     struct volume_list *out)
{
	struct slice line;

	while (slice_line(&text, &line))
		add_line(st, line, vmid, out);
}

bool zfs_find_snapshot(struct slice text, const char *dataset, const char *snap,
		       struct notes *newer, size_t *newer_count)
{
	auto_free char *prefix = xasprintf("%s@", dataset);
	struct slice line, name;
	bool found = false;

	*newer_count = 0;
	while (slice_line(&text, &line)) {
		name = slice_trim(line);
		if (!slice_starts(name, prefix))
			continue;
		name = slice_from(name, strlen(prefix));
		if (slice_is(name, snap)) {
			found = true;
		} else if (found) {
			(*newer_count)++;
			notes_add(newer, SLICE_FMT, SLICE_ARG(name));
		}
	}
	return found;
}

/* Commands */

static char *quota_word(uint64_t bytes)
{
	return bytes ? xasprintf("refquota=%" PRIu64, bytes) : xstrdup("refquota=none");
}

/* Zvols are made in whole MiB. */
static uint64_t round_up(uint64_t size_kib)
{
	return (size_kib + 1023) / 1024 * 1024;
}

static void plan_zvol(const struct storage *st, const char *dataset, uint64_t size_kib,
		      struct commands *commands)
{
	const char *blocksize = keyvals_get(&st->props, "blocksize");
	auto_free char *size = xasprintf("%" PRIu64 "k", round_up(size_kib));
	bool sparse = storage_flag(st, "sparse", false);

	if (blocksize && sparse)
		commands_add(
			commands, COMMAND_MUST,
			WORDS("zfs", "create", "-s", "-b", blocksize, "-V", size, dataset));
	else if (blocksize)
		commands_add(commands, COMMAND_MUST,
			     WORDS("zfs", "create", "-b", blocksize, "-V", size, dataset));
	else if (sparse)
		commands_add(commands, COMMAND_MUST,
			     WORDS("zfs", "create", "-s", "-V", size, dataset));
	else
		commands_add(commands, COMMAND_MUST,
			     WORDS("zfs", "create", "-V", size, dataset));
}

void zfs_plan_create(const struct storage *st, const char *volname, uint64_t size_kib,
		     struct commands *commands)
{
	auto_free char *dataset = zfs_dataset(st, volname, NULL);
	auto_free char *quota = size_kib ? xasprintf("refquota=%" PRIu64 "k", size_kib)
					 : xstrdup("refquota=none");

	if (is_subvol(volname))
		commands_add(commands, COMMAND_MUST,
			     WORDS("zfs", "create", "-o", "acltype=posixacl", "-o",
				   "xattr=sa", "-o", quota, dataset));
	else
		plan_zvol(st, dataset, size_kib, commands);
}

/* The property goes with the snapshot in one step. */
void zfs_plan_snapshot(const struct storage *st, const char *volname, const char *snap,
		       uint64_t refquota, struct commands *commands)
{
	auto_free char *snapshot = zfs_dataset(st, volname, snap);
	auto_free char *saved = xasprintf("pve-storage:refquota=%" PRIu64, refquota);

	if (is_subvol(volname))
		commands_add(commands, COMMAND_MUST,
			     WORDS("zfs", "snapshot", "-o", saved, snapshot));
	else
		commands_add(commands, COMMAND_MUST, WORDS("zfs", "snapshot", snapshot));
}

void zfs_plan_roll_back(const struct storage *st, const char *volname, const char *snap,
			struct slice saved, struct notes *notes, struct commands *commands)
{
	auto_free char *dataset = zfs_dataset(st, volname, NULL);
	auto_free char *snapshot = zfs_dataset(st, volname, snap);
	auto_free char *quota = NULL;
	uint64_t bytes;

	commands_add(commands, COMMAND_MUST, WORDS("zfs", "rollback", snapshot));
	if (!is_subvol(volname) || slice_is(saved, "-"))
		return;
	if (!slice_number(saved, 0, UINT64_MAX, &bytes)) {
		notes_add(notes, "the quota of '%s' is not restored: '" SLICE_FMT "'",
			  snapshot, SLICE_ARG(saved));
		return;
	}
	quota = quota_word(bytes);
	commands_add(commands, COMMAND_MUST, WORDS("zfs", "set", quota, dataset));
}

void zfs_plan_clone(const struct storage *st, const char *volname, const char *new_name,
		    uint64_t refquota, struct commands *commands)
{
	auto_free char *origin = zfs_dataset(st, volname, "__base__");
	auto_free char *dataset = zfs_dataset(st, new_name, NULL);
	auto_free char *quota = quota_word(refquota);

	if (is_subvol(volname))
		commands_add(commands, COMMAND_MUST,
			     WORDS("zfs", "clone", "-o", quota, origin, dataset));
	else
		commands_add(commands, COMMAND_MUST,
			     WORDS("zfs", "clone", origin, dataset));
}

/* ZFS prints "posix" and "off" for what older ones called "posixacl" and "noacl". */
void zfs_plan_acl(const struct storage *st, const char *volname, bool acl, struct slice now,
		  struct commands *commands)
{
	auto_free char *dataset = zfs_dataset(st, volname, NULL);
	bool has_acl = slice_is(now, "posix") || slice_is(now, "posixacl");
	bool has_none = slice_is(now, "off") || slice_is(now, "noacl");

	if (acl ? !has_acl : !has_none)
		commands_add(commands, COMMAND_MUST,
			     WORDS("zfs", "set", acl ? "acltype=posixacl" : "acltype=noacl",
				   dataset));
}

char **zfs_send_words(const struct storage *st, const char *options, const char *volname,
		      const struct volume_stream *stream)
{
	char **words = xcalloc(9, sizeof(*words));
	size_t count = 0;

	words[count++] = xstrdup("zfs");
	words[count++] = xstrdup("send");
	words[count++] = xstrdup(options);
	if (stream->base) {
		words[count++] = xstrdup(stream->with_snapshots ? "-I" : "-i");
		words[count++] = xstrdup(stream->base);
	}
	words[count++] = xstrdup("--");
	words[count++] = zfs_dataset(st, volname, stream->snapshot);
	return words;
}

char *zfs_arrival(const struct storage *st, const char *volname)
{
	return xasprintf("%s/recv-%s", pool_of(st), last_part(volname));
}

void zfs_plan_resize(const struct storage *st, const char *volname, uint64_t size_kib,
		     struct commands *commands)
{
	auto_free char *dataset = zfs_dataset(st, volname, NULL);
	auto_free char *value =
		is_subvol(volname) ? xasprintf("refquota=%" PRIu64 "k", size_kib)
				   : xasprintf("volsize=%" PRIu64 "k", round_up(size_kib));

	commands_add(commands, COMMAND_MUST, WORDS("zfs", "set", value, dataset));
}
