/*
 * Guest setup on file systems that fail (guest-setup.md 15.4 rows 20 and 32): a FUSE file
 * system that passes on what is asked of it, but for one operation on one file; and a real
 * one whose quota is used up.
 */
#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fuse3/fuse.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>

#include "base/process.h"
#include "guest_stage.h"

#define TEXT_MAX 65536

/* What fails: the operation, on the file itself and on the temporary one beside it. */
struct fault {
	const char *op, *file;
	int code;
};

/* The server's, which is a process of its own. */
static struct fault fault;
static int below;

static const char *under(const char *path)
{
	return path[1] ? path + 1 : ".";
}

static bool is_named(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	const char *wanted = fault.file ? strrchr(fault.file, '/') + 1 : "";
	size_t len = strlen(wanted);

	return fault.file && (strcmp(path, fault.file) == 0 ||
			      (name[0] == '.' && strncmp(name + 1, wanted, len) == 0 &&
			       strncmp(name + 1 + len, ".pct-", 5) == 0));
}

/* The result of a call as FUSE wants it, or the fault. */
static int result(const char *op, const char *path, long status)
{
	if (fault.op && strcmp(fault.op, op) == 0 && is_named(path))
		return -fault.code;
	return status < 0 ? -errno : (int)status;
}

static bool fails(const char *op, const char *path)
{
	return result(op, path, 0) < 0;
}

static int do_getattr(const char *path, struct stat *st, struct fuse_file_info *file)
{
	(void)file;
	return result("getattr", path,
		      fstatat(below, under(path), st, AT_SYMLINK_NOFOLLOW));
}

static int do_readlink(const char *path, char *text, size_t size)
{
	ssize_t len = readlinkat(below, under(path), text, size - 1);

	if (len >= 0)
		text[len] = '\0';
	return len < 0 ? -errno : 0;
}

static int do_readdir(const char *path, void *out, fuse_fill_dir_t add, off_t at,
		      struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
	int fd = openat(below, under(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	(void)at, (void)file, (void)flags;
	while (dir && (entry = readdir(dir)))
		add(out, entry->d_name, NULL, 0, (enum fuse_fill_dir_flags)0);
	return result("readdir", path, dir ? 0 : -1);
}

static int do_mkdir(const char *path, mode_t mode)
{
	return result("mkdir", path, mkdirat(below, under(path), mode));
}

static int do_symlink(const char *text, const char *path)
{
	return result("symlink", path, symlinkat(text, below, under(path)));
}

static int do_unlink(const char *path)
{
	return result("unlink", path, unlinkat(below, under(path), 0));
}

static int do_rename(const char *from, const char *to, unsigned flags)
{
	(void)flags;
	return fails("rename", to)
		       ? -fault.code
		       : result("", to, renameat(below, under(from), below, under(to)));
}

static int do_chmod(const char *path, mode_t mode, struct fuse_file_info *file)
{
	(void)file;
	return fails("chmod", path)
		       ? -fault.code
		       : result("", path, fchmodat(below, under(path), mode, 0));
}

static int do_chown(const char *path, uid_t uid, gid_t gid, struct fuse_file_info *file)
{
	(void)file;
	return result("chown", path,
		      fchownat(below, under(path), uid, gid, AT_SYMLINK_NOFOLLOW));
}

static int keep(const char *op, const char *path, int fd, struct fuse_file_info *file)
{
	int status = result(op, path, fd);

	if (status >= 0)
		file->fh = (uint64_t)status;
	else if (fd >= 0)
		close(fd);
	return status < 0 ? status : 0;
}

static int do_open(const char *path, struct fuse_file_info *file)
{
	return keep("open", path, openat(below, under(path), file->flags | O_CLOEXEC),
		    file);
}

static int do_create(const char *path, mode_t mode, struct fuse_file_info *file)
{
	const struct fuse_context *caller = fuse_get_context();
	int fd;

	if (fails("create", path))
		return -fault.code;
	fd = openat(below, under(path), file->flags | O_CREAT | O_CLOEXEC, mode);
	if (fd >= 0 && fchown(fd, caller->uid, caller->gid) < 0)
		close_fd(&fd);
	return keep("", path, fd, file);
}

static int do_read(const char *path, char *out, size_t size, off_t at,
		   struct fuse_file_info *file)
{
	return result("read", path, pread((int)file->fh, out, size, at));
}

static int do_write(const char *path, const char *text, size_t size, off_t at,
		    struct fuse_file_info *file)
{
	return fails("write", path)
		       ? -fault.code
		       : result("", path, pwrite((int)file->fh, text, size, at));
}

/* What close() answers: here NFS tells what it could not write. */
static int do_flush(const char *path, struct fuse_file_info *file)
{
	(void)file;
	return result("flush", path, 0);
}

static int do_release(const char *path, struct fuse_file_info *file)
{
	(void)path;
	return close((int)file->fh);
}

static const struct fuse_operations operations = {
	.getattr = do_getattr,
	.readlink = do_readlink,
	.readdir = do_readdir,
	.mkdir = do_mkdir,
	.symlink = do_symlink,
	.unlink = do_unlink,
	.rename = do_rename,
	.chmod = do_chmod,
	.chown = do_chown,
	.open = do_open,
	.create = do_create,
	.read = do_read,
	.write = do_write,
	.flush = do_flush,
	.release = do_release,
};

/* Serves until it is killed; a byte on ready says that it is mounted. */
static void serve(const char *where, int ready)
{
	char name[] = "broken", option[] = "-oallow_other,default_permissions";
	char *argv[] = { name, option };
	struct fuse_args args = FUSE_ARGS_INIT(2, argv);
	struct fuse *fuse = fuse_new(&args, &operations, sizeof(operations), NULL);

	umask(0);
	if (!fuse || fuse_mount(fuse, where) < 0 || write(ready, "y", 1) != 1)
		_exit(1);
	_exit(fuse_loop(fuse) != 0);
}

struct broken {
	pid_t pid;
	char *where; /* the tree of the stage, seen through the server */
	int root;
};

static void broken_done(struct broken *broken)
{
	close_fd(&broken->root);
	if (broken->where)
		umount2(broken->where, MNT_DETACH);
	if (broken->pid > 0) {
		kill(broken->pid, SIGKILL);
		waitpid(broken->pid, NULL, 0);
	}
	free_ptr(&broken->where);
}

#define auto_broken __attribute__((cleanup(broken_done)))

static void broken_end(struct broken *broken)
{
	broken_done(broken);
	*broken = (struct broken){ .pid = -1, .root = -1 };
}

static bool start(struct broken *broken, const struct stage *stage,
		  const struct fault *wanted)
{
	auto_close int ready = -1;
	struct error err;
	int pipe_fds[2];
	char byte;

	broken->where = xasprintf("%s/broken", test_dir());
	if ((mkdir(broken->where, 0755) < 0 && errno != EEXIST) ||
	    pipe2(pipe_fds, O_CLOEXEC) < 0)
		return false;
	ready = pipe_fds[0];
	broken->pid = fork();
	if (broken->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fault = *wanted;
		below = stage->root;
		serve(broken->where, pipe_fds[1]);
	}
	close(pipe_fds[1]);
	if (read(ready, &byte, 1) != 1) {
		test_skip("FUSE cannot be mounted here");
		return false;
	}
	broken->root = open_dir(broken->where, &err);
	return broken->root >= 0;
}

static const char changed[] = "hostname: other.example\nostype: debian\ntimezone: UTC\n"
			      "net0: name=eth0,bridge=vmbr0,ip=192.0.2.6/24\n";

/*
 * All is done but what the change of the configuration asks for; then the one operation
 * fails: the error names the file and the cause, and nothing has changed.
 */
static void expect_refused(const struct idmap *map, const struct fault *wanted)
{
	auto_stage struct stage stage = stage_new();
	auto_broken struct broken broken = { .pid = -1, .root = -1 };
	auto_strbuf struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
	struct error err = { 0 };

	tree_own(stage.root, "", idmap_root(map, 'u'));
	EXPECT(run(stage.root, map, GUEST_START, conf, wanted->op, &err) == 0);
	tree_read(stage.root, 0, &before);
	if (!start(&broken, &stage, wanted))
		return;
	EXPECT(run(broken.root, map, GUEST_START, changed, wanted->op, &err) < 0);
	if (!strstr(err.text, wanted->file) || !strstr(err.text, strerror(wanted->code)))
		EXPECT_TEXT(err.text, wanted->op);
	broken_end(&broken);
	tree_read(stage.root, 0, &after);
	EXPECT_TEXT(after.at, before.at);
	expect_safe(&stage, wanted->op);
}

TEST("an operation that the file system fails leaves the old content and no other file")
{
	static const char *const ops[] = { "getattr", "open",  "read",  "create",
					   "write",   "chmod", "flush", "rename" };
	static const int codes[] = { EIO, ESTALE, EDQUOT, ENOSPC, EROFS };

	if (!private_mounts())
		return;
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		for (size_t j = 0; j < sizeof(codes) / sizeof(codes[0]); j++) {
			struct idmap map = { 0 };

			if (j % 2)
				idmap_default(&map);
			expect_refused(&map,
				       &(struct fault){ ops[i], "/etc/network/interfaces",
							codes[j] });
		}
	}
}

/* A create ends there: the error names the file, which is as it was. */
static void expect_ended(const char *file)
{
	auto_stage struct stage stage = stage_new();
	auto_broken struct broken broken = { .pid = -1, .root = -1 };
	auto_strbuf struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
	const struct fault wanted = { "rename", file, EIO };
	const struct idmap map = { 0 };
	struct error err = { 0 };

	(void)read_file(stage.root, file + 1, TEXT_MAX, &before, &err);
	if (!start(&broken, &stage, &wanted))
		return;
	EXPECT(run(broken.root, &map, GUEST_CREATE, conf, file, &err) < 0);
	if (!strstr(err.text, file) || !strstr(err.text, strerror(EIO)))
		EXPECT_TEXT(err.text, file);
	broken_end(&broken);
	(void)read_file(stage.root, file + 1, TEXT_MAX, &after, &err);
	EXPECT_TEXT(after.at, before.at);
	expect_safe(&stage, file);
}

TEST("a file that cannot be replaced ends a create, the password's and the keys' as well")
{
	static const char *const files[] = {
		"/etc/crontab",
		"/etc/cron.d/job",
		"/etc/shadow",
		"/root/.ssh/authorized_keys",
		"/lib/systemd/system/container-getty@.service",
		"/etc/systemd/system-preset/00-pve.preset",
		"/etc/inittab",
		"/etc/network/interfaces",
		"/etc/hosts",
		"/etc/hostname",
		"/etc/resolv.conf",
		"/etc/localtime",
		"/etc/timezone",
	};

	if (!private_mounts())
		return;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		expect_ended(files[i]);
}

TEST("a file system that fails nothing, of the same kind, gets the changes")
{
	auto_stage struct stage stage = stage_new();
	auto_broken struct broken broken = { .pid = -1, .root = -1 };
	auto_strbuf struct strbuf text = STRBUF_INIT;
	const struct idmap map = { 0 };
	struct error err = { 0 };

	if (!private_mounts() || !start(&broken, &stage, &(struct fault){ 0 }))
		return;
	if (run(broken.root, &map, GUEST_START, changed, "no fault", &err) < 0)
		EXPECT_TEXT(err.text, "");
	EXPECT(read_file(stage.root, "etc/hostname", 99, &text, &err) == 0);
	EXPECT_TEXT(text.at, "other\n");
	broken_end(&broken);
	expect_safe(&stage, "no fault");
}

static bool did(const char *const argv[])
{
	auto_strbuf struct strbuf untold = STRBUF_INIT;
	struct error err;

	if (process_run(
		    &(struct process){ .argv = argv, .timeout_s = 60, .output = &untold },
		    &err) == 0)
		return true;
	test_skip(err.text);
	return false;
}

/* A btrfs of its own, whose only subvolume may hold no more than it does. */
static bool mount_quota(const char *image, const char *where)
{
	const char *const make[] = { "mkfs.btrfs", "-q", image, NULL },
			  *const put[] = { "mount", "-o", "loop", image, where, NULL },
			  *const quota[] = { "btrfs", "quota", "enable", where, NULL };
	auto_close int fd = open(image, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	return fd >= 0 && ftruncate(fd, 256 << 20) == 0 && did(make) && did(put) &&
	       did(quota);
}

TEST("with the quota used up the old content stays and no temporary file is left")
{
	auto_free char *image = xasprintf("%s/quota.img", test_dir());
	auto_free char *where = xasprintf("%s/root", test_dir());
	const char *const limit[] = { "btrfs", "qgroup", "limit", "1M", where, NULL };
	auto_strbuf struct strbuf before = STRBUF_INIT, after = STRBUF_INIT,
				  fill = STRBUF_INIT;
	const struct idmap map = { 0 };
	auto_stage struct stage stage = stage_new();
	auto_close int fd = -1, full = -1;
	struct error err = { 0 };

	if (!private_mounts() || !mount_quota(image, where))
		return;
	fd = open_dir(where, &err);
	build_guest(fd);
	EXPECT(run(fd, &map, GUEST_START, conf, "quota", &err) == 0);
	full = openat(fd, "fill", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	memset(strbuf_grow(&fill, 4096), 'x', 4096);
	if (did(limit)) {
		while (write(full, fill.at, 4096) > 0)
			;
		EXPECT_INT(errno, EDQUOT);
		tree_read(fd, 0, &before);
		EXPECT(run(fd, &map, GUEST_START, changed, "quota", &err) < 0);
		EXPECT(strstr(err.text, "fastboot") && strstr(err.text, "Disk quota"));
		tree_read(fd, 0, &after);
		EXPECT_TEXT(after.at, before.at);
	}
	close_fd(&fd);
	close_fd(&full);
	umount2(where, MNT_DETACH);
	expect_safe(&stage, "quota");
}
