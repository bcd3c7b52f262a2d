#include "lxc/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mountinfo.h"
#include "base/own.h"
#include "lxc/host.h"

#define BASE "/sys/fs/cgroup"

static bool is_unified(const struct mountinfo *mount)
{
	return slice_is(mount->fstype, "cgroup2");
}

/* The next mount that is a hierarchy; false at the end of the text. */
static bool next_hierarchy(struct slice *text, struct mountinfo *out)
{
	while (mountinfo_next(text, out))
		if ((is_unified(out) || slice_is(out->fstype, "cgroup")) &&
		    slice_starts(out->point, BASE))
			return true;
	return false;
}

/* liblxc's rule: a v1 hierarchy that init is in, mounted where it looks, writable. */
static bool is_legacy(struct slice names)
{
	auto_free char *path = NULL;
	struct slice name = names;

	if (slice_starts(name, "name="))
		name = slice_from(name, strlen("name="));
	path = xasprintf(BASE "/" SLICE_FMT, SLICE_ARG(name));
	return access(path, W_OK) == 0;
}

enum cgroup_layout cgroup_layout(void)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, line, names;
	struct error ignored;

	read_file(-1, "/proc/1/cgroup", 65536, &text, &ignored);
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line)) {
		slice_cut(line, ':', &names);
		names = slice_cut(names, ':', &line);
		if (names.len && is_legacy(names))
			return CGROUP_HYBRID;
	}
	return CGROUP_V2;
}

static bool unified_has(const char *mount, const char *controller)
{
	auto_free char *path = xasprintf("%s/cgroup.controllers", mount);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error ignored;

	return read_file(-1, path, 65536, &text, &ignored) == 0 &&
	       slice_has_word(strbuf_slice(&text), controller);
}

char *cgroup_mount(enum cgroup_layout layout, const char *controller)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct mountinfo hierarchy;
	struct error ignored;
	struct slice rest;

	mountinfo_read(&text, &ignored);
	rest = strbuf_slice(&text);
	while (next_hierarchy(&rest, &hierarchy)) {
		auto_free char *mount = mountinfo_decode(hierarchy.point);

		if (is_unified(&hierarchy) != (layout == CGROUP_V2))
			continue;
		if (is_unified(&hierarchy) ? unified_has(mount, controller)
					   : slice_has_word(hierarchy.options, controller))
			return take_ptr(&mount);
	}
	return NULL;
}

static int open_group(int parent, const char *name, struct error *err)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 ? fd : fail(err, errno, "cannot open '%s'", name);
}

/* The name of a group inside this one: 1, or 0 when there is none. */
static int find_inner(int group, char name[NAME_MAX + 1], struct error *err)
{
	auto_close int fd = open_group(group, ".", err);
	auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir)
		return -1;
	take_fd(&fd);
	while ((entry = readdir(dir)))
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0) { /* liblxc makes a ".lxc" */
			snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
			return 1;
		}
	return 0;
}

static int remove_empty(int parent, const char *name, struct error *err)
{
	/* The last process may still be on its way out. */
	for (int tries = 0; unlinkat(parent, name, AT_REMOVEDIR) < 0; tries++) {
		if (errno == ENOENT)
			break;
		if (errno != EBUSY || tries == 50)
			return fail(err, errno, "cannot remove cgroup '%s'", name);
		clock_pause(2);
	}
	return 0;
}

/* From group, which is at the end of the way, one up; way loses its last name. */
static int remove_innermost(int *group, struct strbuf *way, struct error *err)
{
	const char *name = strrchr(way->at, '/') + 1;
	int outer = open_group(*group, "..", err);

	if (outer < 0)
		return -1;
	close_fd(group);
	*group = outer;
	if (remove_empty(outer, name, err) < 0)
		return -1;
	strbuf_cut(way, (size_t)(name - way->at) - 1);
	return 0;
}

/*
 * A cgroup's files vanish with it: only its directories have to go. The guest made them,
 * as deep as it liked, so neither the stack nor open descriptors may grow with them.
 */
static int remove_group(int parent, const char *name, struct error *err)
{
	auto_close int group = open_group(parent, name, err);
	auto_strbuf struct strbuf way = STRBUF_INIT;
	char inner[NAME_MAX + 1];
	int found;

	if (group < 0)
		return err->code == ENOENT ? 0 : -1;
	while ((found = find_inner(group, inner, err)) >= 0) {
		int next;

		if (!found && way.len == 0)
			return remove_empty(parent, name, err);
		if (!found) {
			if (remove_innermost(&group, &way, err) < 0)
				break;
			continue;
		}
		next = open_group(group, inner, err);
		if (next < 0)
			break;
		close_fd(&group);
		group = next;
		strbuf_addf(&way, "/%s", inner);
	}
	return fail_in(err, "%s", name);
}

int cgroup_clean(unsigned vmid, struct error *err)
{
	auto_free char *payload = xasprintf("lxc/%u%s", vmid, lxc_cgroup_suffix());
	auto_free char *monitor = xasprintf("lxc.monitor/%u%s", vmid, lxc_cgroup_suffix());
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct mountinfo hierarchy;
	struct slice rest;

	if (mountinfo_read(&text, err) < 0)
		return -1;
	rest = strbuf_slice(&text);
	while (next_hierarchy(&rest, &hierarchy)) {
		auto_free char *mount = mountinfo_decode(hierarchy.point);
		auto_close int fd = open(mount, O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			continue;
		if (remove_group(fd, payload, err) < 0 ||
		    remove_group(fd, monitor, err) < 0)
			return fail_in(err, "%s", mount);
	}
	return 0;
}

int cgroup_read(unsigned vmid, const char *controller, const char *file, struct strbuf *out,
		struct error *err)
{
	auto_free char *mount = cgroup_mount(cgroup_layout(), controller), *path = NULL;

	if (!mount)
		return fail(err, ENOENT, "no cgroup controller '%s'", controller);
	path = xasprintf("%s/lxc/%u%s/%s", mount, vmid, lxc_cgroup_suffix(), file);
	return read_file(-1, path, 1024 * 1024, out, err);
}

/* The cgroup2 part of "0::/user.slice/...": NULL without one that is safe to name. */
static char *own_group(void)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, line;
	struct error ignored;

	read_file(-1, "/proc/self/cgroup", 65536, &text, &ignored);
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line)) {
		bool unified = path_exists(BASE "/unified/cgroup.procs");
		auto_free char *path = NULL;

		if (!slice_starts(line, "0::/"))
			continue;
		path = slice_dup(slice_from(line, strlen("0::")));
		/* "/.." is a group outside of our cgroup namespace. */
		if (strstr(path, "/.."))
			break;
		return xasprintf(BASE "%s%s/cgroup.procs", unified ? "/unified" : "", path);
	}
	return NULL;
}

void cgroup_prepare_moves(void)
{
	auto_free char *path = own_group();
	auto_close int fd = path ? open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) : -1;

	/* "0" is the writer, which is there already. */
	if (fd >= 0 && write(fd, "0", 1) < 0)
		debug("cannot prepare the cgroup moves: %s", strerror(errno));
}
