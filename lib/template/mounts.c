#include "template/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/own.h"

int mount_id(int fd, uint64_t *out, struct error *err)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return fail(err, errno, "cannot look at the root file system");
	*out = st.stx_mnt_id;
	return 0;
}

int mounts_add(struct mounts *mounts, int root, const char *path, struct error *err)
{
	auto_close int fd = open_in_root(root, path, O_PATH | O_DIRECTORY, 0, err);
	uint64_t id = 0;

	if (fd < 0 || mount_id(fd, &id, err) < 0)
		return -1;
	mounts->id = grow_array(mounts->id, mounts->count, sizeof(*mounts->id));
	mounts->id[mounts->count++] = id;
	return 0;
}

bool mounts_have(const struct mounts *mounts, int fd)
{
	struct error ignored;
	uint64_t id = 0;

	if (!mounts || mounts->count == 0)
		return false;
	if (mount_id(fd, &id, &ignored) < 0)
		return true;
	for (size_t i = 0; i < mounts->count; i++)
		if (mounts->id[i] == id)
			return true;
	return false;
}

void mounts_done(struct mounts *mounts)
{
	free(mounts->id);
	*mounts = (struct mounts){ 0 };
}
