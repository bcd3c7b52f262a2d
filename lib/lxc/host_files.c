/* The generated files below PATH_LXC/<id> (runtime.md 1, 2.1). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/tree.h"
#include "lxc/host.h"

/* Most starts generate what is there already; that needs no sync. */
static bool is_same(const char *path, struct slice text)
{
	auto_strbuf struct strbuf old = STRBUF_INIT;
	struct error ignored;
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_mode & 07777) == 0644 && st.st_uid == geteuid() &&
	       read_file(-1, path, 16 * 1024 * 1024, &old, &ignored) == 0 &&
	       slice_is(text, old.at) && text.len == old.len;
}

static int save(unsigned vmid, const char *name, const struct strbuf *text,
		struct error *err)
{
	auto_free char *path = path_in(PATH_LXC, "%u/%s", vmid, name);

	if (text->len == 0)
		return remove_file(path, err);
	if (is_same(path, strbuf_slice(text)))
		return 0;
	/* Every start makes it again. */
	return save_generated(path, strbuf_slice(text), 0644, err);
}

/* The mapped root of an unprivileged container has to be able to pass. */
static int make_own_dir(unsigned vmid, struct error *err)
{
	auto_free char *dir = path_in(PATH_LXC, "%u", vmid);
	auto_close int fd = -1;
	struct stat st;

	if (path_make(PATH_LXC, err) < 0 || make_dir(dir, 0755, err) < 0 ||
	    (fd = open_dir(dir, err)) < 0)
		return -1;
	if (fstat(fd, &st) < 0 || ((st.st_mode & 07777) != 0755 && fchmod(fd, 0755) < 0))
		return fail(err, errno, "cannot set the mode of '%s'", dir);
	return 0;
}

int lxc_config_write(const struct config *config, struct notes *notes, struct error *err)
{
	auto_strbuf struct strbuf conf = STRBUF_INIT, seccomp = STRBUF_INIT;
	auto_lxc_facts struct lxc_facts *facts = NULL;
	const struct lxc_host *host;

	if (config_bool(config, "template")) {
		auto_free char *path = path_in(PATH_LXC, "%u/config", config->vmid);

		return remove_file(path, err);
	}
	if (lxc_facts_collect(config, &facts, &host, err) < 0 ||
	    lxc_generate(config, host, &conf, &seccomp, notes, err) < 0 ||
	    make_own_dir(config->vmid, err) < 0 ||
	    save(config->vmid, "rules.seccomp", &seccomp, err) < 0 ||
	    save(config->vmid, "config", &conf, err) < 0)
		return -1;
	return 0;
}

/* liblxc locks each container in a file of its own, which it never removes; below
 * PCT_ROOT's name the directories would stay for ever, too. */
static void remove_lxc_lock(unsigned vmid)
{
	auto_free char *dir = path_in(PATH_LXC, "%s", "");
	auto_free char *path = xasprintf("/run/lxc/lock%s/.%u", dir, vmid);
	size_t floor = strlen("/run/lxc/lock");
	char *slash;

	unlink(path);
	while (path_root()[0] && (slash = strrchr(path, '/')) > path + floor) {
		*slash = '\0';
		if (rmdir(path) < 0)
			break;
	}
}

int lxc_config_remove(unsigned vmid, struct error *err)
{
	static const char *const names[] = { "config",     "rules.seccomp", "reboot",
					     "devices",    "apparmor",      "hook",
					     "passthrough" };
	auto_free char *dir = path_in(PATH_LXC, "%u", vmid);
	auto_close int fd = -1;

	remove_lxc_lock(vmid);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : fail(err, errno, "cannot open '%s'", dir);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (tree_remove(fd, names[i], err) < 0)
			return fail_in(err, "%s", dir);
	/* Never more than the empty mount point: a volume may be mounted there. */
	if (unlinkat(fd, "rootfs", AT_REMOVEDIR) < 0 && errno != ENOENT)
		return fail(err, errno, "cannot remove '%s/rootfs'", dir);
	if (rmdir(dir) < 0 && errno != ENOENT)
		return fail(err, errno, "cannot remove '%s'", dir);
	return 0;
}
