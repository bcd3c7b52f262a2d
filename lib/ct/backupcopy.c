#include "ct/backupcopy.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "config/backupname.h"
#include "ct/monitor.h"
#include "lxc/command.h"
#include "mount/mount.h"
#include "mount/workroot.h"

#define NFS_MAGIC 0x6969
#define VANISHED  24 /* exit status of rsync: files went while it looked */

struct copying {
	const struct backup_guest *guest;
	const char *key, *path; /* of the volume; "" for the root */
	char **argv;
	bool may_vanish;
	uint64_t *transferred; /* shared with the child */
};

struct words {
	char **at;
	size_t count;
};

static void add(struct words *words, char *text)
{
	words->at = xreallocarray(words->at, words->count + 2, sizeof(*words->at));
	words->at[words->count++] = text;
	words->at[words->count] = NULL;
}

/* A path as a pattern that matches only it. */
static void add_escaped(const char *path, struct strbuf *out)
{
	for (; *path; path++) {
		if (strchr("*?[\\", *path))
			strbuf_addc(out, '\\');
		strbuf_addc(out, *path);
	}
}

/* What is mounted below the root is another source, or none at all. */
static void add_mount_points(const struct config *config, struct words *words)
{
	auto_free const char **keys = config_volume_keys(config);

	for (size_t i = 0; keys[i]; i++) {
		auto_mountpoint struct mountpoint mp = { 0 };
		auto_strbuf struct strbuf pattern = STRBUF_INIT;
		struct error ignored;

		if (config_mountpoint(config, keys[i], &mp, &ignored) < 0 || !mp.mp)
			continue;
		strbuf_adds(&pattern, "--exclude=");
		if (mp.mp[0] != '/')
			strbuf_addc(&pattern, '/');
		add_escaped(mp.mp, &pattern);
		strbuf_adds(&pattern, "/*");
		add(words, strbuf_take(&pattern));
	}
}

static bool is_on_nfs(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 && (unsigned long)fs.f_type == NFS_MAGIC;
}

/* path: "srv/data" of a mount point, or "" for the root. */
static char **make_arguments(const struct backup_guest *guest, const char *path)
{
	static const char *const fixed[] = {
		"rsync",
		"--archive",
		"--hard-links",
		"--numeric-ids",
		"--sparse",
		"--delete",
		"--no-whole-file",
		"--one-file-system",
		"--relative",
		"--no-implied-dirs",
		"--no-human-readable",
		"--stats",
	};
	const struct backup_job *job = guest->job;
	struct words words = { 0 };

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		add(&words, xstrdup(fixed[i]));
	if (!is_on_nfs(guest->tmpdir)) {
		add(&words, xstrdup("--xattrs"));
		add(&words, xstrdup("--acls"));
	}
	if (job->options->bwlimit > 0)
		add(&words, xasprintf("--bwlimit=%lld", job->options->bwlimit));
	for (char *const *pattern = job->patterns; *pattern; pattern++)
		add(&words, xasprintf("--exclude=%s", *pattern));
	if (!path[0])
		add_mount_points(guest->config, &words);
	add(&words, xasprintf("/source/./%s", path));
	add(&words, xstrdup("/target/"));
	return words.at;
}

/* The sum is wanted; of the rest what went wrong. */
static void take_line(void *arg, struct slice line)
{
	static const char sum[] = "Total transferred file size: ";
	const struct copying *copying = arg;
	struct slice rest;
	uint64_t bytes;

	if (slice_starts(line, sum)) {
		line = slice_cut(slice_from(line, strlen(sum)), ' ', &rest);
		if (slice_number(line, 0, UINT64_MAX, &bytes))
			*copying->transferred += bytes;
	} else if (slice_starts(line, "rsync") || slice_starts(line, "file has vanished")) {
		backup_log(&copying->guest->job->log, BACKUP_INFO, SLICE_FMT,
			   SLICE_ARG(line));
	}
}

static int run_rsync(const struct copying *copying, struct error *err)
{
	const struct backup_listener listener = { take_line, (void *)(uintptr_t)copying };
	int status = backup_run_program(
		&copying->guest->job->log, &listener,
		&(struct process){ .argv = (const char *const *)copying->argv }, err);

	if (status <= 0 || (status == VANISHED && copying->may_vanish))
		return status < 0 ? -1 : 0;
	return fail(err, 0, "rsync failed: exit code %d", status);
}

/* In a child, whose mounts and root file system end with it. */
static int copy_volume(void *arg, struct error *err)
{
	const struct copying *copying = arg;
	const struct backup_guest *guest = copying->guest;
	auto_free char *copy = xasprintf("%s/copy", guest->tmpdir);
	auto_free char *root = xasprintf("%s/root", guest->tmpdir);
	auto_guest_processes struct guest_processes processes = GUEST_PROCESSES_INIT;
	auto_close int volume = -1, target = -1;

	if (guest_processes_open(guest->vmid, &processes, err) < 0 ||
	    mount_private(err) < 0)
		return -1;
	volume = workroot_volume(processes.monitor, copying->key, err);
	target = volume < 0 ? -1 : open_dir(copy, err);
	if (target < 0 || workroot_enter(root, volume, copying->path, target, err) < 0)
		return -1;
	return run_rsync(copying, err);
}

static int copy_key(const struct backup_guest *guest, const char *key, const char *path,
		    enum backup_pass pass, uint64_t *transferred, struct error *err)
{
	auto_words char **argv = make_arguments(guest, path);
	struct copying copying = { .guest = guest,
				   .key = key,
				   .path = path,
				   .argv = argv,
				   .may_vanish = pass == BACKUP_FIRST,
				   .transferred = transferred };

	return child_run(copy_volume, &copying, err) < 0 ? fail_in(err, "%s", key) : 0;
}

static int copy_all(const struct backup_guest *guest, enum backup_pass pass,
		    uint64_t *transferred, struct error *err)
{
	for (size_t i = 0; guest->keys[i]; i++)
		if (copy_key(guest, guest->keys[i], i ? guest->mount_points[i - 1] : "",
			     pass, transferred, err) < 0)
			return -1;
	return 0;
}

int backup_copy(const struct backup_guest *guest, enum backup_pass pass, struct error *err)
{
	const char *name = pass == BACKUP_FIRST ? "first" : "final";
	uint64_t *transferred = child_shared(sizeof(*transferred));
	auto_strbuf struct strbuf amount = STRBUF_INIT;
	int64_t start = clock_ms();
	pid_t init;

	if (lxc_get_init_pid(guest->vmid, &init, err) < 0)
		return -1;
	backup_log(&guest->job->log, BACKUP_INFO, "starting %s sync /proc/%d/root/ to %s",
		   name, (int)init, guest->tmpdir);
	if (copy_all(guest, pass, transferred, err) < 0)
		return -1;
	backup_amount(*transferred, &amount);
	backup_log(&guest->job->log, BACKUP_INFO,
		   "%s sync finished - transferred %s in %llds", name, amount.at,
		   (long long)((clock_ms() - start) / 1000));
	return 0;
}
