/*
 * Guests that use the setup step against the host (guest-setup.md 15.4): each attack is
 * a prepared root. After every run, as privileged and as unprivileged root, at create and
 * at start, the canary is as before, and no helper and no temporary file is left.
 */
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <time.h>

#include "guest_stage.h"

#define SLOW_S 20

static const char *const managed[] = {
	"etc/hostname",
	"etc/hosts",
	"etc/resolv.conf",
	"etc/network/interfaces",
	"etc/inittab",
	"etc/passwd",
	"etc/shadow",
	"etc/crontab",
	"etc/cron.d/job",
	"etc/machine-id",
	"var/lib/dbus/machine-id",
	"etc/localtime",
	"etc/timezone",
	"fastboot",
	"root/.ssh/authorized_keys",
	"etc/systemd/system/getty.target",
	"etc/systemd/system/getty.target.wants/container-getty@1.service",
	"etc/systemd/system-preset/00-pve.preset",
	"etc/ssl/private/ssl-cert-snakeoil.key",
	"lib/systemd/system/container-getty@.service",
	"usr/share/zoneinfo/UTC",
	"etc/os-release",
	"etc/debian_version",
	"sbin/init",
	"bin/sh",
};

#define MANAGED (sizeof(managed) / sizeof(managed[0]))

static const char *const parents[] = { "etc",        "etc/network", "etc/systemd",
				       "etc/cron.d", "etc/ssl",     "root",
				       "root/.ssh",  "usr",         "lib",
				       "sbin",       "var/lib",     "usr/share/zoneinfo" };

#define PARENTS (sizeof(parents) / sizeof(parents[0]))

enum want {
	ANY, /* done, or a clean error */
	DONE,
	REFUSED,
};

/* The attack on fresh trees, in each of the four ways. */
static void attack(const char *name, void (*prepare)(const struct stage *, const void *),
		   const void *arg, enum want want)
{
	for (int way = 0; way < 4; way++) {
		auto_stage struct stage stage = stage_new();
		struct idmap map = { 0 };
		time_t begin = time(NULL);
		struct error err = { 0 };
		int status;

		if (way & 1)
			idmap_default(&map);
		prepare(&stage, arg);
		tree_own(stage.root, "", idmap_root(&map, 'u'));
		status = run(stage.root, &map, way & 2 ? GUEST_START : GUEST_CREATE, conf,
			     name, &err);
		if (want == DONE && status < 0)
			EXPECT_TEXT(err.text, name);
		if (want == REFUSED && status == 0)
			EXPECT_TEXT(name, "an attack that is refused");
		EXPECT(time(NULL) - begin < SLOW_S);
		expect_safe(&stage, name);
	}
}

static void put_link(const struct stage *stage, const void *path)
{
	auto_free char *target = xasprintf("%s/canary", stage->outside_path);

	clear(stage, path);
	tree_link(stage->root, target, path);
}

static void put_upward_link(const struct stage *stage, const void *path)
{
	auto_free char *target =
		xasprintf("../../../../../../../..%s/canary", stage->outside_path);

	clear(stage, path);
	tree_link(stage->root, target, path);
}

static void put_loop(const struct stage *stage, const void *path)
{
	auto_free char *target = xasprintf("/%s", (const char *)path);

	clear(stage, path);
	tree_link(stage->root, target, path);
}

static void put_fifo(const struct stage *stage, const void *path)
{
	clear(stage, path);
	tree_make_special(stage->root, path, true);
}

static void put_socket(const struct stage *stage, const void *path)
{
	clear(stage, path);
	tree_make_special(stage->root, path, false);
}

static void put_device(const struct stage *stage, const void *path)
{
	clear(stage, path);
	tree_make_parents(stage->root, path);
	if (mknodat(stage->root, path, S_IFCHR | 0666, makedev(1, 5)) < 0)
		tree_fail("cannot make device", path);
}

static void put_directory(const struct stage *stage, const void *path)
{
	auto_free char *inside = xasprintf("%s/x", (const char *)path);

	clear(stage, path);
	tree_puts(stage->root, inside, "x");
}

static void put_sparse(const struct stage *stage, const void *path)
{
	auto_close int fd = -1;

	clear(stage, path);
	tree_puts(stage->root, path, "");
	fd = openat(stage->root, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)1 << 40) < 0)
		tree_fail("cannot stretch", path);
}

static void put_long_line(const struct stage *stage, const void *path)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	memset(strbuf_grow(&text, 900000), 'a', 900000);
	text.len = 900000;
	clear(stage, path);
	tree_put(stage->root, path, strbuf_slice(&text), 0644);
}

static void put_many_lines(const struct stage *stage, const void *path)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	for (int i = 0; i < 1000000; i++)
		strbuf_addc(&text, '\n');
	strbuf_adds(&text, "x\n");
	clear(stage, path);
	tree_put(stage->root, path, strbuf_slice(&text), 0644);
}

static void put_markers(const struct stage *stage, const void *path)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	for (int i = 0; i < 12000; i++)
		strbuf_adds(&text, i % 3 ? "# --- BEGIN PVE ---\nx\n"
					 : "# --- END PVE ---\niface eth0 inet static\n");
	clear(stage, path);
	tree_put(stage->root, path, strbuf_slice(&text), 0644);
}

static const struct {
	const char *name;
	void (*prepare)(const struct stage *, const void *);
} shapes[] = {
	{ "an absolute link out", put_link },
	{ "a link upwards", put_upward_link },
	{ "a link to itself", put_loop },
	{ "a FIFO", put_fifo },
	{ "a socket", put_socket },
	{ "a device", put_device },
	{ "a directory", put_directory },
	{ "a sparse file of 1 TiB", put_sparse },
	{ "an endless line", put_long_line },
	{ "a million empty lines", put_many_lines },
	{ "thousands of markers", put_markers },
};

TEST("nothing that stands at a managed path harms the host")
{
	if (!is_root())
		return;
	for (size_t i = 0; i < MANAGED; i++)
		for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
			auto_free char *name =
				xasprintf("%s as %s", managed[i], shapes[k].name);

			attack(name, shapes[k].prepare, managed[i], ANY);
		}
}

static void put_parent_link(const struct stage *stage, const void *path)
{
	clear(stage, path);
	tree_link(stage->root, stage->outside_path, path);
}

static void put_parent_upward_link(const struct stage *stage, const void *path)
{
	auto_free char *target = xasprintf("../../../../../../..%s", stage->outside_path);

	clear(stage, path);
	tree_link(stage->root, target, path);
}

TEST("a parent directory that is a link out of the root stays inside")
{
	if (!is_root())
		return;
	for (size_t i = 0; i < PARENTS; i++) {
		attack(parents[i], put_parent_link, parents[i], ANY);
		attack(parents[i], put_parent_upward_link, parents[i], ANY);
		attack(parents[i], put_fifo, parents[i], ANY);
	}
}

static void put_chain(const struct stage *stage, const void *arg)
{
	(void)arg;
	for (int i = 0; i < 60; i++) {
		auto_free char *name = xasprintf("chain/%d", i);
		auto_free char *target = xasprintf("/chain/%d", i + 1);

		tree_link(stage->root, target, name);
	}
	clear(stage, "etc/hosts");
	clear(stage, "sbin/init");
	tree_link(stage->root, "/chain/0", "etc/hosts");
	tree_link(stage->root, "/chain/0", "sbin/init");
	tree_puts(stage->root, "chain/60", "127.0.0.1 x\n");
}

TEST("a chain of too many links counts as absent")
{
	if (is_root())
		attack("chain", put_chain, NULL, DONE);
}

static void put_old_temporaries(const struct stage *stage, const void *arg)
{
	(void)arg;
	for (pid_t pid = getpid(); pid < getpid() + 50; pid++) {
		auto_free char *hosts = xasprintf("etc/hosts.tmp.%d", (int)pid);
		auto_free char *shadow = xasprintf("etc/shadow.%d", (int)pid);
		auto_free char *target = xasprintf("%s/canary", stage->outside_path);

		tree_link(stage->root, target, hosts);
		tree_puts(stage->root, shadow, "x");
	}
}

TEST("names that older schemes of temporary files would use are in nobody's way")
{
	if (is_root())
		attack("temporary names", put_old_temporaries, NULL, DONE);
}

TEST("a hard link from a managed name keeps its other name's content")
{
	auto_stage struct stage stage = stage_new();
	auto_strbuf struct strbuf other = STRBUF_INIT;
	const struct idmap map = { 0 };
	struct error err;

	if (!is_root())
		return;
	EXPECT(linkat(stage.root, "etc/hosts", stage.root, "other", 0) == 0);
	EXPECT(run(stage.root, &map, GUEST_START, conf, "hard link", &err) == 0);
	EXPECT(read_file(stage.root, "other", 1000, &other, &err) == 0);
	EXPECT_TEXT(other.at, "127.0.0.1 localhost\n");
}

TEST("a file that is replaced loses its set-id bits and the capabilities of the old one")
{
	auto_stage struct stage stage = stage_new();
	static const unsigned char caps[20] = { 1, 0, 0, 2, 0xff };
	const struct idmap map = { 0 };
	struct error err;
	struct stat st;
	int fd;

	if (!is_root())
		return;
	fd = openat(stage.root, "etc/hosts", O_RDONLY | O_CLOEXEC);
	EXPECT(fchmod(fd, 06755) == 0);
	if (fsetxattr(fd, "security.capability", caps, sizeof(caps), 0) < 0)
		test_skip("the file system keeps no capabilities");
	close(fd);
	EXPECT(run(stage.root, &map, GUEST_START, conf, "set-id", &err) == 0);
	fd = openat(stage.root, "etc/hosts", O_RDONLY | O_CLOEXEC);
	EXPECT(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0755);
	EXPECT(fgetxattr(fd, "security.capability", NULL, 0) < 0);
	close(fd);
}

static void put_home(const struct stage *stage, const void *home)
{
	auto_free char *text =
		xasprintf("root:x:0:0:root:%s:/bin/sh\n", (const char *)home);

	tree_puts(stage->root, "etc/passwd", text);
}

TEST("root's home in passwd leads nowhere outside")
{
	static const char *const homes[] = { "",
					     "x",
					     "/../../..",
					     "/proc/self/root",
					     "/proc/1/root/tmp",
					     "/etc/passwd",
					     "//",
					     "/root/../root" };
	auto_free char *outside = xasprintf("/../../../../..%s/outside", test_dir());
	auto_strbuf struct strbuf longest = STRBUF_INIT;

	if (!is_root())
		return;
	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++)
		attack(homes[i], put_home, homes[i], ANY);
	attack("home outside", put_home, outside, ANY);
	while (longest.len < 900000)
		strbuf_adds(&longest, "/aaaaaaaa");
	attack("home of 1 MB", put_home, longest.at, ANY);
}

static void put_ignore(const struct stage *stage, const void *arg)
{
	auto_free char *target = xasprintf("%s/canary", stage->outside_path);

	(void)arg;
	tree_link(stage->root, target, "etc/.pve-ignore.hostname");
	tree_make_special(stage->root, "etc/.pve-ignore.hosts", true);
	mknodat(stage->root, "etc/.pve-ignore.resolv.conf", S_IFCHR | 0666, makedev(1, 5));
}

TEST("ignore files that are links out, FIFOs or devices do not count")
{
	auto_stage struct stage stage = stage_new();
	auto_strbuf struct strbuf name = STRBUF_INIT;
	const struct idmap map = { 0 };
	struct error err;

	if (!is_root())
		return;
	put_ignore(&stage, NULL);
	EXPECT(run(stage.root, &map, GUEST_START, conf, "ignore", &err) == 0);
	EXPECT(read_file(stage.root, "etc/hostname", 1000, &name, &err) == 0);
	EXPECT_TEXT(name.at, "h\n");
	attack("ignore files", put_ignore, NULL, DONE);
}

/* Whoever opened one of these would wait forever. */
static void put_libc_files(const struct stage *stage, const void *arg)
{
	static const char *const files[] = {
		"etc/nsswitch.conf",
		"etc/ld.so.preload",
		"etc/ld.so.cache",
		"usr/lib/locale/locale-archive",
		"usr/share/locale/locale.alias",
		"lib/x86_64-linux-gnu/libnss_files.so.2",
		"usr/lib/x86_64-linux-gnu/gconv/gconv-modules",
		"etc/group",
		"etc/host.conf",
		"etc/gai.conf",
		"usr/share/zoneinfo/posixrules",
		"etc/localtime",
		"dev/log",
		"etc/services",
	};

	(void)arg;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		put_fifo(stage, files[i]);
}

TEST("no library, locale or name service file of the guest is opened")
{
	if (is_root())
		attack("libc files", put_libc_files, NULL, DONE);
}

static void put_many_jobs(const struct stage *stage, const void *arg)
{
	(void)arg;
	for (int i = 0; i < 2000; i++) {
		auto_free char *name = xasprintf("etc/cron.d/%s%d%s", i % 2 ? "a" : "b\n",
						 i, i % 3 ? "" : ".x");

		if (i % 5)
			tree_puts(stage->root, name, "1 2 3 4 5 root x\n");
		else
			tree_make_special(stage->root, name, true);
	}
}

TEST("a cron.d of thousands of odd entries is bounded")
{
	if (is_root())
		attack("cron.d", put_many_jobs, NULL, DONE);
}
