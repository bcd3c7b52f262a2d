#include "storage/zfspool.h"

#include <string.h>

#include "base/own.h"
#include "storage/diskname.h"

#define IMPORT_TIMEOUT_S 15

static const char *pool_of(const struct storage *st)
{
	return keyvals_get(&st->props, "pool");
}

/* Storage */

static int import_pool(const struct storage *st, struct error *err)
{
	struct slice rest;
	auto_free char *name = slice_dup(slice_cut(slice(pool_of(st)), '/', &rest));
	const char *const look[] = { "zpool", "list", "-o", "name", "-H", name, NULL };
	auto_commands struct commands import = { .package = ZFS_PACKAGE };
	struct error missing;

	if (zfs_ask(look, NULL, &missing) == 0)
		return 0;
	commands_add(&import, COMMAND_MUST,
		     WORDS("zpool", "import", "-d", "/dev/disk/by-id/", "-o",
			   "cachefile=none", name));
	return commands_run(&import, IMPORT_TIMEOUT_S, NULL, err);
}

static int activate(const struct storage *st, struct error *err)
{
	const char *const mounted[] = { "zfs", "mount", NULL };
	const char *const mount_all[] = { "zfs", "mount", "-a", NULL };
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (zfs_ask(mounted, &text, err) < 0)
		return fail_prefix(err, "unable to activate storage '%s' - ", st->id);
	if (zfs_is_mounted(strbuf_slice(&text), pool_of(st)))
		return 0;
	if (import_pool(st, err) < 0 || zfs_ask(mount_all, NULL, err) < 0)
		return fail_prefix(err, "unable to activate storage '%s' - ", st->id);
	return 0;
}

static int usage(const struct storage *st, struct storage_usage *out, struct error *err)
{
	const char *const argv[] = { "zfs",       "get", "-o",
				     "value",     "-Hp", "available,used",
				     pool_of(st), NULL };
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (zfs_ask(argv, &text, err) < 0)
		return -1;
	if (!zfs_usage_parse(strbuf_slice(&text), out))
		return fail(err, 0, "unable to read the size of '%s'", pool_of(st));
	return 0;
}

/* Where datasets are mounted is ZFS's to say, unless the user knows better. */
static int complete(struct keyvals *props, struct notes *notes, struct error *err)
{
	const char *pool = keyvals_get(props, "pool");
	const char *given = keyvals_get(props, "mountpoint");
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_free char *mountpoint = NULL;
	struct slice value;

	if (zfs_get(pool, "mountpoint", &text, &value, err) < 0)
		return -1;
	if (!slice_starts(value, "/"))
		return 0;
	mountpoint = slice_dup(value);
	if (!given)
		keyvals_set(props, "mountpoint", mountpoint);
	else if (strcmp(given, mountpoint) != 0)
		notes_add(notes, "mountpoint: '%s' is not where '%s' is mounted, '%s'",
			  given, pool, mountpoint);
	return 0;
}

/* Names */

static bool parse_name(struct slice name, const char **prefix, unsigned *vmid)
{
	return disk_name_parse(name, DISK_MARKS_ZFS, prefix, vmid);
}

static bool is_base_prefix(const char *prefix)
{
	return strcmp(prefix, "base") == 0 || strcmp(prefix, "basevol") == 0;
}

static bool is_base_name(struct slice name)
{
	const char *prefix;
	unsigned vmid;

	return parse_name(name, &prefix, &vmid) && is_base_prefix(prefix);
}

/* "[<base>/]<name>" */
static int parse(const struct storage *st, struct slice volname, struct volume *out,
		 struct error *err)
{
	struct volume volume = { .content = CONTENT_IMAGES };
	struct slice name, base = slice_cut(volname, '/', &name);
	const char *prefix = NULL;

	(void)st;
	if (!name.at) {
		name = volname;
		base = slice_of(volname.at, 0);
	}
	if ((base.len && !is_base_name(base)) || (!base.len && name.at != volname.at) ||
	    !parse_name(name, &prefix, &volume.vmid))
		return fail(err, 0, "unable to parse zfs volume name '" SLICE_FMT "'",
			    volname.len > 512 ? 512 : (int)volname.len,
			    volname.at ? volname.at : "");
	volume.name = name;
	volume.base = base;
	volume.is_base = is_base_prefix(prefix);
	volume.format = strcmp(prefix, "subvol") == 0 || strcmp(prefix, "basevol") == 0
				? FORMAT_SUBVOL
				: FORMAT_RAW;
	volume.format_name = volume.format == FORMAT_SUBVOL ? "subvol" : "raw";
	*out = volume;
	return 0;
}

/* A snapshot of an image has no device of its own. */
static char *path(const struct storage *st, struct slice volname, const char *snap)
{
	const char *mountpoint = keyvals_get(&st->props, "mountpoint");
	auto_free char *text = slice_dup(volname);
	auto_free char *dataset = NULL;
	struct volume volume;
	struct error err;

	if (parse(st, volname, &volume, &err) < 0)
		return NULL;
	if (volume.format == FORMAT_RAW) {
		dataset = zfs_dataset(st, text, NULL);
		return snap ? NULL : xasprintf("/dev/zvol/%s", dataset);
	}
	return xasprintf("%s%s/" SLICE_FMT "%s%s", mountpoint ? "" : "/",
			 mountpoint ? mountpoint : pool_of(st), SLICE_ARG(volume.name),
			 snap ? "@" : "", snap ? snap : "");
}

static int read_list(const struct storage *st, struct strbuf *text, struct error *err)
{
	const char *const argv[] = { "zfs",       "list",
				     "-o",        "name,volsize,origin,type,refquota",
				     "-t",        "volume,filesystem",
				     "-d1",       "-Hp",
				     pool_of(st), NULL };

	return zfs_ask(argv, text, err);
}

static int list(const struct storage *st, unsigned content, unsigned vmid,
		struct volume_list *out, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (!(content & (CONTENT_IMAGES | CONTENT_ROOTDIR)))
		return 0;
	if (read_list(st, &text, err) < 0)
		return -1;
	zfs_add_volumes(st, strbuf_slice(&text), vmid, out);
	return 0;
}

static char *new_name(const struct storage *st, unsigned vmid, enum volume_format format,
		      struct error *err)
{
	auto_free char *prefix = xasprintf("%s/", pool_of(st));
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct taken_disks taken = { 0 };
	struct slice rest, line, field;
	unsigned number;

	if (read_list(st, &text, err) < 0)
		return NULL;
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line)) {
		field = slice_cut(line, '\t', &line);
		if (slice_starts(field, prefix))
			disk_take(&taken, slice_from(field, strlen(prefix)), vmid);
	}
	if (disk_free_number(st, vmid, &taken, &number, err) < 0)
		return NULL;
	return xasprintf("%s-%u-disk-%u", format == FORMAT_SUBVOL ? "subvol" : "vm", vmid,
			 number);
}

static const unsigned char states[FEATURE_COUNT] = {
	[FEATURE_SNAPSHOT] = VOLUME_CURRENT | VOLUME_SNAPSHOT,
	[FEATURE_CLONE] = VOLUME_BASE,
	[FEATURE_TEMPLATE] = VOLUME_CURRENT,
	[FEATURE_COPY] = VOLUME_CURRENT | VOLUME_BASE,
	[FEATURE_RENAME] = VOLUME_CURRENT,
	[FEATURE_SPARSEINIT] = VOLUME_CURRENT | VOLUME_BASE,
	[FEATURE_REPLICATE] = VOLUME_CURRENT | VOLUME_BASE,
};

static const struct feature_row features[] = {
	{ FORMAT_RAW, states, NULL },
	{ FORMAT_SUBVOL, states, NULL },
	{ .states = NULL },
};

const struct storage_type storage_zfspool = {
	.name = "zfspool",
	.kind = KIND_ZFSPOOL,
	.content = CONTENT_IMAGES | CONTENT_ROOTDIR,
	.default_content = CONTENT_IMAGES | CONTENT_ROOTDIR,
	.formats = 1U << FORMAT_RAW | 1U << FORMAT_SUBVOL,
	.features = features,
	.sized_subvols = true,
	.names_base = true,
	.is_block = true,
	.base_subvol = "basevol-",
	.complete = complete,
	.activate = activate,
	.usage = usage,
	.parse = parse,
	.path = path,
	.new_name = new_name,
	.list = list,
	.create = zfs_create,
	.free = zfs_free,
	.activate_volume = zfs_activate_volume,
	.snapshot_dataset = zfs_dataset,
	.set_acl = zfs_set_acl,
	.size = zfs_size,
	.resize = zfs_resize,
	.snapshot = zfs_snapshot,
	.snapshot_delete = zfs_snapshot_delete,
	.can_roll_back = zfs_can_roll_back,
	.roll_back = zfs_roll_back,
	.make_base = zfs_make_base,
	.clone = zfs_clone,
	.rename = zfs_rename,
	.discard = zfs_discard,
	.snapshot_stream = "zfs",
	.send = zfs_send,
	.receive = zfs_receive,
	.adopt = zfs_adopt,
};
