#include "ct/search.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "base/own.h"

/* With the file system ids of the container's root, modes and ACLs count for it. */
static int search_as(const char *dir, uid_t uid, gid_t gid)
{
	int status, code;

	setfsgid(gid);
	setfsuid(uid);
	status = faccessat(AT_FDCWD, dir, X_OK, AT_EACCESS);
	code = errno;
	setfsuid(geteuid());
	setfsgid(getegid());
	errno = code;
	return status;
}

int search_check(const char *path, const struct idmap *map, struct error *err)
{
	uid_t uid = idmap_root(map, 'u');
	gid_t gid = idmap_root(map, 'g');

	if (uid == 0)
		return 0;
	if (setgroups(0, NULL) < 0)
		return fail(err, errno, "cannot drop supplementary groups");
	for (const char *slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		auto_free char *dir = xstrndup(path, (size_t)(slash - path));

		if (search_as(dir, uid, gid) == 0)
			continue;
		if (errno == EACCES)
			return fail(err, 0,
				    "the container's root (host uid %u) may not search "
				    "directory '%s': chmod o+x '%s'",
				    (unsigned)uid, dir, dir);
		return fail(err, errno, "cannot check directory '%s'", dir);
	}
	return 0;
}
