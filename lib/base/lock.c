#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/own.h"
#include "base/path.h"

#define PAUSE_MS 20

struct held_lock {
	struct held_lock *next;
	char *path;
	int fd;
	unsigned count;
};

static struct held_lock *all;

static struct held_lock *find(const char *path)
{
	for (struct held_lock *held = all; held; held = held->next)
		if (strcmp(held->path, path) == 0)
			return held;
	return NULL;
}

static int wait_for(int fd, const char *path, unsigned timeout_s, struct error *err)
{
	int64_t end = clock_ms() + (int64_t)timeout_s * 1000;

	fputs("trying to acquire lock...", stderr);
	do {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			fputs(" OK\n", stderr);
			return 0;
		}
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		clock_pause(PAUSE_MS);
	} while (clock_ms() < end && !interrupt_seen());
	fputs("\n", stderr);
	if (interrupt_check(err) < 0)
		return -1;
	return fail(err, 0, "can't lock file '%s' - got timeout", path);
}

static int take(const char *path, int timeout_s, struct lock *lock, struct error *err)
{
	struct held_lock *held = find(path);
	auto_close int fd = -1;

	if (held) {
		held->count++;
		lock->held = held;
		return 0;
	}
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return fail(err, errno, "can't open file - '%s'", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (timeout_s < 0 || errno != EWOULDBLOCK)
			return fail(err, errno, "can't lock file '%s'", path);
		if (wait_for(fd, path, (unsigned)timeout_s, err) < 0)
			return -1;
	}
	held = xmalloc(sizeof(*held));
	*held = (struct held_lock){
		.next = all, .path = xstrdup(path), .fd = take_fd(&fd), .count = 1
	};
	all = held;
	lock->held = held;
	return 0;
}

int lock_take(const char *path, unsigned timeout_s, struct lock *lock, struct error *err)
{
	return take(path, (int)timeout_s, lock, err);
}

int lock_try(const char *path, struct lock *lock, struct error *err)
{
	return take(path, -1, lock, err);
}

void lock_free(struct lock *lock)
{
	struct held_lock *held = lock->held;
	struct held_lock **at = &all;

	lock->held = NULL;
	if (!held || --held->count > 0)
		return;
	while (*at != held)
		at = &(*at)->next;
	*at = held->next;
	close(held->fd);
	free(held->path);
	free(held);
}

int lock_config(unsigned vmid, unsigned timeout_s, struct lock *lock, struct error *err)
{
	auto_free char *path = path_in(PATH_LOCK, "pve-config-%u.lock", vmid);

	if (path_make(PATH_LOCK, err) < 0)
		return -1;
	return lock_take(path, timeout_s, lock, err);
}

int lock_config_try(unsigned vmid, struct lock *lock, struct error *err)
{
	auto_free char *path = path_in(PATH_LOCK, "pve-config-%u.lock", vmid);

	if (path_make(PATH_LOCK, err) < 0)
		return -1;
	return lock_try(path, lock, err);
}
