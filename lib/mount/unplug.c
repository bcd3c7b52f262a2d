#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/own.h"
#include "base/pidfd.h"
#include "mount/mount.h"
#include "mount/mounted.h"
#include "mount/stage.h"
#include "mount/walk.h"

#define MOUNTS_MAX (64 * 1024 * 1024)
#define FREE_MS    2000

/* A running container whose volume is taken out. */
struct removal {
	const struct mount_step *step;
	const char *root; /* where the monitor has the container's tree */
	const struct mount_place *others;
	size_t other_count;
	int monitor_pidfd, init_pidfd;
	int proc;           /* the host's /proc, in whatever namespace we are */
	int monitor, guest; /* their mountinfo */
	ino_t own_ns, monitor_ns, guest_ns, guest_pid_ns;
	struct mounted_source source;
	char **places; /* of others with the same source */
};

static void removal_done(struct removal *work)
{
	close_fd(&work->proc);
	close_fd(&work->monitor);
	close_fd(&work->guest);
	mounted_source_done(&work->source);
	free_words(&work->places);
}

/* ---- what is looked at from the host ---- */

static ino_t namespace_of(int proc, const char *process, const char *kind)
{
	auto_free char *path = xasprintf("%s/ns/%s", process, kind);
	struct stat st;

	return fstatat(proc, path, &st, 0) < 0 ? 0 : st.st_ino;
}

static int open_mounts(const struct removal *work, int pidfd, struct error *err)
{
	auto_free char *path = xasprintf("%d/mountinfo", (int)pidfd_pid(pidfd));
	auto_close int fd = openat(work->proc, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !pidfd_is_alive(pidfd))
		return fail(err, errno, "cannot read the mounts of the container");
	return take_fd(&fd);
}

static int look(struct removal *work, struct error *err)
{
	auto_free char *monitor = xasprintf("%d", (int)pidfd_pid(work->monitor_pidfd));
	auto_free char *init = xasprintf("%d", (int)pidfd_pid(work->init_pidfd));

	work->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (work->proc < 0)
		return fail(err, errno, "cannot open '/proc'");
	work->own_ns = namespace_of(work->proc, "self", "mnt");
	work->monitor_ns = namespace_of(work->proc, monitor, "mnt");
	work->guest_ns = namespace_of(work->proc, init, "mnt");
	work->guest_pid_ns = namespace_of(work->proc, init, "pid");
	work->monitor = open_mounts(work, work->monitor_pidfd, err);
	work->guest = work->monitor < 0 ? -1 : open_mounts(work, work->init_pidfd, err);
	if (work->guest < 0)
		return -1;
	if (!work->monitor_ns || !work->guest_ns || !work->guest_pid_ns)
		return fail(err, 0, "cannot tell the namespaces of the container");
	return 0;
}

static int read_mounts(int fd, struct strbuf *out, struct error *err)
{
	if (lseek(fd, 0, SEEK_SET) < 0)
		return fail(err, errno, "cannot read mounts");
	return read_all(fd, MOUNTS_MAX, out, err);
}

/* ---- which mount it is ---- */

static uint64_t mount_id(int fd)
{
	struct statx info;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) < 0 ||
	    !(info.stx_mask & STATX_MNT_ID))
		return 0;
	return info.stx_mnt_id;
}

/*
 * The pinned original, where no guest gets at it, tells what a volume's mount shows: 1
 * found, 0 not.
 */
static int find_source(struct slice mounts, const char *key, struct mounted_source *out,
		       struct error *err)
{
	auto_free char *staging = stage_dir();
	auto_free char *path = xasprintf("%s/%s", staging, key);
	auto_close int pin = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (pin < 0)
		return errno == ENOENT ? 0 : fail(err, errno, "cannot open '%s'", path);
	if (!mounted_what(mounts, mount_id(pin), out))
		return fail(err, 0, "cannot tell what is mounted at '%s'", path);
	return 1;
}

static bool is_same(const struct mounted_source *one, const struct mounted_source *other)
{
	return strcmp(one->device, other->device) == 0 &&
	       strcmp(one->root, other->root) == 0;
}

static int find_places(struct removal *work, struct slice mounts, struct error *err)
{
	size_t count = 0;

	work->places = xcalloc(work->other_count + 1, sizeof(*work->places));
	for (size_t i = 0; i < work->other_count; i++) {
		auto_mounted_source struct mounted_source source = { 0 };
		int found = find_source(mounts, work->others[i].key, &source, err);

		if (found < 0)
			return -1;
		if (found && is_same(&source, &work->source))
			work->places[count++] = mounted_point("", work->others[i].target);
	}
	return 0;
}

/* What it shows, and which others show the same: 1; 0: it is out already. */
static int find_mount(struct removal *work, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	int found;

	if (read_mounts(work->monitor, &text, err) < 0)
		return -1;
	found = find_source(strbuf_slice(&text), work->step->key, &work->source, err);
	if (found <= 0)
		return found;
	return find_places(work, strbuf_slice(&text), err) < 0 ? -1 : 1;
}

static const char *const *places(const struct removal *work)
{
	return (const char *const *)work->places;
}

/* ---- taking it away ---- */

static int fail_unmount(const struct removal *work, struct error *err)
{
	if (errno == EBUSY)
		return fail(err, 0, "'%s' is in use in the container", work->step->target);
	return fail(err, errno, "cannot unmount '%s'", work->step->target);
}

/*
 * By the name in a directory that is held: no symlink is followed, and what a guest puts
 * there at the last moment is its own. The mount itself may not be held, as it would be
 * busy.
 */
static int unmount_at(const struct removal *work, const char *top, uint64_t id,
		      struct error *err)
{
	auto_close int root = open(top, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_walk struct walk walk = WALK_INIT;

	if (root < 0)
		return fail(err, errno, "cannot open '%s'", top);
	if (walk_path(root, work->step->target, NULL, &walk, err) < 0)
		return -1;
	if (mount_id(walk.fd) != id)
		return fail(err, 0, "something else is seen at '%s' in the container",
			    work->step->target);
	close_fd(&walk.fd);
	if (fchdir(walk.parent) < 0)
		return fail(err, errno, "cannot enter the directory of '%s'",
			    work->step->target);
	if (umount2(walk.name, UMOUNT_NOFOLLOW) < 0)
		fail_unmount(work, err);
	else
		err->text[0] = '\0';
	if (chdir("/") < 0)
		return fail(err, errno, "cannot leave the directory");
	return err->text[0] ? -1 : 0;
}

/*
 * One of the start is in the monitor's tree as well, which the container's is a slave of:
 * the kernel unmounts both, or none when one is busy. It is the only way, as the kernel
 * has locked these in the container of another user namespace. One that was plugged in
 * later is in the container alone.
 */
static int unmount(struct removal *work, struct error *err)
{
	auto_free char *inside = mounted_point("", work->step->target);
	auto_free char *outside = mounted_point(work->root, work->step->target);
	auto_strbuf struct strbuf monitor = STRBUF_INIT, guest = STRBUF_INIT;
	uint64_t own, id;

	if (read_mounts(work->monitor, &monitor, err) < 0 ||
	    read_mounts(work->guest, &guest, err) < 0 ||
	    mounted_alone(strbuf_slice(&guest), &work->source, inside, places(work), &id,
			  err) < 0)
		return -1;
	own = mounted_at(strbuf_slice(&monitor), &work->source, outside);
	if (own)
		return unmount_at(work, work->root, own, err);
	if (!id)
		return 0;
	if (mount_enter(work->init_pidfd, "container", err) < 0 ||
	    unmount_at(work, "/", id, err) < 0)
		return -1;
	return mount_enter(work->monitor_pidfd, "monitor", err);
}

/* ---- whether somebody has it still ---- */

static bool is_below(int fd, ino_t wanted)
{
	auto_close int at = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	struct stat st;

	while (at >= 0 && fstat(at, &st) == 0) {
		int parent;

		if (st.st_ino == wanted)
			return true;
		parent = ioctl(at, NS_GET_PARENT);
		close_fd(&at);
		at = parent;
	}
	return false;
}

static bool is_in_container(const struct removal *work, const char *process)
{
	auto_free char *path = xasprintf("%s/ns/pid", process);
	auto_close int fd = openat(work->proc, path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && is_below(fd, work->guest_pid_ns);
}

/* A process of the container with mounts of its own. */
static bool has_it(const struct removal *work, const char *process)
{
	auto_free char *path = xasprintf("%s/mountinfo", process);
	ino_t ns = namespace_of(work->proc, process, "mnt");
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error ignored;

	if (!ns || ns == work->own_ns || ns == work->monitor_ns || ns == work->guest_ns ||
	    !is_in_container(work, process))
		return false;
	return read_file(work->proc, path, MOUNTS_MAX, &text, &ignored) == 0 &&
	       mounted_anywhere(strbuf_slice(&text), &work->source, places(work));
}

static int check_processes(const struct removal *work, struct error *err)
{
	int fd = openat(work->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir)
		return fail(err, errno, "cannot read '/proc'");
	while ((entry = readdir(dir)) != NULL)
		if (slice_is_digits(slice(entry->d_name)) && has_it(work, entry->d_name))
			return fail(
				err, 0,
				"a process of the container has it in a mount namespace "
				"of its own");
	return 0;
}

static int check_gone(const struct removal *work, struct error *err)
{
	auto_strbuf struct strbuf guest = STRBUF_INIT;

	if (read_mounts(work->guest, &guest, err) < 0)
		return -1;
	if (mounted_anywhere(strbuf_slice(&guest), &work->source, places(work)))
		return fail(err, 0, "the container keeps it mounted");
	return check_processes(work, err);
}

static int take_out(struct removal *work, struct error *err)
{
	int found;

	if (look(work, err) < 0 || mount_enter(work->monitor_pidfd, "monitor", err) < 0)
		return -1;
	found = find_mount(work, err);
	if (found <= 0)
		return found;
	if (unmount(work, err) < 0 || check_gone(work, err) < 0)
		return -1;
	return stage_forget(work->step->key, err);
}

int mount_take_out(const struct mount_plan *plan, const char *root,
		   const struct mount_place *others, size_t other_count, int monitor_pidfd,
		   int init_pidfd, struct error *err)
{
	__attribute__((cleanup(removal_done))) struct removal work = {
		.step = &plan->at[0],
		.root = root,
		.others = others,
		.other_count = other_count,
		.monitor_pidfd = monitor_pidfd,
		.init_pidfd = init_pidfd,
		.proc = -1,
		.monitor = -1,
		.guest = -1,
	};

	return take_out(&work, err) < 0 ? fail_in(err, "%s", work.step->key) : 0;
}

/* 1: it is in use. */
static int is_in_use(const struct mount_step *step, struct error *err)
{
	auto_free char *path = NULL;
	auto_close int fd = -1;

	if (step->kind == MOUNT_IMAGE)
		return loop_find(step->source, &path, &fd, err);
	if (step->kind != MOUNT_DEVICE)
		return 0;
	fd = open(step->source, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0)
		return 0;
	return errno == EBUSY ? 1
			      : fail(err, errno, "cannot open device '%s'", step->source);
}

/* The kernel lets go of a device a moment after its last mount. */
int mount_wait_free(const struct mount_plan *plan, struct error *err)
{
	int64_t end = clock_ms() + FREE_MS;
	int status;

	while ((status = is_in_use(&plan->at[0], err)) > 0) {
		if (clock_ms() > end)
			return fail(err, 0, "%s: '%s' is still in use", plan->at[0].key,
				    plan->at[0].source);
		clock_pause(10);
	}
	return status;
}
