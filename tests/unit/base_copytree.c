#include "base/copytree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/own.h"
#include "test.h"

/* Two directories of one test. */
struct pair {
	int from, to;
};

static struct pair pair_new(const char *name)
{
	auto_free char *from = xasprintf("%s/%s-from", test_dir(), name);
	auto_free char *to = xasprintf("%s/%s-to", test_dir(), name);

	mkdir(from, 0755);
	mkdir(to, 0755);
	return (struct pair){ .from = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
			      .to = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
}

static void pair_done(struct pair *pair)
{
	close_fd(&pair->from);
	close_fd(&pair->to);
}

#define auto_pair __attribute__((cleanup(pair_done)))

static int copy(const struct pair *pair, struct tree_copied *copied, struct error *err)
{
	return tree_copy(&(struct tree_copy){ .source = pair->from, .target = pair->to },
			 copied, err);
}

static void put(int dir, const char *name, const char *text)
{
	auto_close int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	EXPECT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static struct stat stat_of(int dir, const char *name)
{
	struct stat st = { 0 };

	EXPECT_INT(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st;
}

static void expect_same(const struct pair *pair, const char *name)
{
	struct stat a = stat_of(pair->from, name), b = stat_of(pair->to, name);

	EXPECT_INT(b.st_mode, a.st_mode);
	EXPECT_INT(b.st_uid, a.st_uid);
	EXPECT_INT(b.st_gid, a.st_gid);
	EXPECT_INT(b.st_size, a.st_size);
	EXPECT_INT(b.st_rdev, a.st_rdev);
	EXPECT_INT(b.st_mtim.tv_sec, a.st_mtim.tv_sec);
	EXPECT_INT(b.st_mtim.tv_nsec, a.st_mtim.tv_nsec);
}

static void expect_text(int dir, const char *name, const char *text)
{
	auto_strbuf struct strbuf got = STRBUF_INIT;
	struct error err;

	EXPECT_INT(read_file(dir, name, 1 << 20, &got, &err), 0);
	EXPECT_TEXT(got.at, text);
}

TEST("files, directories and symlinks arrive with owner, mode and times")
{
	const struct timespec then[] = { { 1000, 5 }, { 2000, 7 } };
	auto_pair struct pair pair = pair_new("plain");
	struct tree_copied copied = { 0 };
	struct error err;

	mkdirat(pair.from, "dir", 0750);
	put(pair.from, "dir/file", "text");
	put(pair.from, "empty", "");
	EXPECT_INT(symlinkat("/etc/passwd", pair.from, "link"), 0);
	EXPECT_INT(fchownat(pair.from, "dir/file", 100033, 100044, 0), 0);
	EXPECT_INT(fchmodat(pair.from, "dir/file", 06751, 0), 0);
	EXPECT_INT(fchownat(pair.from, "link", 7, 8, AT_SYMLINK_NOFOLLOW), 0);
	EXPECT_INT(utimensat(pair.from, "link", then, AT_SYMLINK_NOFOLLOW), 0);
	EXPECT_INT(utimensat(pair.from, "dir/file", then, 0), 0);
	EXPECT_INT(utimensat(pair.from, "dir", then, 0), 0);
	EXPECT_INT(fchmodat(pair.from, ".", 01711, 0), 0);
	EXPECT_INT(copy(&pair, &copied, &err), 0);
	expect_same(&pair, "dir");
	expect_same(&pair, "dir/file");
	expect_same(&pair, "empty");
	expect_same(&pair, "link");
	expect_same(&pair, ".");
	expect_text(pair.to, "dir/file", "text");
	EXPECT_INT(copied.directories, 2);
	EXPECT_INT(copied.files, 2);
	EXPECT_INT(copied.symlinks, 1);
	EXPECT_INT(copied.bytes, 4);
}

TEST("names of one file stay names of one file, symlinks and FIFOs included")
{
	auto_pair struct pair pair = pair_new("links");
	struct tree_copied copied = { 0 };
	struct error err;

	mkdirat(pair.from, "a", 0755);
	put(pair.from, "one", "x");
	EXPECT_INT(linkat(pair.from, "one", pair.from, "a/two", 0), 0);
	EXPECT_INT(linkat(pair.from, "one", pair.from, "a/three", 0), 0);
	EXPECT_INT(symlinkat("x", pair.from, "s"), 0);
	EXPECT_INT(linkat(pair.from, "s", pair.from, "a/s", 0), 0);
	EXPECT_INT(mkfifoat(pair.from, "p", 0600), 0);
	EXPECT_INT(linkat(pair.from, "p", pair.from, "a/p", 0), 0);
	EXPECT_INT(copy(&pair, &copied, &err), 0);
	EXPECT_INT(stat_of(pair.to, "one").st_nlink, 3);
	EXPECT(stat_of(pair.to, "one").st_ino == stat_of(pair.to, "a/two").st_ino);
	EXPECT(stat_of(pair.to, "one").st_ino == stat_of(pair.to, "a/three").st_ino);
	EXPECT(stat_of(pair.to, "s").st_ino == stat_of(pair.to, "a/s").st_ino);
	EXPECT(stat_of(pair.to, "p").st_ino == stat_of(pair.to, "a/p").st_ino);
	EXPECT_INT(copied.files, 1);
	EXPECT_INT(copied.links, 4);
	EXPECT_INT(stat_of(pair.to, ".").st_nlink, stat_of(pair.from, ".").st_nlink);
}

TEST("device nodes, sockets and FIFOs are made, not read")
{
	auto_pair struct pair pair = pair_new("special");
	struct tree_copied copied = { 0 };
	struct error err;

	if (mknodat(pair.from, "null", S_IFCHR | 0666, makedev(1, 3)) < 0) {
		test_skip("device nodes cannot be made here");
		return;
	}
	EXPECT_INT(mknodat(pair.from, "block", S_IFBLK | 0660, makedev(7, 99)), 0);
	EXPECT_INT(mknodat(pair.from, "fifo", S_IFIFO | 0622, 0), 0);
	EXPECT_INT(mknodat(pair.from, "socket", S_IFSOCK | 0777, 0), 0);
	EXPECT_INT(copy(&pair, &copied, &err), 0);
	expect_same(&pair, "null");
	expect_same(&pair, "block");
	expect_same(&pair, "fifo");
	expect_same(&pair, "socket");
	EXPECT_INT(copied.specials, 4);
}

TEST("holes stay holes, at the start, in the middle and at the end")
{
	auto_pair struct pair pair = pair_new("holes");
	struct tree_copied copied = { 0 };
	struct error err;
	char got[4] = "";
	int fd = openat(pair.from, "f", O_RDWR | O_CREAT, 0600);

	EXPECT_INT(pwrite(fd, "one", 3, 8 << 20), 3);
	EXPECT_INT(pwrite(fd, "two", 3, 32 << 20), 3);
	EXPECT_INT(ftruncate(fd, 64 << 20), 0);
	close(fd);
	EXPECT_INT(copy(&pair, &copied, &err), 0);
	expect_same(&pair, "f");
	EXPECT(stat_of(pair.to, "f").st_blocks <= stat_of(pair.from, "f").st_blocks);
	fd = openat(pair.to, "f", O_RDONLY);
	EXPECT_INT(pread(fd, got, 3, 32 << 20), 3);
	EXPECT_TEXT(got, "two");
	EXPECT_INT(pread(fd, got, 3, 8 << 20), 3);
	EXPECT_TEXT(got, "one");
	close(fd);
}

static bool set_attr(int dir, const char *name, const char *attr, const void *value,
		     size_t len)
{
	auto_close int fd = openat(dir, name, O_RDONLY);

	return fsetxattr(fd, attr, value, len, 0) == 0;
}

static void expect_attr(const struct pair *pair, const char *name, const char *attr)
{
	auto_close int from = openat(pair->from, name, O_RDONLY);
	auto_close int to = openat(pair->to, name, O_RDONLY);
	char want[256], got[256];
	ssize_t len = fgetxattr(from, attr, want, sizeof(want));

	EXPECT(len > 0);
	EXPECT_INT(fgetxattr(to, attr, got, sizeof(got)), len);
	EXPECT(len > 0 && memcmp(want, got, (size_t)len) == 0);
}

/* An ACL of u::rw-, u:100007:r--, g::r--, m::rw-, o::---. */
static size_t make_acl(char *out)
{
	const struct posix_acl_xattr_entry entries[] = {
		{ ACL_USER_OBJ, 6, (unsigned)ACL_UNDEFINED_ID },
		{ ACL_USER, 4, 100007 },
		{ ACL_GROUP_OBJ, 4, (unsigned)ACL_UNDEFINED_ID },
		{ ACL_MASK, 6, (unsigned)ACL_UNDEFINED_ID },
		{ ACL_OTHER, 0, (unsigned)ACL_UNDEFINED_ID },
	};
	const struct posix_acl_xattr_header header = { POSIX_ACL_XATTR_VERSION };

	memcpy(out, &header, sizeof(header));
	memcpy(out + sizeof(header), entries, sizeof(entries));
	return sizeof(header) + sizeof(entries);
}

TEST("attributes, ACLs and capabilities are kept, also with another owner")
{
	static const unsigned char caps[] = { 1, 0, 0, 2, 0, 4, 0, 0, 0, 0,
					      0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	auto_pair struct pair pair = pair_new("attrs");
	struct tree_copied copied = { 0 };
	struct error err;
	char acl[256];
	size_t len = make_acl(acl);

	mkdirat(pair.from, "d", 0755);
	put(pair.from, "f", "x");
	EXPECT_INT(fchownat(pair.from, "f", 100001, 100001, 0), 0);
	if (!set_attr(pair.from, "f", "user.note", "hello", 5) ||
	    !set_attr(pair.from, "f", "system.posix_acl_access", acl, len) ||
	    !set_attr(pair.from, "f", "security.capability", caps, sizeof(caps))) {
		test_skip("this file system has no attributes, or no ACLs");
		return;
	}
	EXPECT(set_attr(pair.from, "d", "trusted.mark", "t", 1));
	EXPECT(set_attr(pair.from, "d", "system.posix_acl_default", acl, len));
	put(pair.from, "d/inner", "y");
	EXPECT_INT(copy(&pair, &copied, &err), 0);
	expect_attr(&pair, "f", "user.note");
	expect_attr(&pair, "f", "system.posix_acl_access");
	expect_attr(&pair, "f", "security.capability");
	expect_attr(&pair, "d", "trusted.mark");
	expect_attr(&pair, "d", "system.posix_acl_default");
	expect_same(&pair, "f");
	expect_same(&pair, "d/inner");
}

TEST("directories nested deeper than we keep open are copied all the same")
{
	enum { DEPTH = 3000 };
	auto_pair struct pair pair = pair_new("deep");
	struct tree_copied copied = { 0 };
	struct error err = { 0 };
	int at = dup(pair.from), found = 0;

	for (int i = 0; i < DEPTH; i++) {
		int next;

		EXPECT_INT(mkdirat(at, "d", 0755), 0);
		next = openat(at, "d", O_RDONLY | O_DIRECTORY);
		close(at);
		at = next;
	}
	put(at, "bottom", "x");
	close(at);
	EXPECT_INT(copy(&pair, &copied, &err), 0);
	EXPECT_TEXT(err.text, "");
	EXPECT_INT(copied.directories, DEPTH + 1);
	for (at = dup(pair.to); at >= 0; found++) {
		int next = openat(at, "d", O_RDONLY | O_DIRECTORY);

		if (next < 0)
			expect_text(at, "bottom", "x");
		close(at);
		at = next;
	}
	EXPECT_INT(found, DEPTH + 1);
}

TEST("a symlink in the target's place is not written through")
{
	auto_pair struct pair pair = pair_new("planted");
	auto_pair struct pair outside = pair_new("outside");
	struct tree_copied copied = { 0 };
	auto_free char *path = xasprintf("%s/outside-to", test_dir());
	struct error err;

	mkdirat(pair.from, "d", 0755);
	put(pair.from, "d/f", "x");
	EXPECT_INT(symlinkat(path, pair.to, "d"), 0);
	EXPECT_INT(copy(&pair, &copied, &err), -1);
	EXPECT_TEXT(err.text, "d: cannot open the new directory: Not a directory");
	EXPECT_INT(faccessat(outside.to, "f", F_OK, 0), -1);
	EXPECT_INT(copied.files, 0);
}

TEST("a file that is there already is not overwritten, and named with its path")
{
	auto_pair struct pair pair = pair_new("taken");
	struct tree_copied copied = { 0 };
	struct error err;

	mkdirat(pair.from, "d", 0755);
	mkdirat(pair.to, "d", 0755);
	put(pair.from, "d/f\n", "new");
	put(pair.to, "d/f\n", "old");
	EXPECT_INT(copy(&pair, &copied, &err), -1);
	EXPECT_TEXT(err.text, "d/f\\x0a: cannot create: File exists");
	expect_text(pair.to, "d/f\n", "old");
}

static void count_calls(void *arg, const struct tree_copied *so_far)
{
	unsigned *calls = arg;

	(void)so_far;
	++*calls;
}

TEST("progress is told for each directory")
{
	auto_pair struct pair pair = pair_new("progress");
	struct tree_copied copied = { 0 };
	unsigned calls = 0;
	struct error err;

	mkdirat(pair.from, "a", 0755);
	mkdirat(pair.from, "b", 0755);
	EXPECT_INT(tree_copy(&(struct tree_copy){ .source = pair.from,
						  .target = pair.to,
						  .progress = count_calls,
						  .arg = &calls },
			     &copied, &err),
		   0);
	EXPECT(calls >= 3);
}

TEST("between two file systems bytes and holes go by reading and writing")
{
	auto_pair struct pair pair = pair_new("across");
	char shm[] = "/dev/shm/pct-copy.XXXXXX";
	auto_close int file = -1;
	struct tree_copied copied = { 0 };
	struct error err = { 0 };
	struct stat here, there;

	if (!mkdtemp(shm)) {
		test_skip("there is no /dev/shm");
		return;
	}
	close_fd(&pair.from);
	pair.from = open(shm, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fstat(pair.to, &here);
	fstat(pair.from, &there);
	EXPECT(here.st_dev != there.st_dev);
	put(pair.from, "f", "some text");
	file = openat(pair.from, "f", O_WRONLY | O_CLOEXEC);
	EXPECT_INT(ftruncate(file, 4 << 20), 0);
	EXPECT_INT(copy(&pair, &copied, &err), 0);
	EXPECT_TEXT(err.text, "");
	expect_same(&pair, "f");
	EXPECT(stat_of(pair.to, "f").st_blocks * 512 < 1 << 20);
	EXPECT(copied.moved > 0 && copied.moved < 1 << 20);
	unlinkat(pair.from, "f", 0);
	rmdir(shm);
}

/* The last one: what has been interrupted stays so. */
TEST("an interrupt ends a copy that a limit makes slow")
{
	auto_pair struct pair pair = pair_new("slow");
	struct tree_copied copied = { 0 };
	struct error err;

	put(pair.from, "f", "some text");
	interrupt_catch();
	raise(SIGTERM);
	EXPECT_INT(tree_copy(&(struct tree_copy){ .source = pair.from,
						  .target = pair.to,
						  .limit_kib = 1 },
			     &copied, &err),
		   -1);
	EXPECT_TEXT(err.text, "f: received interrupt");
}
