#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "base/interrupt.h"
#include "base/tree.h"

#include "unpacking.h"

#define PEAK_KIB (48 * 1024)

/* Both kinds of container: the first is held by its id map too, the second is not. */
static void expect_refusal(const char *name, const struct tar_member *members,
			   const char *message)
{
	for (int privileged = 0; privileged < 2; privileged++) {
		auto_unpacking struct unpacking u = { 0 };
		auto_free char *dir = xasprintf("%s%d", name, privileged);

		unpacking_init(&u, dir, privileged);
		for (const struct tar_member *member = members; member->name; member++)
			tar_add(&u.tar, member);
		EXPECT(unpack_tar(&u) < 0);
		EXPECT_TEXT(reason(&u), message);
		EXPECT(canary_lives(&u));
	}
}

TEST("a member with '..' is refused, and nothing outside changes")
{
	static const struct tar_member front[] = {
		{ .name = "../canary/new", .mode = 0644, .data = "x" }, { 0 }
	};
	static const struct tar_member middle[] = {
		{ .name = "a/../../canary/file", .mode = 0644, .data = "x" }, { 0 }
	};
	static const struct tar_member dir[] = {
		{ .name = "../canary/", .type = '5', .mode = 0700, .uid = 1 }, { 0 }
	};
	static const struct tar_member link[] = {
		{ .name = "x", .type = '1', .link = "../canary/file" }, { 0 }
	};

	if (!can_unpack())
		return;
	expect_refusal("front", front, "member '../canary/new': the name contains '..'");
	expect_refusal("middle", middle,
		       "member 'a/../../canary/file': the name contains '..'");
	expect_refusal("dir", dir, "member '../canary/': the name contains '..'");
	expect_refusal("link", link,
		       "member 'x': link target '../canary/file': the name contains '..'");
}

TEST("an absolute member lands inside the root")
{
	auto_unpacking struct unpacking u = { 0 };
	auto_free char *name = NULL, *inside = NULL;

	if (!can_unpack())
		return;
	unpacking_init(&u, "absolute", true);
	name = xasprintf("%s/canary/file", u.dir);
	tar_add(&u.tar, &(struct tar_member){ .name = name, .mode = 0600, .data = "evil" });
	EXPECT_INT(unpack_tar(&u), 0);
	EXPECT(canary_lives(&u));
	inside = xasprintf("%s", name + 1);
	EXPECT(text_is(&u, inside, "evil"));
}

/* A link to the canary, then everything that could be done through it. */
static void write_through(const char *casename, const char *target, bool privileged)
{
	auto_unpacking struct unpacking u = { 0 };
	auto_free char *absolute = NULL;

	unpacking_init(&u, casename, privileged);
	u.flags = UNPACK_IGNORE_ERRORS;
	if (!target)
		target = absolute = xasprintf("%s/canary", u.dir);
	tar_add(&u.tar,
		&(struct tar_member){ .name = "evil", .type = '2', .link = target });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "evil/new", .mode = 0644, .data = "x" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "evil/file", .mode = 0644, .data = "x" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "evil/d/", .type = '5', .mode = 0755 });
	tar_add(&u.tar, &(struct tar_member){
				.name = "evil/", .type = '5', .mode = 0700, .uid = 5 });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "stolen", .type = '1', .link = "evil/file" });
	tar_add(&u.tar, &(struct tar_member){ .name = "evil/l", .type = '2', .link = "x" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "evil/p", .type = '6', .mode = 0644 });
	EXPECT_INT(unpack_tar(&u), 0);
	EXPECT(canary_lives(&u));
	/* It may be a file that an earlier member made inside, but not the canary's. */
	EXPECT(!text_is(&u, "stolen", "alive"));
	EXPECT_INT(look_at(&u, "evil").st_mode & S_IFMT, S_IFLNK);
}

TEST("nothing is written, linked or changed through a symbolic link out of the root")
{
	if (!can_unpack())
		return;
	write_through("absolute-link", NULL, false);
	write_through("absolute-link-privileged", NULL, true);
	write_through("relative-link", "../canary", false);
	write_through("relative-link-privileged", "../canary", true);
	write_through("deep-link", "../../../../../../../../tmp", true);
	write_through("proc-link", "/proc/1/cwd", true);
	write_through("fd-link", "/proc/self/fd/3", true);
	write_through("self-link", "evil", true);
}

TEST("a member never replaces a link, and a link never a directory in use")
{
	auto_unpacking struct unpacking u = { 0 };

	if (!can_unpack())
		return;
	unpacking_init(&u, "swap", true);
	tar_add(&u.tar, &(struct tar_member){ .name = "d/", .type = '5', .mode = 0755 });
	tar_add(&u.tar, &(struct tar_member){ .name = "d/a", .mode = 0644, .data = "1" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "d", .type = '2', .link = "../canary" });
	tar_add(&u.tar, &(struct tar_member){ .name = "d/b", .mode = 0644, .data = "2" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "f", .type = '2', .link = "../canary/file" });
	tar_add(&u.tar, &(struct tar_member){ .name = "f", .mode = 0644, .data = "evil" });
	EXPECT_INT(unpack_tar(&u), 0);
	EXPECT(canary_lives(&u));
	EXPECT(text_is(&u, "d/b", "2"));
}

TEST("a member that announces 4 GiB and brings a few bytes is an error")
{
	auto_unpacking struct unpacking u = { 0 };

	if (!can_unpack())
		return;
	unpacking_init(&u, "announced", false);
	tar_add(&u.tar, &(struct tar_member){ .name = "big",
					      .mode = 0644,
					      .data = "few",
					      .announced = UINT64_C(4) << 30 });
	EXPECT(unpack_tar(&u) < 0);
	EXPECT(strstr(u.err.text, "member 'big': archive is damaged or truncated: ") !=
	       NULL);
	EXPECT(look_at(&u, "big").st_size < 4096);
}

TEST("an archive that is cut is an error, also where a member ends or before the end mark")
{
	auto_unpacking struct unpacking u = { 0 };
	size_t whole;

	if (!can_unpack())
		return;
	unpacking_init(&u, "cut", false);
	tar_add(&u.tar, &(struct tar_member){ .name = "a", .mode = 0644, .data = "x" });
	whole = u.tar.len;
	tar_add(&u.tar, &(struct tar_member){ .name = "b", .mode = 0644, .data = "y" });
	strbuf_cut(&u.tar, whole + TAR_BLOCK);
	EXPECT(unpack_raw(&u) < 0);
	EXPECT(strstr(u.err.text, "archive is damaged or truncated: ") != NULL);
	strbuf_cut(&u.tar, whole + 100);
	EXPECT(unpack_raw(&u) < 0);
	EXPECT(strstr(u.err.text, "archive is damaged or truncated: ") != NULL);
	strbuf_cut(&u.tar, whole);
	memcpy(u.tar.at + whole - TAR_BLOCK, "no zeros", 8);
	memset(u.tar.at + whole - 8, 'x', 8);
	EXPECT(unpack_raw(&u) < 0);
	EXPECT_TEXT(reason(&u), "archive is damaged or truncated: it has no end mark");
}

static void expect_cut(struct unpacking *u, const char *program, const char *suffix)
{
	auto_free char *path = xasprintf("%s/a.tar.%s", u->dir, suffix);
	auto_free char *command = xasprintf("cd %s && %s -q -k a.tar", u->dir, program);
	struct stat st;

	EXPECT(system(command) == 0 && stat(path, &st) == 0 &&
	       truncate(path, st.st_size - 5) == 0);
	EXPECT(unpack_file(u, path) < 0);
	EXPECT(strstr(u->err.text, "archive is damaged or truncated: ") != NULL);
}

TEST("a compressed archive that is cut in its last bytes is an error")
{
	auto_unpacking struct unpacking u = { 0 };

	if (!can_unpack())
		return;
	unpacking_init(&u, "cutz", false);
	tar_add(&u.tar, &(struct tar_member){ .name = "a", .mode = 0644, .data = "x" });
	EXPECT_INT(unpack_tar(&u), 0);
	expect_cut(&u, "gzip", "gz");
	expect_cut(&u, "bzip2", "bz2");
	expect_cut(&u, "xz", "xz");
	expect_cut(&u, "zstd", "zst");
}

TEST("what is no archive, empty or without members is an error")
{
	auto_unpacking struct unpacking u = { 0 };
	auto_free char *path = NULL;

	if (!can_unpack())
		return;
	unpacking_init(&u, "none", false);
	EXPECT(unpack_raw(&u) < 0);
	EXPECT(strstr(u.err.text, "archive is damaged or truncated: ") != NULL);
	EXPECT(unpack_tar(&u) < 0);
	EXPECT_TEXT(reason(&u), "archive has no members");
	strbuf_cut(&u.tar, 0);
	for (int i = 0; i < 2000; i++)
		strbuf_adds(&u.tar, "just some text\n");
	EXPECT(unpack_raw(&u) < 0);
	EXPECT(strstr(u.err.text, "Unrecognized archive format") != NULL);
	path = xasprintf("%s/missing.tar", u.dir);
	EXPECT(unpack_file(&u, path) < 0);
	EXPECT(strstr(u.err.text, "missing.tar': No such file or directory") != NULL);
	EXPECT(unpack_file(&u, "/tmp/x.tar.Z") < 0);
	EXPECT_TEXT(u.err.text, "file does not look like a template archive: /tmp/x.tar.Z");
	free_ptr(&path);
	path = xasprintf("%s/fifo.tar", u.dir);
	EXPECT(mkfifo(path, 0644) == 0 && unpack_file(&u, path) < 0);
	EXPECT(strstr(u.err.text, "is not a regular file") != NULL);
}

TEST("a name of 64 KiB is refused and one of 2000 directories is not")
{
	auto_unpacking struct unpacking u = { 0 };
	auto_strbuf struct strbuf pax = STRBUF_INIT, deep = STRBUF_INIT;
	static char name[70000];
	auto_close int root = -1;

	if (!can_unpack())
		return;
	unpacking_init(&u, "long", false);
	for (int i = 0; i < 2000; i++)
		strbuf_adds(&deep, "d/");
	strbuf_addc(&deep, 'x');
	tar_pax(&pax, "path", deep.at, deep.len);
	tar_add(&u.tar, &(struct tar_member){
				.name = "x", .mode = 0644, .data = "x", .pax = &pax });
	EXPECT_INT(unpack_tar(&u), 0);
	EXPECT(look_at(&u, "d/d/d").st_mode == (S_IFDIR | 0755));
	EXPECT(tree_remove(AT_FDCWD, u.root, &u.err) == 0);
	EXPECT(mkdir(u.root, 0755) == 0 && chown(u.root, MAPPED, MAPPED) == 0);
	strbuf_cut(&u.tar, 0);
	strbuf_cut(&pax, 0);
	memset(name, 'n', sizeof(name) - 1);
	tar_pax(&pax, "path", name, sizeof(name) - 1);
	tar_add(&u.tar, &(struct tar_member){ .name = "x", .mode = 0644, .pax = &pax });
	EXPECT(unpack_tar(&u) < 0);
	EXPECT(strstr(u.err.text, "nnnn': the name has 69999 bytes, more than 4095") !=
	       NULL);
}

TEST("control characters of a name do not reach the terminal")
{
	auto_unpacking struct unpacking u = { 0 };

	if (!can_unpack())
		return;
	unpacking_init(&u, "control", false);
	tar_add(&u.tar, &(struct tar_member){ .name = "\033[2J/../x\n", .mode = 0644 });
	EXPECT(unpack_tar(&u) < 0);
	EXPECT_TEXT(reason(&u), "member '\\033[2J/../x\\012': the name contains '..'");
}

TEST("errors can be ignored: the rest is unpacked, and a note says so")
{
	auto_unpacking struct unpacking u = { 0 };

	if (!can_unpack())
		return;
	unpacking_init(&u, "ignore", false);
	u.flags = UNPACK_IGNORE_ERRORS;
	tar_add(&u.tar, &(struct tar_member){ .name = "../x", .mode = 0644, .data = "x" });
	tar_add(&u.tar, &(struct tar_member){ .name = "n", .type = '4', .mode = 0644 });
	tar_add(&u.tar, &(struct tar_member){ .name = "good", .mode = 0644, .data = "x" });
	tar_add(&u.tar,
		&(struct tar_member){
			.name = "cut", .mode = 0644, .data = "x", .announced = 5000 });
	EXPECT_INT(unpack_raw(&u), 0);
	EXPECT(text_is(&u, "good", "x"));
	EXPECT_INT(u.notes.count, 1);
	EXPECT(u.notes.count &&
	       strstr(u.notes.text[0], "errors while unpacking '") != NULL);
}

TEST("a full file system is an error that names the member")
{
	auto_unpacking struct unpacking u = { 0 };
	static char data[3 << 20];

	if (!can_unpack())
		return;
	unpacking_init(&u, "full", false);
	if (mount("none", u.root, "tmpfs", 0, "size=1m,uid=100000,gid=100000,mode=0755") <
	    0) {
		test_skip("cannot mount a tmpfs");
		return;
	}
	memset(data, 'x', sizeof(data) - 1);
	tar_add(&u.tar,
		&(struct tar_member){ .name = "etc/big", .mode = 0644, .data = data });
	EXPECT(unpack_tar(&u) < 0);
	EXPECT_TEXT(reason(&u), "member 'etc/big': cannot write: No space left on device");
	EXPECT(umount(u.root) == 0);
}

TEST("a directory of another mount keeps its attributes, what is new goes into it")
{
	auto_unpacking struct unpacking u = { 0 };
	auto_free char *data = NULL, *canary = NULL;

	if (!can_unpack())
		return;
	unpacking_init(&u, "mounts", true);
	data = xasprintf("%s/data", u.root);
	canary = xasprintf("%s/canary", u.dir);
	EXPECT(mkdir(data, 0755) == 0 && mount(canary, data, NULL, MS_BIND, NULL) == 0);
	tar_add(&u.tar, &(struct tar_member){
				.name = "data/", .type = '5', .mode = 0700, .uid = 9 });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "data/file", .mode = 0600, .data = "x" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "data/new", .mode = 0600, .data = "x" });
	EXPECT_INT(unpack_tar(&u), 0);
	EXPECT(text_is(&u, "data/new", "x"));
	EXPECT(canary_lives(&u));
	EXPECT(umount(data) == 0);
}

/* Of the children so far; the sanitizers' own memory would count too. */
static long peak_kib(void)
{
	struct rusage usage;

#ifdef __SANITIZE_ADDRESS__
	return 0;
#endif
	return getrusage(RUSAGE_CHILDREN, &usage) == 0 ? usage.ru_maxrss : LONG_MAX;
}

/* So many members, written piece by piece; directories are the same thousand each time. */
static void save_many(const char *path, unsigned long count,
		      const struct tar_member *member)
{
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	auto_strbuf struct strbuf tar = STRBUF_INIT;
	struct error err;

	for (unsigned long i = 0; i < count; i++) {
		auto_free char *name = member->type == '5'
					       ? xasprintf("d%lu/", i % 1000)
					       : xasprintf("d%lu/f%lu", i / 1000, i % 1000);
		struct tar_member one = *member;

		one.name = name;
		tar_add(&tar, &one);
		if (tar.len > 1 << 20 || i + 1 == count) {
			if (i + 1 == count)
				tar_end(&tar);
			EXPECT(write_all(fd, tar.at, tar.len, &err) == 0);
			strbuf_cut(&tar, 0);
		}
	}
}

TEST("a million members need no more memory than a thousand")
{
	auto_unpacking struct unpacking u = { 0 };
	auto_free char *path = NULL, *command = NULL, *packed = NULL;

	if (!can_unpack())
		return;
	unpacking_init(&u, "million", false);
	if (mount("none", u.dir, "tmpfs", 0, "mode=0755") < 0 || mkdir(u.root, 0755) < 0 ||
	    chown(u.root, MAPPED, MAPPED) < 0) {
		test_skip("cannot mount a tmpfs");
		return;
	}
	path = xasprintf("%s/m.tar", u.dir);
	packed = xasprintf("%s.zst", path);
	command = xasprintf("zstd -q -1 --rm %s", path);
	save_many(path, 1000000,
		  &(struct tar_member){ .type = '2', .mode = 0777, .link = "x" });
	EXPECT(system(command) == 0);
	EXPECT_INT(unpack_file(&u, packed), 0);
	EXPECT_TEXT(u.err.text, "");
	EXPECT(is_there(&u, "d999/f999"));
	EXPECT(peak_kib() < PEAK_KIB);
	EXPECT(umount2(u.dir, MNT_DETACH) == 0);
}

TEST("half a million directories are finished without being kept in memory")
{
	auto_unpacking struct unpacking u = { 0 };
	auto_free char *path = NULL;

	if (!can_unpack())
		return;
	unpacking_init(&u, "directories", false);
	if (mount("none", u.dir, "tmpfs", 0, "mode=0755") < 0 || mkdir(u.root, 0755) < 0 ||
	    chown(u.root, MAPPED, MAPPED) < 0) {
		test_skip("cannot mount a tmpfs");
		return;
	}
	path = xasprintf("%s/m.tar", u.dir);
	save_many(path, 500000, &(struct tar_member){ .type = '5', .mode = 0711 });
	EXPECT_INT(unpack_file(&u, path), 0);
	EXPECT_TEXT(u.err.text, "");
	EXPECT_INT(look_at(&u, "d999").st_mode, S_IFDIR | 0711);
	EXPECT_INT(look_at(&u, "d999").st_mtim.tv_sec, 1000000000);
	EXPECT(peak_kib() < PEAK_KIB);
	EXPECT(umount2(u.dir, MNT_DETACH) == 0);
}

TEST("an interrupt ends the work soon, and nobody writes any more afterwards")
{
	auto_unpacking struct unpacking u = { 0 };
	auto_free char *path = NULL;
	auto_close int root = -1;
	struct idmap map;
	int status = -1;
	pid_t pid;

	if (!can_unpack())
		return;
	unpacking_init(&u, "interrupt", false);
	path = xasprintf("%s/m.tar", u.dir);
	save_many(path, 20000, &(struct tar_member){ .mode = 0644 });
	idmap_default(&map);
	root = open(u.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	pid = fork();
	if (pid == 0) {
		interrupt_catch();
		_exit(template_unpack(&(struct unpack){ .archive = path,
							.rootfd = root,
							.map = &map,
							.bwlimit_kib = 100 },
				      &u.err) < 0 &&
				      strcmp(u.err.text, "received interrupt") == 0
			      ? 0
			      : 1);
	}
	usleep(300000);
	EXPECT(kill(pid, SIGTERM) == 0);
	EXPECT(waitpid(pid, &status, 0) == pid);
	EXPECT_INT(status, 0);
	EXPECT(tree_remove(AT_FDCWD, u.root, &u.err) == 0);
	EXPECT(!is_there(&u, ""));
}
