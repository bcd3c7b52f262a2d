#include "template/attrs.h"

#include <archive.h>
#include <endian.h>
#include <errno.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

bool attr_is_wanted(const char *name)
{
	return strncmp(name, "user.", 5) == 0 || strcmp(name, "security.capability") == 0;
}

void attrs_set(int fd, struct archive_entry *entry)
{
	const char *name;
	const void *value;
	size_t size;

	if (archive_entry_xattr_reset(entry) == 0)
		return;
	while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
		/* A failure is silent, as with the usual tool (templates.md 7). */
		if (name && attr_is_wanted(name) && fsetxattr(fd, name, value, size, 0) < 0)
			continue;
	}
}

static int kernel_tag(int tag)
{
	switch (tag) {
	case ARCHIVE_ENTRY_ACL_USER_OBJ: return ACL_USER_OBJ;
	case ARCHIVE_ENTRY_ACL_USER: return ACL_USER;
	case ARCHIVE_ENTRY_ACL_GROUP_OBJ: return ACL_GROUP_OBJ;
	case ARCHIVE_ENTRY_ACL_GROUP: return ACL_GROUP;
	case ARCHIVE_ENTRY_ACL_MASK: return ACL_MASK;
	case ARCHIVE_ENTRY_ACL_OTHER: return ACL_OTHER;
	default: return -1;
	}
}

/* The kernel wants the tags in the order of their numbers. */
static int by_tag(const void *left, const void *right)
{
	const struct posix_acl_xattr_entry *a = left, *b = right;
	uint16_t a_tag = le16toh(a->e_tag), b_tag = le16toh(b->e_tag);
	uint32_t a_id = le32toh(a->e_id), b_id = le32toh(b->e_id);

	if (a_tag != b_tag)
		return a_tag < b_tag ? -1 : 1;
	return a_id < b_id ? -1 : a_id > b_id;
}

static int add_entry(int perms, int tag, int id, struct strbuf *out, struct error *err)
{
	bool has_id = tag == ACL_USER || tag == ACL_GROUP;
	struct posix_acl_xattr_entry raw = {
		.e_tag = htole16((uint16_t)tag),
		.e_perm = htole16((uint16_t)(perms & 7)),
		.e_id = htole32(has_id ? (uint32_t)id : (uint32_t)ACL_UNDEFINED_ID),
	};

	if (tag < 0)
		return fail(err, 0, "the ACL is not a POSIX one");
	if (has_id && id < 0)
		return fail(err, 0, "the ACL names a %s without its number",
			    tag == ACL_USER ? "user" : "group");
	strbuf_add(out, &raw, sizeof(raw));
	return 0;
}

int acl_read(struct archive_entry *entry, int type, struct strbuf *out, struct error *err)
{
	struct posix_acl_xattr_header header = { htole32(POSIX_ACL_XATTR_VERSION) };
	int entry_type, perms, tag, id;
	const char *name;
	char *first;

	if (archive_entry_acl_reset(entry, type) == 0)
		return 0;
	strbuf_add(out, &header, sizeof(header));
	while (archive_entry_acl_next(entry, type, &entry_type, &perms, &tag, &id, &name) ==
	       ARCHIVE_OK)
		if (add_entry(perms, kernel_tag(tag), id, out, err) < 0)
			return -1;
	first = out->at + sizeof(header);
	qsort(first, (out->len - sizeof(header)) / sizeof(struct posix_acl_xattr_entry),
	      sizeof(struct posix_acl_xattr_entry), by_tag);
	return 0;
}

int acl_set(int fd, int type, struct slice value, struct error *err)
{
	const char *name = type == ARCHIVE_ENTRY_ACL_TYPE_DEFAULT
				   ? "system.posix_acl_default"
				   : "system.posix_acl_access";

	if (value.len == 0 || fsetxattr(fd, name, value.at, value.len, 0) == 0 ||
	    errno == EOPNOTSUPP)
		return 0;
	return fail(err, errno, "cannot set the ACL");
}
