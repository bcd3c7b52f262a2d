#include "mount/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"

struct userns {
	struct idmap map;
	int fd;
};

/* The process that keeps the namespace until it has its map and a descriptor. */
static pid_t start_holder(void)
{
	pid_t parent = getpid();
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0);

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent)
		pause();
	_exit(0);
}

static int write_map(pid_t pid, const struct idmap *map, char type, struct error *err)
{
	auto_free char *path = xasprintf("/proc/%d/%cid_map", (int)pid, type);
	auto_strbuf struct strbuf text = STRBUF_INIT;

	idmap_format(map, type, &text);
	return text.len ? write_value(path, text.at, err) : 0;
}

static int open_namespace(pid_t pid, const struct idmap *map, struct error *err)
{
	auto_free char *path = xasprintf("/proc/%d/ns/user", (int)pid);
	int fd;

	if (write_map(pid, map, 'g', err) < 0 || write_map(pid, map, 'u', err) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : fail(err, errno, "cannot open '%s'", path);
}

static int make(const struct idmap *map, struct error *err)
{
	pid_t pid = start_holder();
	int fd;

	if (pid < 0)
		return fail(err, errno, "cannot create a user namespace");
	fd = open_namespace(pid, map, err);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return fd;
}

static bool is_same(const struct idmap *a, const struct idmap *b)
{
	return a->count == b->count &&
	       memcmp(a->range, b->range, a->count * sizeof(a->range[0])) == 0;
}

int userns_get(struct userns_cache *cache, const struct idmap *map, struct error *err)
{
	int fd;

	for (size_t i = 0; i < cache->count; i++)
		if (is_same(&cache->at[i].map, map))
			return cache->at[i].fd;
	fd = make(map, err);
	if (fd < 0)
		return -1;
	cache->at = grow_array(cache->at, cache->count, sizeof(*cache->at));
	cache->at[cache->count++] = (struct userns){ *map, fd };
	return fd;
}

void userns_cache_done(struct userns_cache *cache)
{
	for (size_t i = 0; i < cache->count; i++)
		close_fd(&cache->at[i].fd);
	free(cache->at);
	*cache = (struct userns_cache){ 0 };
}
