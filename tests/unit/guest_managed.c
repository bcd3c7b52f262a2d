/*
 * Attacks on every path that an event changes in a guest of each distribution
 * (guest-setup.md 15.4, 18.1). What those paths are is asked of the event itself, so a
 * path that a distribution gets is attacked from then on.
 */
#include <sys/wait.h>
#include <time.h>

#include "guest_cases.h"

#define SECRET "CANARY-SECRET"
#define SLOW_S 20

/* One guest of each kind of network files and init system, as it is created. */
static const char *const guests[] = {
	"alpine-create",     "arch-create",       "centos6-create",    "centos7-create",
	"centos9-create",    "centos10-create",   "debian12-create",   "devuan-snakeoil",
	"fedora40-create",   "gentoo-create",     "nixos-create",      "openeuler-create",
	"suse-create",       "ubuntu1404-create", "ubuntu1604-create", "ubuntu2204-create",
	"ubuntu2304-create",
};

#define GUESTS (sizeof(guests) / sizeof(guests[0]))

/* A guest and, next to its root, what no event may touch or tell. */
struct scene {
	struct golden golden;
	struct config *config;
	struct idmap map;
	int root, outside;
	struct strbuf canary;
};

static void scene_done(struct scene *scene)
{
	golden_done(&scene->golden);
	config_free(scene->config);
	close_fd(&scene->root);
	close_fd(&scene->outside);
	strbuf_done(&scene->canary);
}

#define auto_scene __attribute__((cleanup(scene_done)))

/* A network interface of every kind, for the paths that a case may lack. */
static const char more_config[] = "hostname: h.example\n"
				  "timezone: UTC\n"
				  "net0: name=eth0,ip=192.0.2.5/24,gw=198.51.100.1,"
				  "ip6=2001:db8::5/64,gw6=2001:db8:9::1\n";

static void scene_init(struct scene *scene, const char *name)
{
	static char key[] = "ssh-ed25519 AAAA\n";

	*scene = (struct scene){ .root = -1, .outside = -1, .canary = STRBUF_INIT };
	if (!load(name, &scene->golden))
		tree_fail("cannot read case", name);
	idmap_default(&scene->map);
	scene->config = config_parse(slice(more_config), 101, NULL);
	scene->root = tree_new(test_dir(), "root");
	scene->outside = tree_new(test_dir(), "outside");
	tree_make(scene->root, scene->golden.tree);
	tree_make(scene->root, slice("== usr/share/zoneinfo/UTC\nz\n== root/\n"));
	tree_puts(scene->outside, "canary", "root:x:0:0:" SECRET ":/:/x\nID=" SECRET "\n");
	tree_read(scene->outside, 0, &scene->canary);
	scene->golden.job.config = scene->config;
	scene->golden.job.map = &scene->map;
	scene->golden.job.ssh_keys = key;
}

static int run_on(struct scene *scene, enum guest_event event, struct notes *notes,
		  struct error *err)
{
	struct guest_job job = scene->golden.job;

	tree_own(scene->root, "", idmap_root(&scene->map, 'u'));
	job.rootfd = scene->root;
	job.event = event;
	return guest_setup(&job, notes, err);
}

/* A line for each entry but directories: path and inode, which a new file has new. */
static void list_files(int root, const char *dir, struct strbuf *out)
{
	auto_close int fd = openat(root, dir[0] ? dir : ".", O_RDONLY | O_DIRECTORY);
	auto_words char **names = tree_names(fd);

	for (char **name = names; *name; name++) {
		auto_free char *path = xasprintf("%s%s%s", dir, dir[0] ? "/" : "", *name);
		struct stat st;

		if (fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
			tree_fail("cannot look at", path);
		if (S_ISDIR(st.st_mode))
			list_files(root, path, out);
		else
			strbuf_addf(out, "%s %lu\n", path, (unsigned long)st.st_ino);
	}
}

static bool has_line(const struct strbuf *lines, struct slice text)
{
	struct slice rest = strbuf_slice(lines), line;

	while (slice_line(&rest, &line))
		if (line.len == text.len && memcmp(line.at, text.at, text.len) == 0)
			return true;
	return false;
}

/* Add the paths whose line of one list the other one lacks. */
static void add_changed(const struct strbuf *from, const struct strbuf *other,
			struct strbuf *paths)
{
	struct slice rest = strbuf_slice(from), line, inode;

	while (slice_line(&rest, &line)) {
		struct slice path = slice_cut(line, ' ', &inode);

		if (!has_line(other, line) && !has_line(paths, path))
			strbuf_addf(paths, SLICE_FMT "\n", SLICE_ARG(path));
	}
}

/* What the two events that write most change in this guest, a path a line. */
static void find_managed(const char *name, struct strbuf *paths)
{
	static const enum guest_event events[] = { GUEST_CREATE, GUEST_START };

	for (size_t i = 0; i < 2; i++) {
		auto_strbuf struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
		auto_scene struct scene scene;
		struct error err;

		scene_init(&scene, name);
		list_files(scene.root, "", &before);
		if (run_on(&scene, events[i], NULL, &err) < 0)
			EXPECT_TEXT(err.text, name);
		list_files(scene.root, "", &after);
		add_changed(&before, &after, paths);
		add_changed(&after, &before, paths);
	}
}

static void put_link(const struct scene *scene, const char *path)
{
	auto_free char *target = xasprintf("%s/outside/canary", test_dir());

	tree_link(scene->root, target, path);
}

static void put_upward_link(const struct scene *scene, const char *path)
{
	auto_free char *target =
		xasprintf("../../../../../../..%s/outside/canary", test_dir());

	tree_link(scene->root, target, path);
}

static void put_fifo(const struct scene *scene, const char *path)
{
	tree_make_special(scene->root, path, true);
}

static void put_directory(const struct scene *scene, const char *path)
{
	auto_free char *inside = xasprintf("%s/x", path);

	tree_puts(scene->root, inside, "x");
}

static void put_sparse(const struct scene *scene, const char *path)
{
	auto_close int fd = -1;

	tree_puts(scene->root, path, "");
	fd = openat(scene->root, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)1 << 40) < 0)
		tree_fail("cannot stretch", path);
}

static const struct {
	const char *name;
	void (*put)(const struct scene *scene, const char *path);
} shapes[] = {
	{ "an absolute link out", put_link },
	{ "a link upwards", put_upward_link },
	{ "a FIFO", put_fifo },
	{ "a directory", put_directory },
	{ "a file of 1 TiB", put_sparse },
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static bool has_leftover(int root)
{
	auto_strbuf struct strbuf files = STRBUF_INIT;

	list_files(root, "", &files);
	return strstr(files.at, ".pct-") != NULL;
}

static bool has_secret(const struct notes *notes, const char *text)
{
	bool has = strstr(text, SECRET) != NULL;

	for (size_t i = 0; i < notes->count; i++)
		has |= strstr(notes->text[i], SECRET) != NULL;
	return has;
}

static void attack(const char *guest, const char *path, size_t shape,
		   enum guest_event event)
{
	auto_free char *told = xasprintf("%s: %s as %s at %s", guest, path,
					 shapes[shape].name, event_names[event]);
	auto_strbuf struct strbuf outside = STRBUF_INIT;
	auto_notes struct notes notes = { 0 };
	auto_scene struct scene scene;
	time_t begin = time(NULL);
	struct error err = { 0 };

	scene_init(&scene, guest);
	if (tree_remove(scene.root, path, &err) < 0)
		tree_fail(err.text, path);
	shapes[shape].put(&scene, path);
	err.text[0] = '\0';
	(void)run_on(&scene, event, &notes, &err);
	tree_read(scene.outside, 0, &outside);
	if (strcmp(outside.at, scene.canary.at) != 0)
		EXPECT_TEXT(told, "an attack that changes nothing outside");
	if (has_leftover(scene.root))
		EXPECT_TEXT(told, "an attack that leaves no temporary file");
	if (has_secret(&notes, err.text))
		EXPECT_TEXT(told, "an attack that is told nothing");
	if (waitpid(-1, NULL, WNOHANG) >= 0 || time(NULL) - begin >= SLOW_S)
		EXPECT_TEXT(told, "an attack that leaves no helper, in time");
}

/* Every shape at every path, the events in turn; both for each with PCT_TEST_ALL=1. */
static void attack_all(const char *guest, const struct strbuf *paths)
{
	struct slice rest = strbuf_slice(paths), line;
	size_t turn = 0;

	while (slice_line(&rest, &line)) {
		auto_free char *path = slice_dup(line);

		for (size_t shape = 0; shape < SHAPES; shape++, turn++) {
			if (turn % 2 || getenv("PCT_TEST_ALL"))
				attack(guest, path, shape, GUEST_START);
			if (turn % 2 == 0 || getenv("PCT_TEST_ALL"))
				attack(guest, path, shape, GUEST_CREATE);
		}
	}
}

TEST("nothing at any path that any distribution's events change leads outside or is read")
{
	if (geteuid() != 0) {
		test_skip("needs root");
		return;
	}
	for (size_t i = 0; i < GUESTS; i++) {
		auto_strbuf struct strbuf paths = STRBUF_INIT;

		find_managed(guests[i], &paths);
		EXPECT(paths.len > 0);
		if (getenv("PCT_DEBUG"))
			printf("# %s:\n%s", guests[i], paths.at);
		attack_all(guests[i], &paths);
	}
}
