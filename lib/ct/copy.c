#include "ct/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/copytree.h"
#include "base/file.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "mount/mount.h"

#define MIB         (1024 * 1024)
#define TERMINAL_MS 200   /* between two updates of the line */
#define LINE_MS     10000 /* between two lines, where there is no terminal */
#define MOUNTS_KIB  64    /* for the two mount points */

struct work {
	const struct storages *storages;
	const struct volume_copy *copy;
	bool terminal;
	int64_t told_ms;
};

/* One volume alone, at the directory of that name below root. */
static int mount_volume(const struct work *work, const char *volid, const char *snap,
			bool ro, const char *root, struct error *err)
{
	auto_volume_source struct volume_source source = { 0 };
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_notes struct notes notes = { 0 };
	struct mountpoint mp = { .mountoptions = (char[]){ "nodev;noexec;nosuid" },
				 .ro = ro,
				 .acl = -1,
				 .quota = -1,
				 .keepattrs = -1 };
	enum mount_kind kind;

	if (volume_activate(work->storages, slice(volid), snap, &source, err) < 0)
		return -1;
	kind = source.is_dataset                ? MOUNT_DATASET
	       : source.format == FORMAT_SUBVOL ? MOUNT_SUBVOL
	       : source.is_device               ? MOUNT_DEVICE
						: MOUNT_IMAGE;
	/* A snapshot's journal cannot be replayed, as nothing of it may change. */
	if (mount_plan_add(&plan, "rootfs", &mp, kind, source.path,
			   ro && (snap || source.is_base), 0, &notes, err) < 0)
		return -1;
	return mount_apply(&plan, root, err);
}

static void show(struct work *work, const struct tree_copied *now)
{
	printf("%s%" PRIu64 " files, %" PRIu64 " MiB copied%s", work->terminal ? "\r" : "",
	       now->files + now->links, now->bytes / MIB, work->terminal ? "" : "\n");
	fflush(stdout);
}

static void tell(void *arg, const struct tree_copied *so_far)
{
	struct work *work = arg;
	int64_t now = clock_ms();

	if (now - work->told_ms < (work->terminal ? TERMINAL_MS : LINE_MS))
		return;
	work->told_ms = now;
	show(work, so_far);
}

static void tell_end(struct work *work, const struct tree_copied *all)
{
	if (work->terminal) {
		show(work, all);
		putchar('\n');
	}
	printf("Number of files: %" PRIu64 " (reg: %" PRIu64 ", dir: %" PRIu64
	       ", link: %" PRIu64 ", special: %" PRIu64 ")\n",
	       all->files + all->links + all->directories + all->symlinks + all->specials,
	       all->files + all->links, all->directories, all->symlinks, all->specials);
	printf("Total file size: %" PRIu64 " bytes\n", all->bytes);
	printf("Total transferred file size: %" PRIu64 " bytes\n", all->moved);
}

/* The source may go now: a power failure would not take the copy with it. */
static int sync_target(int target, struct error *err)
{
	auto_close int fd = openat(target, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) < 0)
		return fail(err, errno, "cannot sync the copy");
	return 0;
}

static int copy_mounted(struct work *work, int source, int target, struct error *err)
{
	const struct tree_copy job = { .source = source,
				       .target = target,
				       .limit_kib = work->copy->limit_kib,
				       .progress = tell,
				       .arg = work };
	struct tree_copied copied = { 0 };

	work->terminal = isatty(STDOUT_FILENO);
	work->told_ms = clock_ms();
	if (tree_copy(&job, &copied, err) < 0 ||
	    (work->copy->sync && sync_target(target, err) < 0))
		return -1;
	tell_end(work, &copied);
	return 0;
}

/* The mount points are in a tmpfs, so that nothing of them is left on the disk. */
static int mount_and_copy(void *arg, struct error *err)
{
	struct work *work = arg;
	const struct volume_copy *copy = work->copy;
	auto_free char *dir = path_in(PATH_LXC, "%u", copy->vmid);
	auto_free char *top = path_in(PATH_LXC, "%u/rootfs", copy->vmid);
	auto_free char *from = xasprintf("%s/.copy-volume-2", top);
	auto_free char *to = xasprintf("%s/.copy-volume-1", top);
	auto_close int source = -1, target = -1;

	if (mount_private(err) < 0 || path_make(PATH_LXC, err) < 0 ||
	    make_dir(dir, 0755, err) < 0 || mount_tmpfs(top, MOUNTS_KIB, err) < 0)
		return -1;
	source = mount_volume(work, copy->source, copy->snap, true, from, err);
	if (source < 0)
		return fail_in(err, "%s", copy->source);
	target = mount_volume(work, copy->target, NULL, false, to, err);
	if (target < 0)
		return fail_in(err, "%s", copy->target);
	return copy_mounted(work, source, target, err);
}

int volume_copy(const struct storages *storages, const struct volume_copy *copy,
		struct error *err)
{
	struct work work = { .storages = storages, .copy = copy };
	int status = child_run(mount_and_copy, &work, err);
	struct error ignored;

	/* The container may still use the volume itself. */
	if (copy->snap &&
	    volume_deactivate(storages, slice(copy->source), copy->snap, &ignored) < 0)
		warn_task("%s", ignored.text);
	return status;
}
