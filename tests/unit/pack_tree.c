/*
 * Runs the real pct-pack on trees that a guest could have made, and looks at the archive
 * with the tar of the host.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/own.h"
#include "base/process.h"
#include "template/pack.h"
#include "test.h"

#define MAPPED 100000

struct packing {
	char *dir, *root, *archive, *log; /* owned paths */
	struct strbuf list, told;
	bool privileged;
};

static bool can_pack(void)
{
	if (geteuid() != 0)
		test_skip("needs root");
	return geteuid() == 0;
}

static void packing_init(struct packing *p, const char *name)
{
	auto_free char *conf = NULL, *firewall = NULL;
	struct error err;

	*p = (struct packing){ .list = STRBUF_INIT, .told = STRBUF_INIT };
	chmod(test_dir(), 0755);
	p->dir = xasprintf("%s/%s", test_dir(), name);
	p->root = xasprintf("%s/root", p->dir);
	p->archive = xasprintf("%s/a.tar", p->dir);
	p->log = xasprintf("%s/log", p->dir);
	conf = xasprintf("%s/pct.conf", p->dir);
	firewall = xasprintf("%s/pct.fw", p->dir);
	EXPECT(mkdir(p->dir, 0755) == 0 && mkdir(p->root, 0755) == 0 &&
	       chown(p->root, MAPPED, MAPPED) == 0 &&
	       save_path(conf, slice("arch: amd64\n"), 0644, &err) == 0 &&
	       save_path(firewall, slice(""), 0644, &err) == 0);
}

static void packing_done(struct packing *p)
{
	free(p->dir);
	free(p->root);
	free(p->archive);
	free(p->log);
	strbuf_done(&p->list);
	strbuf_done(&p->told);
}
#define auto_packing __attribute__((cleanup(packing_done)))

static char *in(const struct packing *p, const char *name)
{
	return xasprintf("%s/%s", p->root, name);
}

static void put_file(const struct packing *p, const char *name, const char *text)
{
	auto_free char *path = in(p, name);
	struct error err;

	EXPECT(save_path(path, slice(text), 0644, &err) == 0 &&
	       chown(path, MAPPED, MAPPED) == 0);
}

static void put_dir(const struct packing *p, const char *name)
{
	auto_free char *path = in(p, name);

	EXPECT(mkdir(path, 0755) == 0 && chown(path, MAPPED, MAPPED) == 0);
}

static int open_in(const struct packing *p, const char *name)
{
	auto_free char *path = xasprintf("%s/%s", p->dir, name);

	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The exit status; p->told gets what it says, p->list the members. */
static int pack_with(struct packing *p, const char *const *mount_points,
		     const char *const *patterns)
{
	const char *const argv[] = { "tar", "--numeric-owner", "-tvf", p->archive, NULL };
	auto_close int root = open(p->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_close int conf = open_in(p, "pct.conf"), firewall = open_in(p, "pct.fw");
	auto_close int out = open(p->archive, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	auto_close int log = open(p->log, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct idmap map = { .count = 0 };
	struct error err = { 0 };
	int status;
	pid_t pid;

	if (!p->privileged)
		idmap_default(&map);
	pid = pack_start(&(struct pack){ .rootfd = root,
					 .config_fd = conf,
					 .firewall_fd = firewall,
					 .out_fd = out,
					 .log_fd = log,
					 .map = &map,
					 .mount_points = mount_points,
					 .patterns = patterns },
			 &err);
	status = pid < 0 ? -1 : process_wait(pid, &err);
	EXPECT_TEXT(err.text, "");
	read_file(AT_FDCWD, p->log, 65536, &p->told, &err);
	if (status == 0)
		EXPECT(process_run(&(struct process){ .argv = argv, .output = &p->list },
				   &err) == 0);
	return status;
}

static int pack(struct packing *p)
{
	return pack_with(p, NULL, NULL);
}

static bool has(const struct packing *p, const char *member)
{
	struct slice rest = strbuf_slice(&p->list), line;

	while (slice_line(&rest, &line))
		if (slice_ends(line, member))
			return true;
	return false;
}

TEST("ids are the container's, and those of nobody in it are 65534")
{
	auto_packing struct packing p;

	if (!can_pack())
		return;
	packing_init(&p, "ids");
	put_file(&p, "mine", "1");
	EXPECT_INT(pack(&p), 0);
	EXPECT(strstr(p.list.at, " 65534/65534 ") && has(&p, " ./etc/vzdump/pct.conf"));
	EXPECT(strstr(p.list.at, " 0/0 ") && has(&p, " ./mine"));
	EXPECT(strstr(p.told.at, "Total bytes written: 10240 (10KiB, ") == p.told.at);
}

TEST("a privileged container's ids are the host's")
{
	auto_packing struct packing p;

	if (!can_pack())
		return;
	packing_init(&p, "privileged");
	p.privileged = true;
	put_file(&p, "other", "1");
	EXPECT_INT(pack(&p), 0);
	EXPECT(strstr(p.list.at, " 100000/100000 ") != NULL);
	EXPECT(strstr(p.list.at, " 0/0 ") != NULL); /* pct.conf is root's */
}

#define LONG_NAME                                                      \
	"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd" \
	"dddddddddddddddddddddddddddddddddddddddd"

/* Directories in each other, with names of 100 bytes. */
static void dig(const struct packing *p, unsigned depth)
{
	auto_close int at = open(p->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (unsigned i = 0; i < depth; i++) {
		int next;

		EXPECT(mkdirat(at, LONG_NAME, 0755) == 0 &&
		       fchownat(at, LONG_NAME, MAPPED, MAPPED, 0) == 0);
		next = openat(at, LONG_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close_fd(&at);
		at = next;
	}
}

TEST("a tree deeper than any path is archived whole")
{
	auto_packing struct packing p;
	struct slice rest, line;
	size_t longest = 0;

	if (!can_pack())
		return;
	packing_init(&p, "deep");
	dig(&p, 60);
	EXPECT_INT(pack(&p), 0);
	rest = strbuf_slice(&p.list);
	while (slice_line(&rest, &line))
		longest = line.len > longest ? line.len : longest;
	EXPECT(longest > 60 * 101);
}

static void put_socket(const struct packing *p, const char *name)
{
	auto_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	auto_close int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* The name has to be short. */
	EXPECT(chdir(p->root) == 0);
	memcpy(address.sun_path, name, strlen(name) + 1);
	EXPECT(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	EXPECT(fchdir(here) == 0);
}

TEST("a FIFO is archived without waiting for its writer, a socket is left out")
{
	auto_packing struct packing p;
	auto_free char *fifo = NULL;

	if (!can_pack())
		return;
	packing_init(&p, "special");
	fifo = in(&p, "fifo");
	EXPECT(mkfifo(fifo, 0600) == 0 && chown(fifo, MAPPED, MAPPED) == 0);
	put_socket(&p, "sock");
	EXPECT_INT(pack(&p), 0);
	EXPECT(has(&p, " ./fifo"));
	EXPECT(!has(&p, " ./sock"));
}

TEST("a device node of the guest is archived and never opened")
{
	auto_packing struct packing p;
	auto_free char *node = NULL;

	if (!can_pack())
		return;
	packing_init(&p, "node");
	node = in(&p, "node");
	/* To open it would fail: there is no such device. */
	if (mknod(node, S_IFBLK | 0600, makedev(250, 99)) < 0) {
		test_skip("mknod is not permitted here");
		return;
	}
	EXPECT_INT(pack(&p), 0);
	EXPECT(has(&p, " 250,99 ") || strstr(p.list.at, "250,99"));
}

TEST("symlinks are archived as they are, whatever they point to")
{
	auto_packing struct packing p;
	auto_free char *link = NULL, *dir = NULL;

	if (!can_pack())
		return;
	packing_init(&p, "symlink");
	link = in(&p, "link");
	dir = in(&p, "up");
	EXPECT(symlink("/etc/passwd", link) == 0 && symlink("../../..", dir) == 0);
	EXPECT_INT(pack(&p), 0);
	EXPECT(has(&p, " ./link -> /etc/passwd"));
	EXPECT(has(&p, " ./up -> ../../.."));
	EXPECT(!has(&p, " ./up/"));
}

TEST("names of any bytes are kept")
{
	auto_packing struct packing p;

	if (!can_pack())
		return;
	packing_init(&p, "names");
	put_file(&p, "a\nb", "1");
	put_file(&p, "\xc3\xbc", "2");
	put_file(&p, "\xff\x01", "3");
	put_file(&p, "-rf", "4");
	EXPECT_INT(pack(&p), 0);
	EXPECT(has(&p, " ./a\\nb"));
	EXPECT(has(&p, " ./\\303\\274"));
	EXPECT(has(&p, " ./\\377\\001"));
	EXPECT(has(&p, " ./-rf"));
}

TEST("a file that the container's root may not read fails the archive, and is named")
{
	auto_packing struct packing p;
	auto_free char *path = NULL;

	if (!can_pack())
		return;
	packing_init(&p, "foreign");
	put_file(&p, "secret", "x");
	path = in(&p, "secret");
	EXPECT(chown(path, 0, 0) == 0 && chmod(path, 0600) == 0);
	EXPECT(pack(&p) == 1);
	EXPECT_TEXT(p.told.at, "./secret: cannot open: Permission denied\n");
}

/* In a child, whose mounts end with it. */
static int with_mounts(void *arg, struct error *err)
{
	static const char *const mount_points[] = { "srv/in", NULL };
	struct packing *p = arg;
	auto_free char *in_backup = in(p, "srv/in"), *out = in(p, "out");

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", in_backup, "tmpfs", 0, "uid=100000,gid=100000") < 0 ||
	    mount("none", out, "tmpfs", 0, "uid=100000,gid=100000") < 0)
		return fail(err, errno, "cannot mount");
	put_file(p, "srv/in/file", "1");
	put_file(p, "out/file", "1");
	if (pack_with(p, mount_points, NULL) != 0)
		return fail(err, 0, "%s", p->told.at);
	if (!has(p, " ./srv/in/file") || !has(p, " ./out/") || has(p, " ./out/file"))
		return fail(err, 0, "%s", p->list.at);
	return 0;
}

TEST("of what is mounted only the named mount points are archived")
{
	auto_packing struct packing p;
	struct error err = { 0 };

	if (!can_pack())
		return;
	packing_init(&p, "mounts");
	put_dir(&p, "srv");
	put_dir(&p, "srv/in");
	put_dir(&p, "out");
	child_run(with_mounts, &p, &err);
	EXPECT_TEXT(err.text, "");
}

TEST("what a pattern matches is left out with all below it")
{
	auto_packing struct packing p;
	static const char *const patterns[] = { "/var/log", "*.bak", NULL };

	if (!can_pack())
		return;
	packing_init(&p, "patterns");
	put_dir(&p, "var");
	put_dir(&p, "var/log");
	put_file(&p, "var/log/a", "1");
	put_file(&p, "var/b.bak", "1");
	put_file(&p, "var/c", "1");
	EXPECT_INT(pack_with(&p, NULL, patterns), 0);
	EXPECT(has(&p, " ./var/c"));
	EXPECT(!strstr(p.list.at, "log") && !strstr(p.list.at, "bak"));
}

TEST("a file of 8 GiB and more that is all hole is small in the archive")
{
	auto_packing struct packing p;
	auto_free char *path = NULL;
	struct stat st;

	if (!can_pack())
		return;
	packing_init(&p, "hole");
	put_file(&p, "hole", "");
	path = in(&p, "hole");
	EXPECT(truncate(path, INT64_C(9) << 30) == 0);
	EXPECT_INT(pack(&p), 0);
	EXPECT(strstr(p.list.at, " 9663676416 ") && has(&p, " ./hole"));
	EXPECT(stat(p.archive, &st) == 0 && st.st_size < 100000);
}

TEST("attributes other than user.* and capabilities stay behind")
{
	auto_packing struct packing p;
	auto_strbuf struct strbuf bytes = STRBUF_INIT;
	auto_free char *path = NULL;
	struct error err;

	if (!can_pack())
		return;
	packing_init(&p, "attributes");
	p.privileged = true;
	put_file(&p, "file", "x");
	path = in(&p, "file");
	if (setxattr(path, "user.kept", "value", 5, 0) < 0 ||
	    setxattr(path, "trusted.dropped", "value", 5, 0) < 0) {
		test_skip("this file system has no attributes");
		return;
	}
	EXPECT_INT(pack(&p), 0);
	EXPECT(read_file(AT_FDCWD, p.archive, 1 << 20, &bytes, &err) == 0);
	EXPECT(memmem(bytes.at, bytes.len, "SCHILY.xattr.user.kept=value", 28) != NULL);
	EXPECT(memmem(bytes.at, bytes.len, "dropped", 7) == NULL);
	EXPECT(memmem(bytes.at, bytes.len, "LIBARCHIVE", 10) == NULL);
}
