#include "base/copyattrs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/own.h"

#define NAMES_MAX 65536 /* XATTR_LIST_MAX */
#define VALUE_MAX 65536 /* XATTR_SIZE_MAX */

/* One end of a copy: an open file, or the path of what cannot be opened. */
struct end {
	int fd;
	const char *path; /* NULL: fd */
};

static ssize_t list_names(const struct end *from, char *names, size_t size)
{
	return from->path ? llistxattr(from->path, names, size)
			  : flistxattr(from->fd, names, size);
}

static ssize_t get_value(const struct end *from, const char *name, void *value)
{
	return from->path ? lgetxattr(from->path, name, value, VALUE_MAX)
			  : fgetxattr(from->fd, name, value, VALUE_MAX);
}

static int set_value(const struct end *to, const char *name, const void *value, size_t size)
{
	return to->path ? lsetxattr(to->path, name, value, size, 0)
			: fsetxattr(to->fd, name, value, size, 0);
}

/* "btrfs." and what is in "system." beside ACLs belong to the file system. */
static bool is_wanted(const char *name)
{
	return strncmp(name, "btrfs.", strlen("btrfs.")) != 0 &&
	       (strncmp(name, "system.", strlen("system.")) != 0 ||
		strncmp(name, "system.posix_acl_", strlen("system.posix_acl_")) == 0);
}

static int copy_one(const struct end *from, const struct end *to, const char *name,
		    struct error *err)
{
	auto_free char *value = xmalloc(VALUE_MAX);
	ssize_t size = get_value(from, name, value);

	if (size < 0)
		return errno == ENODATA
			       ? 0
			       : fail(err, errno, "cannot read attribute '%s'", name);
	if (set_value(to, name, value, (size_t)size) < 0)
		return fail(err, errno, "cannot set attribute '%s'", name);
	return 0;
}

static int copy_names(const struct end *from, const struct end *to, ssize_t len,
		      struct error *err)
{
	auto_free char *names = xmalloc(NAMES_MAX);

	len = list_names(from, names, NAMES_MAX);
	for (const char *name = names; len > 0 && name < names + len;
	     name += strlen(name) + 1)
		if (is_wanted(name) && copy_one(from, to, name, err) < 0)
			return -1;
	return len < 0 ? fail(err, errno, "cannot list attributes") : 0;
}

/* Most files have none: that is asked without memory. */
static int copy_xattrs(const struct end *from, const struct end *to, struct error *err)
{
	ssize_t len = list_names(from, NULL, 0);

	if (len < 0)
		return errno == EOPNOTSUPP ? 0 : fail(err, errno, "cannot list attributes");
	return len ? copy_names(from, to, len, err) : 0;
}

/* A new owner clears capabilities and the setuid bit: both come after it. */
int copy_attrs(int from, int to, const struct stat *info, struct error *err)
{
	const struct timespec times[] = { info->st_atim, info->st_mtim };
	const struct end source = { .fd = from }, target = { .fd = to };

	if (fchown(to, info->st_uid, info->st_gid) < 0 ||
	    fchmod(to, info->st_mode & 07777) < 0)
		return fail(err, errno, "cannot set owner and mode");
	if (copy_xattrs(&source, &target, err) < 0)
		return -1;
	return futimens(to, times) < 0 ? fail(err, errno, "cannot set times") : 0;
}

/* "/proc/self/fd/N/name": attributes have no call that takes a directory. */
static char *path_of(int dir, const char *name)
{
	return xasprintf("/proc/self/fd/%d/%s", dir, name);
}

int copy_attrs_at(int from_dir, int to_dir, const char *name, const struct stat *info,
		  struct error *err)
{
	const struct timespec times[] = { info->st_atim, info->st_mtim };
	auto_free char *from = path_of(from_dir, name), *to = path_of(to_dir, name);
	const struct end source = { .path = from }, target = { .path = to };

	if (fchownat(to_dir, name, info->st_uid, info->st_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(err, errno, "cannot set owner");
	if (!S_ISLNK(info->st_mode) && fchmodat(to_dir, name, info->st_mode & 07777, 0) < 0)
		return fail(err, errno, "cannot set mode");
	if (copy_xattrs(&source, &target, err) < 0)
		return -1;
	return utimensat(to_dir, name, times, AT_SYMLINK_NOFOLLOW) < 0
		       ? fail(err, errno, "cannot set times")
		       : 0;
}
