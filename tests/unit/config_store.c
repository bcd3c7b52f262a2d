#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "config/store.h"
#include "test.h"

/* One root for all tests but that of the list; each has ids of its own. */
static void use_root(void)
{
	struct error err;

	EXPECT(path_set_root(test_dir(), &err) == 0);
}

static void given_file(unsigned vmid, const char *text)
{
	auto_free char *path = NULL;
	struct error err;

	use_root();
	EXPECT(config_dir_prepare(&err) == 0);
	path = path_in(PATH_CONFIG, "%u.conf", vmid);
	EXPECT(save_path(path, slice(text), 0640, &err) == 0);
}

static void expect_file(unsigned vmid, const char *want)
{
	auto_free char *path = path_in(PATH_CONFIG, "%u.conf", vmid);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	EXPECT(read_file(AT_FDCWD, path, 1 << 20, &text, &err) == 0);
	EXPECT_TEXT(text.at, want);
}

TEST("ids are 100 to 999999999 without a leading zero")
{
	unsigned vmid = 1;

	EXPECT(vmid_parse(slice("100"), &vmid) && vmid == 100);
	EXPECT(vmid_parse(slice("999999999"), &vmid) && vmid == 999999999);
	EXPECT(!vmid_parse(slice("99"), &vmid));
	EXPECT(!vmid_parse(slice("1000000000"), &vmid));
	EXPECT(!vmid_parse(slice("0100"), &vmid));
	EXPECT(!vmid_parse(slice("abc"), &vmid));
	EXPECT(!vmid_parse(slice(""), &vmid));
	EXPECT(!vmid_parse(slice("100 "), &vmid));
	EXPECT_INT(vmid, 999999999);
}

TEST("a missing container is told by the name of its file, with status 2")
{
	auto_free char *want = NULL;
	struct config *config = NULL;
	struct error err;

	use_root();
	want = xasprintf("Configuration file 'nodes/%s/lxc/555.conf' does not exist",
			 path_node());
	EXPECT(config_load(555, &config, NULL, &err) < 0);
	EXPECT_TEXT(err.text, want);
	EXPECT_INT(err.code, ENOENT);
	EXPECT_INT(err.status, 2);
	EXPECT(config == NULL);
	EXPECT(!config_exists(555));
}

TEST("a container is loaded with the reader's warnings, and saved in canonical form")
{
	auto_config struct config *config = NULL;
	auto_notes struct notes notes = { 0 };
	struct error err;

	given_file(201, "memory:64\nBad: 1\n");
	EXPECT(config_load(201, &config, &notes, &err) == 0);
	EXPECT_INT(notes.count, 1);
	EXPECT_TEXT(config_get(config, "memory"), "64");
	EXPECT(config_save(config, &err) == 0);
	expect_file(201, "memory: 64\n");
}

TEST("a listing loads the main section alone")
{
	auto_config struct config *config = NULL;
	struct error err;

	given_file(210, "memory: 64\n\n[s1]\nmemory: 7\n");
	EXPECT(config_load_main(210, &config, NULL, &err) == 0);
	EXPECT_TEXT(config_get(config, "memory"), "64");
	EXPECT_INT(config->snapshot_count, 0);
}

TEST("saving keeps mode and owner of the file, and a new one is not for all to read")
{
	auto_free char *path = NULL;
	auto_config struct config *config = config_new(202), *fresh = config_new(203);
	struct error err;
	struct stat st;

	given_file(202, "memory: 64\n");
	path = path_in(PATH_CONFIG, "%u.conf", 202);
	EXPECT(chmod(path, 0604) == 0);
	EXPECT(config_save(config, &err) == 0);
	EXPECT(stat(path, &st) == 0 && (st.st_mode & 07777) == 0604);
	EXPECT(config_create(fresh, &err) == 0);
	free(path);
	path = path_in(PATH_CONFIG, "%u.conf", 203);
	EXPECT(stat(path, &st) == 0 && (st.st_mode & 07777) == 0640);
}

TEST("volumes that are mounted are no longer unused when the file is saved")
{
	auto_config struct config *config = NULL;
	struct error err;

	given_file(204, "mp0: local:204/b.raw,mp=/b\nrootfs: local:204/a.raw,size=1G\n"
			"unused0: local:204/a.raw\nunused1: local:204/b.raw\n"
			"unused2: local:204/c.raw\n");
	EXPECT(config_load(204, &config, NULL, &err) == 0);
	EXPECT(config_save(config, &err) == 0);
	expect_file(204, "mp0: local:204/b.raw,mp=/b\nrootfs: local:204/a.raw,size=1G\n"
			 "unused2: local:204/c.raw\n");
	EXPECT_TEXT(config_get(config, "unused0"), "local:204/a.raw");
}

TEST("a value with a line break is refused and the old file stays")
{
	auto_config struct config *config = config_new(205);
	struct error err;

	given_file(205, "memory: 64\n");
	config_set(config, "hostname", "a\nb");
	EXPECT(config_save(config, &err) < 0);
	EXPECT_TEXT(err.text, "205.conf: hostname: value contains a line break");
	expect_file(205, "memory: 64\n");
}

TEST("a container is created once; the second time its id is taken")
{
	auto_config struct config *config = config_new(206);
	auto_free char *want = NULL, *alias = NULL;
	char target[64] = "";
	struct error err;

	use_root();
	config_set(config, "memory", "64");
	EXPECT(config_create(config, &err) == 0);
	config_set(config, "memory", "128");
	EXPECT(config_create(config, &err) < 0);
	want = xasprintf("CT 206 already exists on node '%s'", path_node());
	EXPECT_TEXT(err.text, want);
	EXPECT_INT(err.code, EEXIST);
	expect_file(206, "memory: 64\n");
	alias = path_in(PATH_NODES, "%s/lxc", path_node());
	EXPECT(readlink(alias, target, sizeof(target) - 1) > 0);
	EXPECT_TEXT(target, "../../lxc");
}

#define CREATORS 8

/* In a process of its own: the exit status tells whether it won. */
static void create_and_exit(int number, int start)
{
	auto_config struct config *config = config_new(207);
	auto_free char *memory = xasprintf("%d", 100 + number);
	struct error err;
	char go;

	config_set(config, "memory", memory);
	if (read(start, &go, 1) != 0) /* all start when the other end is closed */
		_exit(2);
	_exit(config_create(config, &err) == 0 ? 0 : err.code == EEXIST ? 1 : 2);
}

TEST("of several creators of one container exactly one wins, and leaves a whole file")
{
	auto_config struct config *config = NULL;
	int start[2], status, won = 0, lost = 0;
	struct error err;

	use_root();
	EXPECT(config_dir_prepare(&err) == 0 && pipe2(start, O_CLOEXEC) == 0);
	for (int i = 0; i < CREATORS; i++)
		if (fork() == 0) {
			close(start[1]);
			create_and_exit(i, start[0]);
		}
	close(start[0]);
	close(start[1]);
	for (int i = 0; i < CREATORS && wait(&status) > 0; i++) {
		won += WIFEXITED(status) && WEXITSTATUS(status) == 0;
		lost += WIFEXITED(status) && WEXITSTATUS(status) == 1;
	}
	EXPECT_INT(won, 1);
	EXPECT_INT(lost, CREATORS - 1);
	EXPECT(config_load(207, &config, NULL, &err) == 0);
	EXPECT(config && config_int(config, "memory") >= 100);
}

TEST("the list has the ids of well-named files, ascending")
{
	auto_free unsigned *ids = NULL;
	auto_free char *root = xasprintf("%s/list", test_dir());
	size_t count = 9;
	struct error err;

	EXPECT(mkdir(root, 0755) == 0 && path_set_root(root, &err) == 0);
	EXPECT(config_list(&ids, &count, &err) == 0);
	EXPECT_INT(count, 0);
	free_ptr(&ids);
	for (unsigned i = 0; i < 5; i++) {
		static const char *const names[] = { "1000.conf", "100.conf", "0101.conf",
						     "102.conf.tmp.1", "99.conf" };
		auto_free char *path = NULL;

		EXPECT(config_dir_prepare(&err) == 0);
		path = path_in(PATH_CONFIG, "%s", names[i]);
		EXPECT(save_path(path, slice(""), 0640, &err) == 0);
	}
	EXPECT(config_list(&ids, &count, &err) == 0);
	EXPECT_INT(count, 2);
	EXPECT(count == 2 && ids[0] == 100 && ids[1] == 1000);
}

TEST("removing a container's file twice is fine")
{
	struct error err;

	given_file(208, "");
	EXPECT(config_exists(208));
	EXPECT(config_remove(208, &err) == 0);
	EXPECT(config_remove(208, &err) == 0);
	EXPECT(!config_exists(208));
}

/* 4194305 is above the highest pid of Linux. */
TEST("removing a container's file removes what a killed writer left, once it is old")
{
	auto_free char *left = NULL;
	const struct timespec old[] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	struct error err;

	given_file(212, "");
	left = path_in(PATH_CONFIG, "212.conf.tmp.4194305");
	EXPECT(save_path(left, slice(""), 0640, &err) == 0);
	EXPECT(config_remove(212, &err) == 0);
	EXPECT(path_exists(left));
	EXPECT(utimensat(AT_FDCWD, left, old, 0) == 0);
	EXPECT(config_remove(212, &err) == 0);
	EXPECT(!path_exists(left));
}

TEST("a symlink in place of the file is not followed")
{
	auto_free char *path = NULL;
	struct config *config = NULL;
	struct error err;

	use_root();
	EXPECT(config_dir_prepare(&err) == 0);
	path = path_in(PATH_CONFIG, "%u.conf", 209);
	EXPECT(symlink("/etc/passwd", path) == 0);
	EXPECT(config_load(209, &config, NULL, &err) < 0);
	EXPECT(err.code == ELOOP && config == NULL);
}
