/*
 * The stage of hostile guests, for the tests of lib/guest: a root that an attacker made,
 * next to a canary tree that no run may change, nor tell a word of.
 */
#pragma once

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "guest/guest.h"
#include "guest_tree.h"
#include "test.h"

#define SECRET "CANARY-SECRET"

static const char conf[] = "hostname: h.example\nostype: debian\ntimezone: UTC\n"
			   "net0: name=eth0,bridge=vmbr0,ip=192.0.2.5/24\n";

/* The two trees: what the guest controls, and what nobody may touch. */
struct stage {
	int root, outside;
	char *outside_path;
	struct strbuf canary;
};

static void stage_done(struct stage *stage)
{
	close_fd(&stage->root);
	close_fd(&stage->outside);
	free(stage->outside_path);
	strbuf_done(&stage->canary);
}

#define auto_stage __attribute__((cleanup(stage_done)))

static void build_guest(int root)
{
	tree_make(root, slice("== etc/os-release\nID=debian\n== etc/debian_version\n12.1\n"
			      "== sbin/init -> /lib/systemd/systemd\n"
			      "== lib/systemd/systemd elf libsystemd-shared-252.so\n"
			      "== lib/systemd/system/container-getty@.service\npts/%I\n"
			      "== bin/sh elf -\n"
			      "== etc/systemd/system/getty.target.wants/\n"
			      "== etc/hosts\n127.0.0.1 localhost\n"
			      "== etc/inittab\n1:2:respawn:/sbin/getty x\n"
			      "== etc/passwd\nroot:x:0:0:root:/root:/bin/sh\n"
			      "== etc/shadow 0600\nroot:*:1:0:::::\n"
			      "== etc/crontab\n1 2 3 4 5 root x\n"
			      "== etc/cron.d/job\n1 2 3 4 5 root x\n"
			      "== etc/machine-id\nabc\n== var/lib/dbus/machine-id\nabc\n"
			      "== etc/timezone\nx\n== usr/share/zoneinfo/UTC\nz\n"
			      "== etc/network/interfaces\nauto lo\n"
			      "== etc/ssl/private/ssl-cert-snakeoil.key\nk\n"
			      "== root/.ssh/authorized_keys\nssh-rsa A\n"));
}

static void build_outside(int outside)
{
	static const char *const files[] = { "canary",     "hosts",          "hostname",
					     "interfaces", "debian_version", "os-release",
					     "passwd" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		tree_puts(outside, files[i],
			  "root:x:0:0:" SECRET ":/root:/bin/sh\nID=" SECRET "\n");
}

static TREE_UNUSED struct stage stage_new(void)
{
	struct stage stage = {
		.root = tree_new(test_dir(), "root"),
		.outside = tree_new(test_dir(), "outside"),
		.outside_path = xasprintf("%s/outside", test_dir()),
		.canary = STRBUF_INIT,
	};

	build_guest(stage.root);
	build_outside(stage.outside);
	tree_read(stage.outside, 0, &stage.canary);
	return stage;
}

/* Remove what is at path, to put something else there. */
static TREE_UNUSED void clear(const struct stage *stage, const char *path)
{
	struct error err;

	if (tree_remove(stage->root, path, &err) < 0)
		tree_fail(err.text, path);
}

static bool has_leftover(int dir)
{
	auto_words char **names = tree_names(dir);

	for (char **name = names; *name; name++) {
		auto_close int fd = openat(dir, *name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

		if (strstr(*name, ".pct-") || (fd >= 0 && has_leftover(fd)))
			return true;
	}
	return false;
}

static TREE_UNUSED void expect_safe(const struct stage *stage, const char *attack)
{
	auto_strbuf struct strbuf outside = STRBUF_INIT;

	tree_read(stage->outside, 0, &outside);
	if (strcmp(outside.at, stage->canary.at) != 0)
		EXPECT_TEXT(attack, "an attack that changes nothing outside");
	if (has_leftover(stage->root))
		EXPECT_TEXT(attack, "an attack that leaves no temporary file");
	if (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD)
		EXPECT_TEXT(attack, "an attack that leaves no helper");
}

/* One event; 0 or -1, and err. */
static TREE_UNUSED int run(int root, const struct idmap *map, enum guest_event event,
			   const char *text, const char *attack, struct error *err)
{
	static char search[] = "lan.example", servers[] = "192.0.2.53";
	const struct guest_facts facts = {
		.search = search, .nameservers = servers, .days = 1, .cgroup_v2 = 1
	};
	auto_config struct config *config = config_parse(slice(text), 101, NULL);
	auto_notes struct notes notes = { 0 };
	struct guest_os os = { 0 };
	const struct guest_job job = { .rootfd = root,
				       .map = map,
				       .config = config,
				       .facts = &facts,
				       .event = event,
				       .password_hash = "$6$a$b",
				       .ssh_keys = "ssh-ed25519 AAAA\n" };
	int status = 0;

	if (event == GUEST_CREATE)
		status = guest_detect(root, map, config, &os, &notes, err);
	if (status == 0)
		status = guest_setup(&job, &notes, err);
	for (size_t i = 0; i < notes.count; i++)
		if (strstr(notes.text[i], SECRET))
			EXPECT_TEXT(attack, "an attack that is told nothing");
	if (status < 0 && strstr(err->text, SECRET))
		EXPECT_TEXT(attack, "an attack that is told nothing");
	return status;
}

static TREE_UNUSED bool is_root(void)
{
	if (geteuid() == 0)
		return true;
	test_skip("needs root");
	return false;
}

/* From here on the test program has mounts of its own, gone with it. */
static TREE_UNUSED bool private_mounts(void)
{
	static bool done;

	if (!is_root())
		return false;
	done = done || (unshare(CLONE_NEWNS) == 0 &&
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	if (!done)
		test_skip("cannot make a mount namespace");
	return done;
}
