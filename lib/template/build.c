#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/own.h"
#include "base/process.h"
#include "base/random.h"
#include "base/tree.h"
#include "template/template.h"

#define WORK_PREFIX ".pct-build-"
#define TICK_MS     200
#define END_TRIES   50 /* ticks until a killed recipe's last process is gone */

/* The private directory of one run. It is locked as long as its owner lives. */
struct work {
	int dir; /* where it is; the caller's */
	int fd;
	char name[sizeof(WORK_PREFIX) + 8];
};

/* Processes that were killed with their namespace may still be on their way out. */
static int remove_work(int dir, const char *name, struct error *err)
{
	for (int tries = 0; tries < END_TRIES; tries++) {
		if (tree_remove(dir, name, err) == 0)
			return 0;
		clock_pause(TICK_MS);
	}
	return -1;
}

static void work_done(struct work *work)
{
	struct error err;

	if (work->fd < 0)
		return;
	if (remove_work(work->dir, work->name, &err) < 0)
		printf("%s\n", err.text);
	close_fd(&work->fd);
}
#define auto_work __attribute__((cleanup(work_done)))

/*
 * What a killed run left behind: nobody holds its lock. The caller holds the lock of
 * dir, so that a directory made just now is not mistaken for one.
 */
static void remove_stale(int dir)
{
	auto_dir DIR *list = NULL;
	auto_close int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	struct error ignored;

	list = copy >= 0 ? fdopendir(copy) : NULL;
	if (!list)
		return;
	take_fd(&copy);
	while ((entry = readdir(list))) {
		auto_close int fd = -1;

		if (strncmp(entry->d_name, WORK_PREFIX, strlen(WORK_PREFIX)) != 0)
			continue;
		fd = openat(dir, entry->d_name,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			tree_remove(dir, entry->d_name, &ignored);
	}
}

static int work_make(struct work *work, const char *path, struct error *err)
{
	char digits[9];

	random_hex(digits, 8);
	snprintf(work->name, sizeof(work->name), WORK_PREFIX "%s", digits);
	if (mkdirat(work->dir, work->name, 0700) < 0)
		return fail(err, errno, "cannot create a directory in '%s'", path);
	work->fd = openat(work->dir, work->name,
			  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (work->fd < 0 || flock(work->fd, LOCK_EX | LOCK_NB) < 0)
		return fail(err, errno, "cannot use the directory '%s/%s'", path,
			    work->name);
	return 0;
}

/* Wait for pid; an interrupt kills it. */
static int wait_for(pid_t pid, struct error *err)
{
	auto_close int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	while (fd >= 0 && !interrupt_seen())
		if (poll(&wait, 1, TICK_MS) > 0)
			break;
	if (interrupt_seen())
		kill(pid, SIGKILL);
	return process_wait(pid, err);
}

/*
 * With process ids and mounts of its own: when it ends or is killed, or when we are,
 * everything that it started and mounted goes with it.
 */
static int run_recipe(const char *recipe, const char *work, struct error *err)
{
	const char *const argv[] = { "unshare",      "--mount",      "--pid", "--fork",
				     "--kill-child", "--mount-proc", recipe,  NULL };
	pid_t pid = process_start(&(struct process){ .argv = argv, .dir = work }, err);
	int status = pid < 0 ? -1 : wait_for(pid, err);

	if (status < 0 || interrupt_check(err) < 0)
		return -1;
	if (status > 128)
		return fail(err, 0, "recipe '%s' got signal %d", recipe, status - 128);
	if (status > 0)
		return fail(err, 0, "recipe '%s' failed: exit code %d", recipe, status);
	return 0;
}

/* NAME_VERSION_ARCH.tar.zst, and nothing in it that a volume id may not hold. */
static int check_archive(int out, const char *name, struct error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789+-._~";
	struct stat st;

	if (name[0] == '.' || name[0] == '-' || name[strspn(name, allowed)] != '\0')
		return fail(err, 0, "the recipe made a file with an unusable name");
	if (template_check_name(name, err) < 0)
		return -1;
	if (fstatat(out, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return fail(err, 0, "the recipe's '%s' is not a regular file", name);
	return 0;
}

/* The one file in out/. */
static int find_archive(int out, char **name, struct error *err)
{
	auto_close int copy = openat(out, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
	auto_free char *found = NULL;
	struct dirent *entry;

	if (!list)
		return fail(err, errno, "cannot read what the recipe made");
	take_fd(&copy);
	while ((entry = readdir(list))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (found)
			return fail(err, 0, "the recipe made more than one archive");
		found = xstrdup(entry->d_name);
	}
	if (!found)
		return fail(err, 0, "the recipe made no archive");
	if (check_archive(out, found, err) < 0)
		return -1;
	*name = take_ptr(&found);
	return 0;
}

/* On the disk first, then under its name: nobody finds half an archive there. */
static int deliver(const struct work *work, char **name, struct error *err)
{
	auto_free char *found = NULL;
	auto_close int out = -1, archive = -1;

	out = openat(work->fd, "out", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out < 0)
		return fail(err, 0, "the recipe made no archive");
	if (find_archive(out, &found, err) < 0)
		return -1;
	archive = openat(out, found, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (archive < 0 || fchown(archive, 0, 0) < 0 || fchmod(archive, 0644) < 0 ||
	    fsync(archive) < 0 || renameat(out, found, work->dir, found) < 0 ||
	    fsync(work->dir) < 0)
		return fail(err, errno, "cannot store '%s'", found);
	*name = take_ptr(&found);
	return 0;
}

int recipe_build(const char *recipe, const char *dir, char **name, struct error *err)
{
	auto_close int dirfd = open_dir(dir, err);
	auto_work struct work work = { .dir = dirfd, .fd = -1 };
	auto_free char *path = NULL;

	if (dirfd < 0)
		return -1;
	if (flock(dirfd, LOCK_EX) < 0)
		return fail(err, errno, "cannot lock '%s'", dir);
	remove_stale(dirfd);
	if (work_make(&work, dir, err) < 0)
		return -1;
	flock(dirfd, LOCK_UN);
	path = xasprintf("%s/%s", dir, work.name);
	if (run_recipe(recipe, path, err) < 0)
		return -1;
	return deliver(&work, name, err);
}
