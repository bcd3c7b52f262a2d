#include "storage/properties.h"

#include <limits.h>
#include <string.h>

#include "base/own.h"
#include "config/backupkeep.h"
#include "storage/zero.h"

#define ALL                                                                          \
	(KIND_DIR | KIND_BTRFS | KIND_NFS | KIND_CIFS | KIND_CEPHFS | KIND_ZFSPOOL | \
	 KIND_LVM | KIND_LVMTHIN | KIND_RBD)
#define FILES   (KIND_DIR | KIND_BTRFS | KIND_NFS | KIND_CIFS | KIND_CEPHFS)
#define MOUNTED (KIND_NFS | KIND_CIFS | KIND_CEPHFS)
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"
/* What becomes a word of a command is no option, what becomes a mount option is one. */
#define DATASET   "^[A-Za-z0-9][A-Za-z0-9_.:-]*(/[A-Za-z0-9_.:-]+)*$"
#define HOST      "^[A-Za-z0-9:][A-Za-z0-9._:%-]*$"
#define SHARE     "^[^-/,[:space:]][^/,]*$"
#define NO_BLANKS "^[^[:space:]]+$"
#define NO_COMMA  "^[^,]+$"
#define LVM_NAME  "^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$"

static bool only_of(struct slice text, const char *allowed)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '\0' || !strchr(allowed, text.at[i]))
			return false;
	return true;
}

/* Checks of values */

static bool check_nodes(struct slice value, struct strbuf *reason)
{
	struct slice word;

	while (slice_word(&value, &word)) {
		if (only_of(word, LETTERS DIGITS "-") && word.at[0] != '-' &&
		    word.at[word.len - 1] != '-')
			continue;
		strbuf_addf(reason, "invalid node name '" SLICE_FMT "'", SLICE_ARG(word));
		return false;
	}
	return true;
}

static bool check_path(struct slice value, struct strbuf *reason)
{
	if (value.len > 1 && value.at[0] == '/' && !memchr(value.at, '\0', value.len) &&
	    !strchr(";()", value.at[1]))
		return true;
	strbuf_adds(reason, "value does not look like an absolute path");
	return false;
}

static bool check_path_or_bool(struct slice value, struct strbuf *reason)
{
	return bool_parse(value) >= 0 || check_path(value, reason);
}

/* A directory below the storage's own: nothing in it may lead out. */
static bool check_relative(struct slice value, struct strbuf *reason)
{
	struct slice rest = value, part;
	bool good = value.len > 0 && value.len < 1023 && value.at[value.len - 1] != '.';

	for (size_t i = 1; good && i < value.len; i++)
		good = value.at[i] != '.' || value.at[i - 1] != '.';
	while (good && rest.at) {
		part = slice_cut(rest, '/', &rest);
		good = part.len < 255;
	}
	if (!good)
		strbuf_adds(reason, "value is not a relative directory without '..'");
	return good;
}

static bool check_blocksize(struct slice value, struct strbuf *reason)
{
	size_t digits = 0;
	uint64_t number = 0, unit = 1;

	while (digits < value.len && strchr(DIGITS, value.at[digits]))
		digits++;
	if (value.len == digits + 1)
		unit = strchr("kK", value.at[digits])   ? 1024
		       : strchr("mM", value.at[digits]) ? 1024 * 1024
							: 0;
	if (value.len <= digits + 1 && unit &&
	    slice_number(slice_of(value.at, digits), 1, 16 << 20, &number) &&
	    number * unit >= 512 && number * unit <= 16 << 20 &&
	    ((number * unit) & (number * unit - 1)) == 0)
		return true;
	strbuf_adds(reason, "value is not a power of two from 512 to 16M");
	return false;
}

static bool check_speed(struct slice value, struct strbuf *reason)
{
	struct zeroing ignored;

	if (zeroing_parse_speed(value, &ignored))
		return true;
	strbuf_adds(reason, "value is not a number of bytes per second");
	return false;
}

static const struct prop_format nodes_format = { "node-list", check_nodes };
static const struct prop_format path_format = { "storage-path", check_path };
static const struct prop_format path_or_bool_format = { "path-or-bool",
							check_path_or_bool };
static const struct prop_format relative_format = { "content-dir", check_relative };
static const struct prop_format speed_format = { "bytes-per-second", check_speed };
static const struct prop_format blocksize_format = { "blocksize", check_blocksize };

/* Checks that depend on the type */

static int adjust_content(const struct storage_type *type, struct strbuf *normal,
			  struct notes *dropped, struct error *err)
{
	struct slice list = strbuf_slice(normal), word;
	auto_strbuf struct strbuf kept = STRBUF_INIT;
	bool none = false;
	size_t count = 0;

	for (; slice_word(&list, &word); count++) {
		none |= slice_is(word, "none");
		if (slice_is(word, "none") || content_parse(word) & type->content)
			strbuf_addf(&kept, "%s" SLICE_FMT, kept.len ? "," : "",
				    SLICE_ARG(word));
		else
			notes_add(dropped,
				  "content type '" SLICE_FMT "' is not for type '%s'",
				  SLICE_ARG(word), type->name);
	}
	if (none && count > 1)
		return fail(err, 0, "'none' cannot stand with other content types");
	strbuf_cut(normal, 0);
	strbuf_adds(normal, kept.len ? kept.at : "none");
	return 0;
}

static int adjust_format(const struct storage_type *type, struct strbuf *normal,
			 struct notes *dropped, struct error *err)
{
	struct slice value = strbuf_slice(normal);
	enum volume_format format = slice_is(value, "raw")      ? FORMAT_RAW
				    : slice_is(value, "subvol") ? FORMAT_SUBVOL
								: FORMAT_OTHER;

	(void)dropped;
	if (type->formats & 1U << format)
		return 0;
	return fail(err, 0, "'%s' is not for type '%s'", normal->at, type->name);
}

static int adjust_mkdir(const struct storage_type *type, struct strbuf *normal,
			struct notes *dropped, struct error *err)
{
	(void)type;
	(void)normal;
	(void)err;
	notes_add(dropped, "'mkdir' is deprecated: use 'create-base-path' and "
			   "'create-subdirs'");
	return 0;
}

static int adjust_retention(const struct storage_type *type, struct strbuf *normal,
			    struct notes *dropped, struct error *err)
{
	struct retention ignored;

	(void)type;
	(void)dropped;
	return retention_parse(strbuf_slice(normal), &ignored, err);
}

static int adjust_path(const struct storage_type *type, struct strbuf *normal,
		       struct notes *dropped, struct error *err)
{
	auto_free char *path = path_normalise(strbuf_slice(normal));

	(void)dropped;
	if (type->kind & (KIND_DIR | KIND_BTRFS) &&
	    !only_of(slice(path), LETTERS DIGITS "-/_.@"))
		return fail(err, 0, "'%s' has characters other than [-/a-zA-Z0-9_.@]",
			    path);
	if (strcmp(path, "/") == 0)
		return fail(err, 0, "'%s' cannot be a storage", path);
	strbuf_cut(normal, 0);
	strbuf_adds(normal, path);
	return 0;
}

/* Property strings */

static const struct prop bwlimit_props[] = {
	{ "default", PROP_NUMBER, .help = "Limit where no other is given, in KiB/s.",
	  .max = INT_MAX },
	{ "restore", PROP_NUMBER, .help = "Limit of restore, in KiB/s.", .max = INT_MAX },
	{ "migration", PROP_NUMBER, .help = "Limit of migrate, in KiB/s.", .max = INT_MAX },
	{ "clone", PROP_NUMBER, .help = "Limit of clone, in KiB/s.", .max = INT_MAX },
	{ "move", PROP_NUMBER, .help = "Limit of move-volume, in KiB/s.", .max = INT_MAX },
	{ 0 },
};

#define DIRECTORY(field, text)                                                         \
	{                                                                              \
#field, PROP_TEXT, AT(content_dirs, field), .help = text,              \
							    .format = &relative_format \
	}

const struct prop content_dirs_props[] = {
	DIRECTORY(images, "Directory of guest volumes."),
	DIRECTORY(rootdir, "Directory kept for older containers."),
	DIRECTORY(vztmpl, "Directory of container templates."),
	DIRECTORY(iso, "Directory of ISO images."),
	DIRECTORY(backup, "Directory of backups."),
	DIRECTORY(snippets, "Directory of snippets."),
	DIRECTORY(import, "Directory of images to import."),
	{ 0 },
};

static const char *const formats[] = { "raw", "qcow2", "vmdk", "subvol", NULL };
static const char *const preallocations[] = { "off", "metadata", "falloc", "full", NULL };
static const char *const step_sizes[] = { "1", "2", "4", "8", "16", "32", NULL };
static const char *const smb_versions[] = { "default", "2.0",  "2.1", "3",
					    "3.0",     "3.11", NULL };

const struct storage_prop storage_props[] = {
	{ { "authsupported", PROP_TEXT, .help = "Authentication of the ceph cluster." },
	  .types = KIND_RBD },
	{ { "base", PROP_TEXT, .help = "Volume to activate first." },
	  .types = KIND_LVM,
	  .fixed = KIND_LVM },
	{ { "blocksize", PROP_TEXT, .help = "Block size of zvols.",
	    .format = &blocksize_format },
	  .types = KIND_ZFSPOOL },
	{ { "bwlimit", PROP_GROUP, .help = "I/O limits of operations, in KiB/s.",
	    .members = bwlimit_props },
	  .types = ALL & ~KIND_BTRFS },
	{ { "content", PROP_TEXT, .help = "Content types that the storage offers.",
	    .flags = PROP_LIST },
	  .types = ALL,
	  .adjust = adjust_content },
	{ { "content-dirs", PROP_GROUP, .help = "Directories that replace the usual ones.",
	    .members = content_dirs_props },
	  .types = FILES & ~KIND_BTRFS },
	{ { "create-base-path", PROP_BOOL, .help = "Create the base directory.",
	    .fallback = "yes" },
	  .types = FILES },
	{ { "create-subdirs", PROP_BOOL, .help = "Create the content directories.",
	    .fallback = "yes" },
	  .types = FILES },
	{ { "data-pool", PROP_TEXT, .help = "Pool of the data of erasure-coded images." },
	  .types = KIND_RBD },
	{ { "disable", PROP_BOOL, .help = "Do not use the storage." },
	  .types = ALL,
	  .word = true },
	{ { "domain", PROP_TEXT, .help = "Domain of the user.", .min = 1, .max = 256,
	    .pattern = NO_COMMA },
	  .types = KIND_CIFS },
	{ { "export", PROP_TEXT, .help = "Path that the server exports.",
	    .format = &path_format },
	  .types = KIND_NFS,
	  .required = KIND_NFS },
	{ { "format", PROP_ENUM, .help = "Default format of disk images.",
	    .choices = formats },
	  .types = FILES,
	  .adjust = adjust_format },
	{ { "fs-name", PROP_TEXT, .help = "Name of the ceph file system." },
	  .types = KIND_CEPHFS },
	{ { "fuse", PROP_BOOL, .help = "Mount with the FUSE client." },
	  .types = KIND_CEPHFS },
	{ { "is_mountpoint", PROP_TEXT,
	    .help = "Offline unless this, or the path itself, is a mount point.",
	    .format = &path_or_bool_format, .fallback = "no" },
	  .types = KIND_DIR | KIND_BTRFS },
	{ { "keyring", PROP_TEXT, .help = "Keyring of the ceph client." },
	  .types = KIND_CEPHFS | KIND_RBD },
	{ { "krbd", PROP_BOOL, .help = "Map images with the kernel client." },
	  .types = KIND_RBD },
	{ { "max-protected-backups", PROP_INT,
	    .help = "Protected backups per guest; -1 is no limit.", .min = -1,
	    .max = INT_MAX },
	  .types = FILES },
	{ { "mkdir", PROP_BOOL,
	    .help = "Older form of create-base-path and create-subdirs.",
	    .fallback = "yes" },
	  .types = FILES,
	  .adjust = adjust_mkdir },
	{ { "monhost", PROP_TEXT, .help = "Addresses of the ceph monitors." },
	  .types = KIND_CEPHFS | KIND_RBD },
	{ { "mountpoint", PROP_TEXT, .help = "Where datasets are mounted.",
	    .format = &path_format },
	  .types = KIND_ZFSPOOL },
	{ { "namespace", PROP_TEXT, .help = "Namespace in the ceph pool." },
	  .types = KIND_RBD },
	{ { "nocow", PROP_BOOL, .help = "No copy on write for raw images." },
	  .types = KIND_BTRFS },
	{ { "nodes", PROP_TEXT, .help = "Nodes that may use the storage.",
	    .flags = PROP_LIST, .format = &nodes_format },
	  .types = ALL },
	{ { "options", PROP_TEXT, .help = "Mount options.", .pattern = NO_BLANKS },
	  .types = MOUNTED },
	{ { "password", PROP_TEXT, .help = "Password of the user.", .max = 256,
	    .flags = PROP_VALUE_OPTIONAL },
	  .types = KIND_CIFS,
	  .secret = true },
	{ { "path", PROP_TEXT, .help = "Base directory.", .format = &path_format },
	  .types = FILES,
	  .required = KIND_DIR | KIND_BTRFS,
	  .filled = MOUNTED,
	  .adjust = adjust_path },
	{ { "pool", PROP_TEXT, .help = "Dataset or ceph pool.", .pattern = DATASET },
	  .types = KIND_ZFSPOOL | KIND_RBD,
	  .required = KIND_ZFSPOOL },
	{ { "preallocation", PROP_ENUM,
	    .help = "What raw images reserve when they are made.",
	    .choices = preallocations, .fallback = "metadata" },
	  .types = FILES & ~KIND_CEPHFS },
	{ { "prune-backups", PROP_GROUP, .help = "Which backups to keep.",
	    .members = retention_props },
	  .types = FILES,
	  .adjust = adjust_retention },
	{ { "reflink", PROP_BOOL,
	    .help = "Take snapshots of raw images as files that share their blocks." },
	  .types = KIND_DIR },
	{ { "saferemove", PROP_BOOL, .help = "Zero volumes before they are removed." },
	  .types = KIND_LVM },
	{ { "saferemove-stepsize", PROP_ENUM, .help = "Step of zeroing in MiB.",
	    .choices = step_sizes, .fallback = "32" },
	  .types = KIND_LVM },
	{ { "saferemove_throughput", PROP_TEXT,
	    .help = "Speed of zeroing in bytes per second; a minus: never faster.",
	    .format = &speed_format },
	  .types = KIND_LVM },
	{ { "server", PROP_TEXT, .help = "Name or address of the server.",
	    .pattern = HOST },
	  .types = KIND_NFS | KIND_CIFS,
	  .required = KIND_NFS | KIND_CIFS },
	{ { "share", PROP_TEXT, .help = "Name of the share.", .pattern = SHARE },
	  .types = KIND_CIFS,
	  .required = KIND_CIFS },
	{ { "shared", PROP_BOOL, .help = "All nodes see the same content." },
	  .types = KIND_DIR | KIND_BTRFS | KIND_LVM },
	{ { "smbversion", PROP_ENUM, .help = "Version of the SMB protocol.",
	    .choices = smb_versions, .fallback = "default" },
	  .types = KIND_CIFS },
	{ { "snapshot-as-volume-chain", PROP_BOOL,
	    .help = "For virtual machines; ignored." },
	  .types = KIND_DIR | KIND_NFS | KIND_CIFS | KIND_LVM,
	  .fixed = KIND_DIR | KIND_NFS | KIND_CIFS },
	{ { "sparse", PROP_BOOL, .help = "Make zvols without a reservation." },
	  .types = KIND_ZFSPOOL },
	{ { "subdir", PROP_TEXT, .help = "Directory to mount.", .format = &path_format },
	  .types = KIND_CIFS | KIND_CEPHFS },
	{ { "tagged_only", PROP_BOOL, .help = "List tagged volumes only." },
	  .types = KIND_LVM },
	{ { "thinpool", PROP_TEXT, .help = "Thin pool.", .pattern = LVM_NAME },
	  .types = KIND_LVMTHIN,
	  .required = KIND_LVMTHIN },
	{ { "username", PROP_TEXT, .help = "User on the server.", .pattern = NO_COMMA },
	  .types = KIND_CIFS | KIND_CEPHFS | KIND_RBD },
	{ { "vgname", PROP_TEXT, .help = "Volume group.", .pattern = LVM_NAME },
	  .types = KIND_LVM | KIND_LVMTHIN,
	  .required = KIND_LVM | KIND_LVMTHIN },
	{ .prop = { 0 } },
};

const struct storage_prop *storage_prop_find(enum storage_kind kind, struct slice name)
{
	for (const struct storage_prop *row = storage_props; row->prop.name; row++)
		if (row->types & kind && slice_is(name, row->prop.name))
			return row;
	return NULL;
}

bool storage_prop_is_required(const struct storage_prop *row, enum storage_kind kind)
{
	return (row->required | row->filled) & kind;
}

bool storage_prop_is_fixed(const struct storage_prop *row, enum storage_kind kind)
{
	return storage_prop_is_required(row, kind) || row->fixed & kind;
}

const char *storage_prop_missing(enum storage_kind kind, const struct keyvals *props)
{
	for (const struct storage_prop *row = storage_props; row->prop.name; row++)
		if (row->required & kind && !keyvals_get(props, row->prop.name))
			return row->prop.name;
	return NULL;
}

bool storage_flag(const struct storage *st, const char *name, bool fallback)
{
	const char *value = keyvals_get(&st->props, name);

	return value ? bool_parse(slice(value)) > 0 : fallback;
}

char *path_normalise(struct slice path)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < path.len; i++)
		if (path.at[i] != '/' || out.len == 0 || out.at[out.len - 1] != '/')
			strbuf_addc(&out, path.at[i]);
	if (out.len > 1 && out.at[out.len - 1] == '/')
		strbuf_cut(&out, out.len - 1);
	return strbuf_take(&out);
}
