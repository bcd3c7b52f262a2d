/*
 * Extended attributes and POSIX ACLs of a member: which are taken (templates.md 7), and
 * the form that the kernel takes them in (acl(5), linux/posix_acl_xattr.h).
 */
#pragma once

#include <archive_entry.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"

/* user.* and security.capability: what archives keep. */
bool attr_is_wanted(const char *name);

/* Set user.* and security.capability; what the file system refuses is left out. */
void attrs_set(int fd, struct archive_entry *entry);

/*
 * The access (type ARCHIVE_ENTRY_ACL_TYPE_ACCESS) or default ACL as the value of its
 * attribute; empty when the member has none. Fails for an entry without a number: names
 * are never looked up.
 */
int acl_read(struct archive_entry *entry, int type, struct strbuf *out, struct error *err);

/* Set a value of acl_read. A file system without ACLs is fine. */
int acl_set(int fd, int type, struct slice value, struct error *err);
