/*
 * The network event on a running container (guest-setup.md 15.2, 15.4 rows 14, 15 and 32):
 * a process with namespaces of its own, as root of a privileged or an unprivileged guest,
 * whose "/" is the stage's root. What it does there at the same time leads nowhere.
 */
#include <linux/fs.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "guest_stage.h"

#define SLOW_S 20

/* A container: its init, which does nothing but what the test had it start with. */
struct container {
	pid_t pid;
	int pidfd;
	int go[2]; /* socket pair: "r" when it is ready; "y" and it starts its work */
};

static void container_done(struct container *container)
{
	if (container->pid > 0) {
		kill(container->pid, SIGKILL);
		waitpid(container->pid, NULL, 0);
	}
	close_fd(&container->pidfd);
	close_fd(&container->go[0]);
	close_fd(&container->go[1]);
}

#define auto_container __attribute__((cleanup(container_done)))

static void hear(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		_exit(3);
}

static void say(int fd)
{
	if (write(fd, "y", 1) != 1)
		_exit(3);
}

/* New namespaces, the maps that the parent writes, and the tree as "/". */
static void become_init(const struct idmap *map, int go)
{
	auto_free char *root = xasprintf("%s/root", test_dir());

	if (unshare(CLONE_NEWNS | (map->count ? CLONE_NEWUSER : 0)) < 0)
		_exit(4);
	say(go);
	hear(go);
	if (map->count && (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
		_exit(5);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(root, root, NULL, MS_BIND, NULL) < 0 || chdir(root) < 0 ||
	    syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
	    chdir("/") < 0)
		_exit(6);
}

static void run_init(const struct idmap *map, int go, void (*work)(int go))
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	become_init(map, go);
	/* In a pid namespace of its own, as guests are. */
	if (unshare(CLONE_NEWPID) < 0)
		_exit(7);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (work)
		work(go);
	say(go);
	for (;;)
		pause();
}

static void write_maps(pid_t pid, const struct idmap *map)
{
	for (const char *type = "gu"; *type; type++) {
		auto_free char *path = xasprintf("/proc/%d/%cid_map", (int)pid, *type);
		auto_strbuf struct strbuf text = STRBUF_INIT;
		struct error err;

		idmap_format(map, *type, &text);
		if (write_value(path, text.at, &err) < 0)
			tree_fail(err.text, path);
	}
}

/* work runs inside before the container counts as started; it may leave a child. */
static bool start(struct container *container, const struct idmap *map,
		  void (*work)(int go))
{
	*container = (struct container){ .pid = -1, .pidfd = -1, .go = { -1, -1 } };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, container->go) < 0)
		return false;
	/* Its root has to find the way. */
	chmod(test_dir(), 0755);
	container->pid = fork();
	if (container->pid == 0)
		run_init(map, container->go[1], work);
	close_fd(&container->go[1]);
	container->pidfd = (int)syscall(SYS_pidfd_open, container->pid, 0);
	for (int step = 0; step < 2; step++) {
		char byte;

		if (read(container->go[0], &byte, 1) != 1) {
			test_skip("cannot make namespaces here");
			return false;
		}
		if (step == 0 && map->count)
			write_maps(container->pid, map);
		if (step == 0)
			say(container->go[0]);
	}
	return true;
}

static int change_network(const struct container *container, const struct idmap *map,
			  unsigned timeout_s, struct error *err)
{
	auto_config struct config *config = config_parse(slice(conf), 101, NULL);
	const struct guest_facts facts = { 0 };

	return guest_setup(&(struct guest_job){ .rootfd = container->pidfd,
						.is_running = true,
						.map = map,
						.config = config,
						.facts = &facts,
						.timeout_s = timeout_s,
						.event = GUEST_NETWORK },
			   NULL, err);
}

static void choose(int way, struct stage *stage, struct idmap *map)
{
	*map = (struct idmap){ 0 };
	if (way)
		idmap_default(map);
	tree_own(stage->root, "", idmap_root(map, 'u'));
}

TEST("a running container gets its network files, owned by its root, and nothing else")
{
	for (int way = 0; way < 2 && is_root(); way++) {
		auto_stage struct stage stage = stage_new();
		auto_container struct container container = { .pid = -1 };
		auto_strbuf struct strbuf before = STRBUF_INIT, after = STRBUF_INIT,
					  text = STRBUF_INIT;
		struct error err = { 0 };
		struct idmap map;
		struct stat st;

		choose(way, &stage, &map);
		if (!start(&container, &map, NULL))
			return;
		if (change_network(&container, &map, 0, &err) < 0)
			EXPECT_TEXT(err.text, "");
		EXPECT(read_file(stage.root, "etc/network/interfaces", 9999, &text, &err) ==
		       0);
		EXPECT(strstr(text.at, "iface eth0 inet static\n\taddress 192.0.2.5/24\n"));
		EXPECT(fstatat(stage.root, "etc/network/interfaces", &st, 0) == 0 &&
		       st.st_uid == idmap_root(&map, 'u'));
		EXPECT(faccessat(stage.root, "fastboot", F_OK, 0) < 0);
		tree_read(stage.root, idmap_root(&map, 'u'), &before);
		EXPECT(change_network(&container, &map, 0, &err) == 0);
		tree_read(stage.root, idmap_root(&map, 'u'), &after);
		EXPECT_TEXT(after.at, before.at);
	}
}

TEST("a container that has ended is refused")
{
	auto_stage struct stage stage = stage_new();
	auto_container struct container container = { .pid = -1 };
	const struct idmap map = { 0 };
	struct error err;

	if (!is_root() || !start(&container, &map, NULL))
		return;
	kill(container.pid, SIGKILL);
	while (poll(&(struct pollfd){ .fd = container.pidfd, .events = POLLIN }, 1, 1000) <
	       1)
		;
	EXPECT(change_network(&container, &map, 0, &err) < 0);
	EXPECT(strstr(err.text, "guest setup: the container's init has ended") ||
	       strstr(err.text, "guest setup: cannot open '/proc/") ||
	       strstr(err.text, "guest setup: cannot find the container's init"));
}

TEST("a process that shares the host's mounts is no container")
{
	auto_close int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	const struct container host = { .pidfd = self };
	const struct idmap map = { 0 };
	struct error err;

	if (!is_root())
		return;
	EXPECT(change_network(&host, &map, 0, &err) < 0);
	EXPECT_TEXT(err.text,
		    "guest setup: the container has no mount namespace of its own");
}

/* Directories, links and files of the guest, swapped by the guest without a pause. */
static void swap_forever(int go)
{
	pid_t pid = fork();

	(void)go;
	if (pid != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		syscall(SYS_renameat2, AT_FDCWD, "/etc/network", AT_FDCWD, "/etc/swap",
			RENAME_EXCHANGE);
		syscall(SYS_renameat2, AT_FDCWD, "/etc/network", AT_FDCWD, "/tmp/moved",
			RENAME_NOREPLACE);
		syscall(SYS_renameat2, AT_FDCWD, "/tmp/moved", AT_FDCWD, "/etc/network",
			RENAME_NOREPLACE);
		syscall(SYS_renameat2, AT_FDCWD, "/etc/network/interfaces", AT_FDCWD,
			"/etc/os-release", RENAME_EXCHANGE);
	}
}

TEST("what a running container swaps meanwhile leads nowhere outside")
{
	for (int way = 0; way < 2 && is_root(); way++) {
		auto_stage struct stage stage = stage_new();
		struct idmap map;
		struct error err;

		tree_link(stage.root, stage.outside_path, "etc/swap");
		tree_make(stage.root, slice("== tmp/\n"));
		choose(way, &stage, &map);
		{
			auto_container struct container container = { .pid = -1 };

			if (!start(&container, &map, swap_forever))
				return;
			for (int i = 0; i < 40; i++)
				(void)change_network(&container, &map, 0, &err);
		}
		expect_safe(&stage, "swaps of a running container");
	}
}

/* Where the guest's FUSE file system is mounted, and its server reads questions. */
static void mount_fuse(bool answers_first)
{
	auto_free char *options = NULL;
	char question[FUSE_MIN_READ_BUFFER];
	int fd = open("/fuse", O_RDWR | O_CLOEXEC);

	options = xasprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	if (fd < 0 || mount("fuse", "/etc", "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		_exit(8);
	if (!answers_first)
		return;
	if (fork() != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(fd, question, sizeof(question)) > 0) {
		const struct fuse_in_header *in = (const void *)question;
		const struct {
			struct fuse_out_header head;
			struct fuse_init_out init;
		} answer = { .head = { .len = sizeof(answer), .unique = in->unique },
			     .init = { .major = FUSE_KERNEL_VERSION,
				       .minor = FUSE_KERNEL_MINOR_VERSION,
				       .max_write = 4096 } };

		/* Every other question is taken and kept. */
		if (in->opcode == FUSE_INIT && write(fd, &answer, sizeof(answer)) < 0)
			_exit(9);
	}
	_exit(0);
}

static void never_read(int go)
{
	(void)go;
	mount_fuse(false);
}

static void never_answer(int go)
{
	(void)go;
	mount_fuse(true);
}

static bool has_fuse(const struct stage *stage)
{
	struct stat st;

	if (stat("/dev/fuse", &st) < 0) {
		test_skip("there is no /dev/fuse");
		return false;
	}
	return mknodat(stage->root, "fuse", S_IFCHR | 0666, st.st_rdev) == 0;
}

TEST("a FUSE file system over /etc that never answers costs the deadline, no more")
{
	static void (*const works[])(int go) = { never_read, never_answer };

	for (size_t i = 0; i < 2 && is_root(); i++) {
		auto_stage struct stage stage = stage_new();
		const struct idmap map = { 0 };
		time_t begin = time(NULL);
		struct error err;

		if (!has_fuse(&stage))
			return;
		{
			auto_container struct container container = { .pid = -1 };

			if (!start(&container, &map, works[i]))
				return;
			EXPECT(change_network(&container, &map, 1, &err) < 0);
			EXPECT_TEXT(err.text,
				    "guest setup: the helper did not finish within "
				    "1 s: Connection timed out");
			EXPECT(time(NULL) - begin < SLOW_S);
		}
		/* With the container its server ends, and with that what waits for it. */
		while (waitpid(-1, NULL, 0) > 0)
			;
		expect_safe(&stage, "FUSE that never answers");
	}
}

/* Everything in the container's own /proc, from which the guest would find the helper. */
static void count_processes(int go)
{
	(void)go;
	if (fork() != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mkdir("/proc", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) < 0)
		_exit(10);
	for (;;) {
		auto_dir DIR *dir = opendir("/proc");
		struct dirent *entry;

		while (dir && (entry = readdir(dir)))
			if (entry->d_name[0] >= '2' && entry->d_name[0] <= '9')
				(void)close(open("/seen", O_CREAT | O_WRONLY | O_CLOEXEC,
						 0600));
	}
}

TEST("the helper is not to be seen from the container's process namespace")
{
	for (int way = 0; way < 2 && is_root(); way++) {
		auto_stage struct stage stage = stage_new();
		struct idmap map;
		struct error err;

		choose(way, &stage, &map);
		{
			auto_container struct container container = { .pid = -1 };

			if (!start(&container, &map, count_processes))
				return;
			for (int i = 0; i < 20; i++)
				EXPECT(change_network(&container, &map, 0, &err) == 0);
		}
		EXPECT(faccessat(stage.root, "proc", F_OK, 0) == 0);
		EXPECT(faccessat(stage.root, "seen", F_OK, 0) < 0);
	}
}
