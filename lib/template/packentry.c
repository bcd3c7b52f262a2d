#include "template/packentry.h"

#include <endian.h>
#include <errno.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/own.h"
#include "base/strbuf.h"
#include "template/attrs.h"

#define ATTRIBUTE_MAX 65536 /* XATTR_SIZE_MAX, XATTR_LIST_MAX */
#define UNMAPPED      65534 /* the id of whom the id map does not know */

/* One attribute; an empty result when there is none (any more) or they are not known. */
static int read_attribute(const char *path, const char *name, struct strbuf *out,
			  struct error *err)
{
	ssize_t got;

	strbuf_cut(out, 0);
	strbuf_grow(out, ATTRIBUTE_MAX);
	got = lgetxattr(path, name, out->at, ATTRIBUTE_MAX);
	if (got < 0 && errno != ENODATA && errno != EOPNOTSUPP)
		return fail(err, errno, "cannot read the attribute '%s'", name);
	out->len = got > 0 ? (size_t)got : 0;
	return got >= 0;
}

static int add_attribute(struct archive_entry *entry, const char *path, const char *name,
			 struct strbuf *value, struct error *err)
{
	int found = read_attribute(path, name, value, err);

	if (found > 0)
		archive_entry_xattr_add_entry(entry, name, value->at, value->len);
	return found < 0 ? -1 : 0;
}

int entry_add_attributes(struct archive_entry *entry, const char *path, struct error *err)
{
	auto_strbuf struct strbuf value = STRBUF_INIT;
	auto_free char *names = xmalloc(ATTRIBUTE_MAX);
	ssize_t len = llistxattr(path, names, ATTRIBUTE_MAX);

	if (len < 0 && errno == EOPNOTSUPP)
		return 0;
	if (len < 0)
		return fail(err, errno, "cannot list the attributes");
	for (const char *name = names; name < names + len; name += strlen(name) + 1)
		if (attr_is_wanted(name) &&
		    add_attribute(entry, path, name, &value, err) < 0)
			return -1;
	return 0;
}

static int archive_tag(int tag)
{
	switch (tag) {
	case ACL_USER_OBJ: return ARCHIVE_ENTRY_ACL_USER_OBJ;
	case ACL_USER: return ARCHIVE_ENTRY_ACL_USER;
	case ACL_GROUP_OBJ: return ARCHIVE_ENTRY_ACL_GROUP_OBJ;
	case ACL_GROUP: return ARCHIVE_ENTRY_ACL_GROUP;
	case ACL_MASK: return ARCHIVE_ENTRY_ACL_MASK;
	default: return ARCHIVE_ENTRY_ACL_OTHER;
	}
}

static void add_acl(struct archive_entry *entry, int type, struct slice value)
{
	struct posix_acl_xattr_entry raw;

	for (size_t at = sizeof(struct posix_acl_xattr_header);
	     at + sizeof(raw) <= value.len; at += sizeof(raw)) {
		int tag, id = -1;

		memcpy(&raw, value.at + at, sizeof(raw));
		tag = le16toh(raw.e_tag);
		if (tag == ACL_USER || tag == ACL_GROUP)
			id = (int)le32toh(raw.e_id) < 0 ? UNMAPPED : (int)le32toh(raw.e_id);
		archive_entry_acl_add_entry(entry, type, le16toh(raw.e_perm),
					    archive_tag(tag), id, NULL);
	}
}

int entry_add_acls(struct archive_entry *entry, const char *path, struct error *err)
{
	auto_strbuf struct strbuf value = STRBUF_INIT;
	bool is_dir = S_ISDIR(archive_entry_mode(entry));

	if (S_ISLNK(archive_entry_mode(entry)))
		return 0;
	if (read_attribute(path, "system.posix_acl_access", &value, err) < 0)
		return -1;
	add_acl(entry, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, strbuf_slice(&value));
	if (is_dir && read_attribute(path, "system.posix_acl_default", &value, err) < 0)
		return -1;
	if (is_dir)
		add_acl(entry, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, strbuf_slice(&value));
	return 0;
}

int entry_add_holes(struct archive_entry *entry, int fd, int64_t size, struct error *err)
{
	bool has_data = false;

	for (off_t start = 0, end; start < size; start = end) {
		start = lseek(fd, start, SEEK_DATA);
		if (start < 0 && errno == ENXIO)
			break;
		/* A file system that knows of no holes: it is all data. */
		if (start < 0 && errno == EINVAL)
			return 0;
		end = start < 0 ? -1 : lseek(fd, start, SEEK_HOLE);
		if (end < 0)
			return fail(err, errno, "cannot look for holes");
		if (start >= size)
			break;
		if (end > size)
			end = size;
		has_data = true;
		archive_entry_sparse_add_entry(entry, start, end - start);
	}
	/* An empty map would mean that there are no holes. */
	if (!has_data && size > 0)
		archive_entry_sparse_add_entry(entry, 0, 0);
	return 0;
}
