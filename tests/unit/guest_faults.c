/*
 * Guest setup where the file system or another process works against it
 * (guest-setup.md 15.4): mounts of the host, full and read-only file systems, swapped
 * directories, a kill at any moment.
 */
#include <linux/fs.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "guest_stage.h"

static void mount_at(const char *what, const char *below, unsigned long flags)
{
	auto_free char *where = xasprintf("%s/root/%s", test_dir(), below);

	if (mount(what, where, NULL, MS_BIND | MS_REC | flags, NULL) < 0)
		tree_fail("cannot mount", where);
}

static void unmount_at(const char *below)
{
	auto_free char *where = xasprintf("%s/root/%s", test_dir(), below);

	umount2(where, MNT_DETACH);
}

TEST("a directory of the host that is mounted into an unprivileged guest gets no file")
{
	auto_stage struct stage stage = stage_new();
	struct idmap map;
	struct error err;

	if (!private_mounts())
		return;
	idmap_default(&map);
	tree_own(stage.root, "", 100000);
	clear(&stage, "etc/network");
	tree_link(stage.root, "/mnt", "etc/network");
	tree_make(stage.root, slice("== mnt/\n"));
	mount_at(stage.outside_path, "mnt", 0);
	EXPECT(run(stage.root, &map, GUEST_START, conf, "bind mount", &err) < 0);
	unmount_at("mnt");
	expect_safe(&stage, "bind mount");
}

TEST("magic links of a proc inside the guest are refused as parents")
{
	static const char *const links[] = { "/proc/self/root", "/proc/1/root",
					     "/proc/self/cwd" };

	if (!private_mounts())
		return;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		auto_stage struct stage stage = stage_new();
		auto_free char *target = xasprintf("%s%s", links[i], stage.outside_path);
		const struct idmap map = { 0 };
		struct error err;

		clear(&stage, "etc/network");
		tree_link(stage.root, target, "etc/network");
		tree_make(stage.root, slice("== proc/\n"));
		mount_at("/proc", "proc", 0);
		EXPECT(run(stage.root, &map, GUEST_START, conf, links[i], &err) < 0);
		unmount_at("proc");
		expect_safe(&stage, links[i]);
	}
}

TEST("on a read-only file system the event fails and nothing changes")
{
	auto_stage struct stage stage = stage_new();
	auto_strbuf struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
	auto_free char *root = xasprintf("%s/root", test_dir());
	const struct idmap map = { 0 };
	auto_close int fd = -1;
	struct error err;

	if (!private_mounts())
		return;
	tree_read(stage.root, 0, &before);
	mount_at(root, "", 0);
	mount_at(root, "", MS_REMOUNT | MS_RDONLY);
	fd = open_dir(root, &err);
	EXPECT(run(fd, &map, GUEST_START, conf, "read-only", &err) < 0);
	EXPECT(strstr(err.text, "fastboot setup") &&
	       strstr(err.text, "Read-only file system"));
	close_fd(&fd);
	unmount_at("");
	tree_read(stage.root, 0, &after);
	EXPECT_TEXT(after.at, before.at);
}

TEST("on a full file system the old content stays and no temporary file is left")
{
	auto_stage struct stage stage = stage_new();
	auto_free char *root = xasprintf("%s/root", test_dir());
	auto_strbuf struct strbuf before = STRBUF_INIT, after = STRBUF_INIT,
				  fill = STRBUF_INIT;
	const struct idmap map = { 0 };
	auto_close int fd = -1, full = -1;
	struct error err;

	if (!private_mounts())
		return;
	if (mount("tmpfs", root, "tmpfs", 0, "size=256k,mode=755") < 0) {
		test_skip("cannot mount a tmpfs");
		return;
	}
	fd = open_dir(root, &err);
	build_guest(fd);
	tree_puts(fd, "fastboot", "");
	full = openat(fd, "fill", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	memset(strbuf_grow(&fill, 4096), 'x', 4096);
	while (write(full, fill.at, 4096) > 0)
		;
	tree_read(fd, 0, &before);
	EXPECT(run(fd, &map, GUEST_START, conf, "full", &err) < 0);
	tree_read(fd, 0, &after);
	EXPECT(strstr(err.text, "No space left on device") != NULL);
	EXPECT_TEXT(after.at, before.at);
	close_fd(&fd);
	close_fd(&full);
	umount2(root, MNT_DETACH);
	expect_safe(&stage, "full");
}

TEST("an immutable file is an error and stays")
{
	auto_stage struct stage stage = stage_new();
	auto_close int fd = openat(stage.root, "etc/hosts", O_RDONLY | O_CLOEXEC);
	const struct idmap map = { 0 };
	struct error err;
	int flags = FS_IMMUTABLE_FL;

	if (!is_root())
		return;
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0) {
		test_skip("the file system has no immutable files");
		return;
	}
	EXPECT(run(stage.root, &map, GUEST_START, conf, "immutable", &err) < 0);
	EXPECT(strstr(err.text, "hostname setup: cannot replace '/etc/hosts'") != NULL);
	flags = 0;
	ioctl(fd, FS_IOC_SETFLAGS, &flags);
	expect_safe(&stage, "immutable");
}

/* The lines of an id map, as the configuration has them. */
static void read_map(const char *const lines[], struct idmap *map)
{
	struct error err;

	*map = (struct idmap){ 0 };
	for (; *lines; lines++)
		if (idmap_add(map, slice(*lines), &err) < 0)
			tree_fail(err.text, *lines);
}

/*
 * Without container root, overlapping, or with the id that means none (-1). "Outside
 * delegated ranges" is no reason: /etc/subuid says which ids a user may map without root's
 * help, while here root's own file names them, and root writes the map (runtime.md 2.12).
 * What would not fit into 32 bits is no entry at all; see base_idmap.
 */
TEST("an id map that cannot be is refused by every event before any write")
{
	static const char *const maps[][5] = {
		{ "u 0 100000 10", "g 1 100001 10" },
		{ "u 1 100001 10", "g 0 100000 10" },
		{ "u 0 100000 10" },
		{ "g 0 100000 10" },
		{ "u 0 100000 10", "u 5 200000 10", "g 0 100000 10" },
		{ "u 0 100000 10", "g 0 100000 10", "g 20 100005 10" },
		{ "u 0 100000 10", "u 4294967295 200000 1", "g 0 100000 10" },
		{ "u 0 100000 10", "g 0 100000 10", "g 20 4294967295 1" },
	};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]) && is_root(); i++) {
		auto_stage struct stage stage = stage_new();
		auto_strbuf struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
		struct error err;
		struct idmap map;

		read_map(maps[i], &map);
		tree_read(stage.root, 0, &before);
		for (enum guest_event event = GUEST_CREATE; event < GUEST_NETWORK; event++)
			EXPECT(run(stage.root, &map, event, conf, "id map", &err) < 0);
		tree_read(stage.root, 0, &after);
		EXPECT_TEXT(after.at, before.at);
		expect_safe(&stage, "id map");
	}
}

TEST("an id map to ids that nobody delegated works, as root's file has it")
{
	static const char *const lines[] = { "u 0 4000000000 10", "g 0 4100000000 10",
					     NULL };
	auto_stage struct stage stage = stage_new();
	struct error err = { 0 };
	struct idmap map;
	struct stat st;

	if (!is_root())
		return;
	read_map(lines, &map);
	tree_own(stage.root, "", idmap_root(&map, 'u'));
	if (run(stage.root, &map, GUEST_START, conf, "id map", &err) < 0)
		EXPECT_TEXT(err.text, "");
	EXPECT(fstatat(stage.root, "etc/hostname", &st, 0) == 0);
	EXPECT_INT(st.st_uid, 4000000000);
	EXPECT_INT(st.st_gid, 4100000000);
	expect_safe(&stage, "id map");
}

TEST("a root whose name is given to a link out is worked on where it was opened")
{
	auto_stage struct stage stage = stage_new();
	auto_free char *root = xasprintf("%s/root", test_dir());
	auto_free char *away = xasprintf("%s/away", test_dir());
	const struct idmap map = { 0 };
	struct error err;

	if (!is_root())
		return;
	EXPECT(run(stage.root, &map, GUEST_CREATE, conf, "replaced root", &err) == 0);
	EXPECT(rename(root, away) == 0 && symlink(stage.outside_path, root) == 0);
	EXPECT(run(stage.root, &map, GUEST_START, conf, "replaced root", &err) == 0);
	EXPECT(faccessat(stage.root, "fastboot", F_OK, 0) == 0);
	expect_safe(&stage, "replaced root");
	EXPECT(unlink(root) == 0 && tree_remove(AT_FDCWD, away, &err) == 0);
}

TEST("a root that is unmounted between two events is an error, and below it nothing changes")
{
	auto_stage struct stage stage = stage_new();
	auto_strbuf struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
	auto_free char *root = xasprintf("%s/root", test_dir());
	const struct idmap map = { 0 };
	auto_close int fd = -1;
	struct error err;

	if (!private_mounts())
		return;
	tree_read(stage.root, 0, &before);
	if (mount("tmpfs", root, "tmpfs", 0, "size=4m,mode=755") < 0) {
		test_skip("cannot mount a tmpfs");
		return;
	}
	fd = open_dir(root, &err);
	build_guest(fd);
	EXPECT(run(fd, &map, GUEST_CREATE, conf, "unmounted", &err) == 0);
	EXPECT(umount2(root, MNT_DETACH) == 0);
	EXPECT(run(fd, &map, GUEST_START, conf, "unmounted", &err) < 0);
	EXPECT_TEXT(err.text, "guest setup: cannot clone the mount tree: Invalid argument");
	tree_read(stage.root, 0, &after);
	EXPECT_TEXT(after.at, before.at);
	expect_safe(&stage, "unmounted");
}

/* Swaps what is at etc/network and at etc/swap until it is killed. */
static pid_t start_swapping(const struct stage *stage)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		syscall(SYS_renameat2, stage->root, "etc/network", stage->root, "etc/swap",
			RENAME_EXCHANGE);
}

TEST("directories and links that are swapped while the helper works lead nowhere outside")
{
	for (int way = 0; way < 2 && is_root(); way++) {
		auto_stage struct stage stage = stage_new();
		struct idmap map = { 0 };
		struct error err;
		pid_t pid;

		if (way)
			idmap_default(&map);
		tree_own(stage.root, "", idmap_root(&map, 'u'));
		tree_link(stage.root, stage.outside_path, "etc/swap");
		pid = start_swapping(&stage);
		for (int i = 0; i < 60; i++)
			(void)run(stage.root, &map, GUEST_START, conf, "swap", &err);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		expect_safe(&stage, "swap");
	}
}

static bool is_old_or_new(const struct stage *stage)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	if (read_file(stage->root, "etc/hosts", 100000, &text, &err) < 0)
		return false;
	return strcmp(text.at, "127.0.0.1 localhost\n") == 0 ||
	       strcmp(text.at, "127.0.0.1 localhost\n# --- BEGIN PVE ---\n"
			       "::1 localhost.localnet localhost\n"
			       "192.0.2.5 h.example h\n# --- END PVE ---\n") == 0;
}

/* All descendants, the helper too, end soon after the one that was killed. */
static bool all_end(void)
{
	for (int i = 0; i < 200; i++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (errno == ECHILD)
			return true;
		usleep(10000);
	}
	return false;
}

TEST("killed at any moment, files are old or new and the helper dies with its parent")
{
	const struct idmap map = { 0 };

	if (!is_root())
		return;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (useconds_t delay = 0; delay < 4000; delay += 100) {
		auto_stage struct stage stage = stage_new();
		struct error err;
		pid_t pid = fork();

		if (pid == 0)
			_exit(run(stage.root, &map, GUEST_START, conf, "kill", &err) < 0);
		usleep(delay);
		kill(pid, SIGKILL);
		EXPECT(all_end());
		EXPECT(is_old_or_new(&stage));
		EXPECT(run(stage.root, &map, GUEST_START, conf, "kill", &err) == 0);
	}
	prctl(PR_SET_CHILD_SUBREAPER, 0);
}
