#include "template/template.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/own.h"

#include "test.h"

static char *recipe_with(const char *text)
{
	char *path = xasprintf("%s/recipe", test_dir());
	struct error err;

	if (save_path(path, slice(text), 0755, &err) < 0 || chmod(path, 0755) < 0)
		EXPECT_TEXT(err.text, "");
	return path;
}

static char *fresh_dir(const char *name)
{
	char *path = xasprintf("%s/%s", test_dir(), name);

	EXPECT(mkdir(path, 0755) == 0);
	return path;
}

static int entries(const char *path)
{
	auto_dir DIR *dir = opendir(path);
	int count = -2;

	while (dir && readdir(dir))
		count++;
	return count;
}

static bool can_run(void)
{
	if (geteuid() != 0)
		test_skip("needs root");
	return geteuid() == 0;
}

TEST("a recipe's one archive is delivered, and its work directory is gone")
{
	auto_free char *dir = NULL, *recipe = NULL, *name = NULL, *path = NULL;
	struct error err = { 0 };
	struct stat st;

	if (!can_run())
		return;
	dir = fresh_dir("good");
	recipe =
		recipe_with("#!/bin/sh\nset -e\n[ -z \"$(ls)\" ]\nmkdir out left\n"
			    "echo data >out/a_1_amd64.tar.zst\nmount -t tmpfs none left\n");
	EXPECT(recipe_build(recipe, dir, &name, &err) == 0);
	EXPECT_TEXT(err.text, "");
	EXPECT_TEXT(name, "a_1_amd64.tar.zst");
	path = xasprintf("%s/a_1_amd64.tar.zst", dir);
	EXPECT(stat(path, &st) == 0 && (st.st_mode & 07777) == 0644);
	EXPECT_INT(entries(dir), 1);
}

static void expect_refusal(const char *dirname, const char *script, const char *message)
{
	auto_free char *dir = fresh_dir(dirname), *recipe = recipe_with(script),
		       *name = NULL;
	struct error err = { 0 };

	EXPECT(recipe_build(recipe, dir, &name, &err) < 0);
	EXPECT_TEXT(strstr(err.text, message), message);
	EXPECT_INT(entries(dir), 0);
	EXPECT(name == NULL);
}

TEST("a recipe that fails, or makes not exactly one archive, leaves nothing")
{
	if (!can_run())
		return;
	expect_refusal("fails", "#!/bin/sh\nmkdir out\n: >out/a.tar.zst\nexit 3\n",
		       "failed: exit code 3");
	expect_refusal("none", "#!/bin/sh\nexit 0\n", "the recipe made no archive");
	expect_refusal("empty", "#!/bin/sh\nmkdir out\n", "the recipe made no archive");
	expect_refusal("two", "#!/bin/sh\nmkdir out\n: >out/a.tar\n: >out/b.tar\n",
		       "the recipe made more than one archive");
	expect_refusal("name", "#!/bin/sh\nmkdir out\n: >'out/a b.tar'\n",
		       "the recipe made a file with an unusable name");
	expect_refusal("suffix", "#!/bin/sh\nmkdir out\n: >out/a.zip\n",
		       "file does not look like a template archive: a.zip");
	expect_refusal("link", "#!/bin/sh\nmkdir out\nln -s /etc/passwd out/a.tar\n",
		       "the recipe's 'a.tar' is not a regular file");
	expect_refusal("outlink", "#!/bin/sh\nln -s /etc out\n",
		       "the recipe made no archive");
}

static pid_t start_build(const char *recipe, const char *dir)
{
	auto_free char *name = NULL, *mark = xasprintf("%s/started", test_dir());
	struct error err = { 0 };
	pid_t pid = fork();

	if (pid == 0) {
		interrupt_catch();
		_exit(recipe_build(recipe, dir, &name, &err) < 0 &&
				      strcmp(err.text, "received interrupt") == 0
			      ? 0
			      : 1);
	}
	for (int i = 0; i < 500 && access(mark, F_OK) < 0; i++)
		usleep(10000);
	EXPECT(unlink(mark) == 0);
	return pid;
}

static char *endless_recipe(void)
{
	auto_free char *text = xasprintf("#!/bin/sh\nmkdir left\nmount -t tmpfs none left\n"
					 "sleep 4711 &\n: >'%s/started'\nsleep 4711\n",
					 test_dir());

	return recipe_with(text);
}

TEST("an interrupted build ends its recipe, all that it started, and its directory")
{
	auto_free char *dir = NULL, *recipe = NULL;
	int status = -1;
	pid_t pid;

	if (!can_run())
		return;
	dir = fresh_dir("interrupted");
	recipe = endless_recipe();
	pid = start_build(recipe, dir);
	kill(pid, SIGTERM);
	EXPECT(waitpid(pid, &status, 0) == pid);
	EXPECT_INT(status, 0);
	EXPECT_INT(entries(dir), 0);
	EXPECT(system("pgrep -f '^sleep 4711$' >/dev/null") != 0);
}

TEST("what a killed build left is removed by the next one")
{
	auto_free char *dir = NULL, *recipe = NULL, *name = NULL, *good = NULL;
	struct error err = { 0 };
	pid_t pid;

	if (!can_run())
		return;
	dir = fresh_dir("killed");
	recipe = endless_recipe();
	pid = start_build(recipe, dir);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	EXPECT_INT(entries(dir), 1);
	for (int i = 0; i < 500 && system("pgrep -f '^sleep 4711$' >/dev/null") == 0; i++)
		usleep(10000);
	EXPECT(system("pgrep -f '^sleep 4711$' >/dev/null") != 0);
	good = recipe_with("#!/bin/sh\nmkdir out\necho x >out/b.tar\n");
	EXPECT(recipe_build(good, dir, &name, &err) == 0);
	EXPECT_TEXT(err.text, "");
	EXPECT_INT(entries(dir), 1);
}
