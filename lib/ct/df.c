#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "config/store.h"
#include "ct/ct.h"
#include "ct/dftable.h"
#include "ct/guard.h"
#include "ct/monitor.h"
#include "ct/volumes.h"
#include "lxc/command.h"

#define LIMIT_S 3

/* What a child that asks a file system hands back. */
struct answer {
	bool given;
	struct statvfs fs;
};

struct survey {
	const struct config *config;
	const char **keys; /* of the volumes */
	size_t count;
	struct mountpoint *mounts; /* by key */
	struct answer *answers;    /* by key, shared with children */
};

static void survey_done(struct survey *survey)
{
	for (size_t i = 0; i < survey->count; i++)
		mountpoint_done(&survey->mounts[i]);
	free_ptr(&survey->mounts);
	free_ptr(&survey->keys);
}

#define auto_survey __attribute__((cleanup(survey_done)))

/* Entries that cannot be read are left out, as everywhere (runtime.md 1). */
static void survey_init(struct survey *survey, const struct config *config)
{
	const char **keys = config_volume_keys(config);
	struct error ignored;
	size_t all = 0;

	while (keys[all])
		all++;
	*survey = (struct survey){ .config = config, .keys = keys };
	survey->mounts = xcalloc(all + 1, sizeof(*survey->mounts));
	survey->answers = child_shared((all + 1) * sizeof(*survey->answers));
	for (size_t i = 0; i < all; i++)
		if (config_mountpoint(config, keys[i], &survey->mounts[survey->count],
				      &ignored) == 0)
			keys[survey->count++] = keys[i];
}

static const char *path_inside(const struct survey *survey, size_t index)
{
	const char *path = survey->mounts[index].mp;

	return path ? path : "/";
}

struct asking {
	int rootfd;
	const char *path;
	struct answer *answer;
};

/* In a child, as the server of a network file system may never answer. */
static int ask(void *arg, struct error *err)
{
	const struct asking *asking = arg;
	auto_close int fd = -1;

	alarm(LIMIT_S);
	fd = open_in_root(asking->rootfd, asking->path, O_PATH, 0, err);
	if (fd < 0)
		return -1;
	if (fstatvfs(fd, &asking->answer->fs) < 0)
		return fail(err, errno, "cannot ask for the space of '%s'", asking->path);
	asking->answer->given = true;
	return 0;
}

static void ask_all(const struct survey *survey, int rootfd)
{
	for (size_t i = 0; i < survey->count; i++) {
		struct asking asking = { .rootfd = rootfd,
					 .path = path_inside(survey, i),
					 .answer = &survey->answers[i] };
		struct error err;

		if (child_run(ask, &asking, &err) < 0)
			warn_plain("%s: no space is known: %s", survey->keys[i], err.text);
	}
}

static int survey_running(struct survey *survey, struct error *err)
{
	auto_close int rootfd = guest_init_open(survey->config->vmid, "/root", err);

	if (rootfd < 0)
		return -1;
	ask_all(survey, rootfd);
	return 0;
}

/* In a child with mounts of its own, which end with it. */
static int mount_and_ask(void *arg, struct error *err)
{
	const struct survey *survey = arg;
	auto_storages struct storages storages = { 0 };
	auto_notes struct notes notes = { 0 };
	auto_close int rootfd = -1;

	storages_load(&storages, &notes);
	if (mount_private(err) < 0)
		return -1;
	rootfd = volumes_mount(survey->config, &storages, &notes, err);
	warn_notes(&notes);
	if (rootfd < 0)
		return -1;
	ask_all(survey, rootfd);
	return 0;
}

static int survey_stopped(struct config *config, struct survey *survey, struct error *err)
{
	struct error unlocking;
	int status;

	if (ct_check_lock(config, NULL, err) < 0 || ct_wait_gone(config->vmid, 10, err) < 0)
		return -1;
	config_set(config, "lock", "mounted");
	if (config_save(config, err) < 0)
		return -1;
	status = child_run(mount_and_ask, survey, err);
	config_unset(config, "lock");
	if (config_save(config, &unlocking) < 0) {
		warn_plain("%s", unlocking.text);
		return -1;
	}
	return status;
}

static uint64_t bytes(const struct answer *answer, fsblkcnt_t blocks)
{
	return (uint64_t)blocks * answer->fs.f_frsize;
}

/* The answered ones; the texts are the survey's. The caller frees the array. */
static struct df_row *make_rows(const struct survey *survey, size_t *out)
{
	struct df_row *rows = xcalloc(survey->count, sizeof(*rows));
	size_t count = 0;

	for (size_t i = 0; i < survey->count; i++) {
		const struct answer *answer = &survey->answers[i];

		if (!answer->given)
			continue;
		rows[count++] = (struct df_row){
			.key = survey->keys[i],
			.volume = survey->mounts[i].volume,
			.path = path_inside(survey, i),
			.total = bytes(answer, answer->fs.f_blocks),
			.used = bytes(answer, answer->fs.f_blocks - answer->fs.f_bfree),
			.avail = bytes(answer, answer->fs.f_bavail),
		};
	}
	*out = count;
	return rows;
}

/* text and value get the result in their form; either may be NULL. */
static int measure(unsigned vmid, struct strbuf *text, struct json_t **value,
		   struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_config struct config *config = NULL;
	auto_survey struct survey survey = { 0 };
	auto_free struct df_row *rows = NULL;
	size_t count;
	int status;

	if (ct_must_exist(vmid, err) < 0 || lock_config(vmid, 10, &lock, err) < 0 ||
	    ct_load(vmid, &config, err) < 0)
		return -1;
	survey_init(&survey, config);
	status = lxc_is_running(vmid) ? survey_running(&survey, err)
				      : survey_stopped(config, &survey, err);
	if (status < 0)
		return -1;
	rows = make_rows(&survey, &count);
	if (text)
		df_format(rows, count, text);
	if (value)
		*value = df_value(rows, count);
	return 0;
}

int ct_df(unsigned vmid, struct strbuf *out, struct error *err)
{
	return measure(vmid, out, NULL, err);
}

int ct_df_value(unsigned vmid, struct json_t **out, struct error *err)
{
	return measure(vmid, NULL, out, err);
}
