#include "storage/layout.h"

#include <string.h>

#include "base/own.h"
#include "config/store.h"
#include "storage/properties.h"

struct ending {
	const char *suffix, *format;
};

static const struct ending guest_endings[] = {
	{ ".raw", "raw" },       { ".qcow2", "qcow2" }, { ".vmdk", "vmdk" },
	{ ".subvol", "subvol" }, { NULL, NULL },
};

static const struct ending template_endings[] = {
	{ ".tar.gz", "tgz" },   { ".tar.xz", "txz" }, { ".tar.zst", "tzst" },
	{ ".tar.bz2", "tbz2" }, { ".tar", "tar" },    { NULL, NULL },
};

static const struct ending backup_endings[] = {
	{ ".tar.gz", "tar.gz" },   { ".tar.lzo", "tar.lzo" }, { ".tar.zst", "tar.zst" },
	{ ".tar.bz2", "tar.bz2" }, { ".vma.gz", "vma.gz" },   { ".vma.lzo", "vma.lzo" },
	{ ".vma.zst", "vma.zst" }, { ".vma.bz2", "vma.bz2" }, { ".tgz", "tgz" },
	{ ".tar", "tar" },         { ".vma", "vma" },         { NULL, NULL },
};

static const struct ending import_endings[] = {
	{ ".ova", "ova" }, { ".ovf", "ovf" },   { ".qcow2", "qcow2" },
	{ ".raw", "raw" }, { ".vmdk", "vmdk" }, { NULL, NULL },
};

static const char *format_by_ending(struct slice name, const struct ending *endings)
{
	for (; endings->suffix; endings++)
		if (name.len > strlen(endings->suffix) && slice_ends(name, endings->suffix))
			return endings->format;
	return NULL;
}

/* One component of a path that stays where it is put and prints on one line. */
static bool is_file_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] < ' ' || name.at[i] == 0x7f ||
		    name.at[i] == '/')
			return false;
	return name.len > 0 && name.len <= 255 && !slice_is(name, ".") &&
	       !slice_is(name, "..");
}

static bool has_blank(struct slice text)
{
	return text.len && memchr(text.at, ' ', text.len);
}

/* Content types other than guest volumes: format of a file name, NULL: not a volume. */

static const char *iso_format(struct slice name)
{
	struct slice end = slice_from(name, name.len > 4 ? name.len - 4 : name.len);

	return slice_is_nocase(end, ".iso") || slice_is_nocase(end, ".img") ? "iso" : NULL;
}

static const char *template_format(struct slice name)
{
	return format_by_ending(name, template_endings);
}

static const char *backup_format(struct slice name)
{
	return format_by_ending(name, backup_endings);
}

static const char *snippet_format(struct slice name)
{
	(void)name;
	return "snippet";
}

static const char *import_format(struct slice name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-.+=_ ";

	for (size_t i = 0; i < name.len; i++)
		if (!strchr(allowed, name.at[i]))
			return NULL;
	return format_by_ending(name, import_endings);
}

static const struct content_row {
	unsigned content;
	const char *prefix, *subdir;
	size_t dirs_offset; /* of the override in struct content_dirs */
	const char *(*format)(struct slice name);
} rows[] = {
	{ CONTENT_IMAGES, "", "images", AT(content_dirs, images), NULL },
	{ CONTENT_ROOTDIR, "", "private", AT(content_dirs, rootdir), NULL },
	{ CONTENT_VZTMPL, "vztmpl/", "template/cache", AT(content_dirs, vztmpl),
	  template_format },
	{ CONTENT_ISO, "iso/", "template/iso", AT(content_dirs, iso), iso_format },
	{ CONTENT_BACKUP, "backup/", "dump", AT(content_dirs, backup), backup_format },
	{ CONTENT_SNIPPETS, "snippets/", "snippets", AT(content_dirs, snippets),
	  snippet_format },
	{ CONTENT_IMPORT, "import/", "import", AT(content_dirs, import), import_format },
	{ 0, NULL, NULL, 0, NULL },
};

static const struct content_row *find_row(unsigned content)
{
	const struct content_row *row = rows;

	while (row->content && row->content != content)
		row++;
	return row;
}

const char *file_content_prefix(unsigned content)
{
	return find_row(content)->prefix;
}

/* The number in "vzdump-lxc-100-..."; 0 when there is none. */
static unsigned backup_owner(struct slice name)
{
	static const char *const kinds[] = { "vzdump-lxc-", "vzdump-openvz-",
					     "vzdump-qemu-" };
	struct slice rest;
	uint64_t vmid;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (slice_starts(name, kinds[i]) &&
		    slice_number(slice_cut(slice_from(name, strlen(kinds[i])), '-', &rest),
				 1, VMID_MAX, &vmid) &&
		    rest.at)
			return (unsigned)vmid;
	return 0;
}

/* "x.ova/inner.raw": a file inside an archive. */
static const char *inner_format(struct slice file, struct slice *inner)
{
	struct slice archive = slice_cut(file, '/', inner);
	const char *format = NULL;

	if (inner->at && is_file_name(archive) && is_file_name(*inner) &&
	    slice_ends(archive, ".ova") && import_format(archive))
		format = import_format(*inner);
	return format && strcmp(format, "ova") != 0 && strcmp(format, "ovf") != 0 ? format
										  : NULL;
}

static bool parse_file(struct slice volname, struct volume *out)
{
	for (const struct content_row *row = rows; row->content; row++) {
		struct slice file;

		if (!row->format || !slice_starts(volname, row->prefix))
			continue;
		file = slice_from(volname, strlen(row->prefix));
		*out = (struct volume){ .content = row->content,
					.format = FORMAT_OTHER,
					.name = file };
		if (is_file_name(file))
			out->format_name = row->format(file);
		else if (row->content == CONTENT_IMPORT)
			out->format_name = inner_format(file, &out->name);
		if (row->content == CONTENT_BACKUP)
			out->vmid = backup_owner(file);
		return out->format_name != NULL;
	}
	return false;
}

/* "<id>/<name>" in one piece. The id is written as it is printed: no leading zero. */
static bool parse_pair(struct slice text, unsigned *vmid, struct slice *name,
		       const char **format)
{
	struct slice id = slice_cut(text, '/', name);
	uint64_t number;

	if (!name->at || !slice_number(id, 1, VMID_MAX, &number) || id.at[0] == '0' ||
	    !is_file_name(*name) || has_blank(*name) ||
	    (slice_starts(*name, "snap-") && slice_ends(*name, ".qcow2")))
		return false;
	*format = format_by_ending(*name, guest_endings);
	*vmid = (unsigned)number;
	return *format != NULL;
}

/* Where the last "<id>/<name>" begins: after the second slash of three, or at 0. */
static size_t pair_start(struct slice volname)
{
	size_t slashes = 0, second = 0;

	for (size_t i = 0; i < volname.len; i++)
		if (volname.at[i] == '/' && ++slashes == 2)
			second = i + 1;
	return slashes == 3 ? second : 0;
}

static bool parse_guest(struct slice volname, struct volume *out)
{
	size_t start = pair_start(volname);
	struct slice base = slice_of(volname.at, start ? start - 1 : 0), base_name;
	struct volume volume = { .content = CONTENT_IMAGES, .base = base };
	const char *base_format;
	unsigned base_vmid;

	if (start && (!parse_pair(base, &base_vmid, &base_name, &base_format) ||
		      !slice_starts(base_name, "base-")))
		return false;
	if (!parse_pair(slice_from(volname, start), &volume.vmid, &volume.name,
			&volume.format_name))
		return false;
	volume.is_base = slice_starts(volume.name, "base-");
	volume.format = strcmp(volume.format_name, "raw") == 0      ? FORMAT_RAW
			: strcmp(volume.format_name, "subvol") == 0 ? FORMAT_SUBVOL
								    : FORMAT_OTHER;
	*out = volume;
	return true;
}

int file_volume_parse(struct slice volname, struct volume *out, struct error *err)
{
	struct volume volume;

	if (!parse_guest(volname, &volume) && !parse_file(volname, &volume))
		return fail(err, 0, "unable to parse directory volume name '" SLICE_FMT "'",
			    volname.len > 512 ? 512 : (int)volname.len,
			    volname.at ? volname.at : "");
	*out = volume;
	return 0;
}

char *file_content_dir(const struct storage *st, unsigned content)
{
	const struct content_row *row = find_row(content);
	const char *text = keyvals_get(&st->props, "content-dirs");
	struct content_dirs dirs;
	struct error err;
	char *subdir, *path;

	if (!text || group_parse(slice(text), content_dirs_props, &dirs, &err) < 0)
		return xasprintf("%s/%s", st->path, row->subdir);
	memcpy(&subdir, (const char *)&dirs + row->dirs_offset, sizeof(subdir));
	path = xasprintf("%s/%s", st->path, subdir ? subdir : row->subdir);
	view_done(content_dirs_props, &dirs);
	return path;
}

char *file_volume_path(const struct storage *st, struct slice volname, const char *snap)
{
	auto_free char *dir = NULL;
	struct volume volume;
	struct error err;

	if (file_volume_parse(volname, &volume, &err) < 0)
		return NULL;
	if (snap && (volume.content != CONTENT_IMAGES || volume.format != FORMAT_RAW ||
		     !storage_flag(st, "reflink", false)))
		return NULL;
	dir = file_content_dir(st, volume.content);
	if (volume.content == CONTENT_IMAGES)
		return xasprintf("%s/%u/" SLICE_FMT "%s%s", dir, volume.vmid,
				 SLICE_ARG(volume.name), snap ? "@" : "", snap ? snap : "");
	volname = slice_from(volname, strlen(file_content_prefix(volume.content)));
	return xasprintf("%s/" SLICE_FMT, dir, SLICE_ARG(volname));
}
