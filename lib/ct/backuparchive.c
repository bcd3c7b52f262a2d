#include "ct/backuparchive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "config/backupname.h"
#include "ct/volumes.h"
#include "mount/mount.h"
#include "template/pack.h"

#define WORDS_MAX 4

/* How an archive is compressed: the program, and the number that one of its words takes. */
struct compressor {
	const char *name; /* of the option compress */
	const char *extension;
	const char *program, *package; /* NULL: none */
	const char *words[WORDS_MAX];
};

static const struct compressor compressors[] = {
	{ "0", ".tar", NULL, NULL, { NULL } },
	{ "1", ".tar.lzo", "lzop", "lzop", { "-c", NULL } },
	{ "lzo", ".tar.lzo", "lzop", "lzop", { "-c", NULL } },
	{ "gzip", ".tar.gz", "gzip", "gzip", { "-c", "--rsyncable", NULL } },
	{ "zstd", ".tar.zst", "zstd", "zstd", { "-c", "-q", NULL } },
};

static const struct compressor pigz = {
	"gzip", ".tar.gz", "pigz", "pigz", { "-c", "--rsyncable", NULL }
};

static const struct compressor *find_compressor(const struct backup_options *options)
{
	size_t at = 0;

	if (strcmp(options->compress, "gzip") == 0 && options->pigz > 0)
		return &pigz;
	while (strcmp(compressors[at].name, options->compress) != 0)
		at++;
	return &compressors[at];
}

const char *backup_extension(const struct backup_options *options)
{
	return find_compressor(options)->extension;
}

static bool is_installed(const char *program)
{
	struct slice rest = slice(PROCESS_PATH);
	bool found = false;

	while (rest.at && !found) {
		struct slice dir = slice_cut(rest, ':', &rest);
		auto_free char *path = xasprintf(SLICE_FMT "/%s", SLICE_ARG(dir), program);

		found = access(path, X_OK) == 0;
	}
	return found;
}

int backup_program_check(const char *program, const char *package, struct error *err)
{
	if (is_installed(program))
		return 0;
	return fail(err, 0, "program '%s' is not installed (package '%s')", program,
		    package);
}

int backup_compressor_check(const struct backup_options *options, struct error *err)
{
	const struct compressor *compressor = find_compressor(options);

	return compressor->program
		       ? backup_program_check(compressor->program, compressor->package, err)
		       : 0;
}

/* half: the number that stands for half of the processors. */
static long long threads(long long number, long long half)
{
	return number == half ? (sysconf(_SC_NPROCESSORS_ONLN) + 1) / 2 : number;
}

/* The word with the number of threads; the caller frees it. */
static char *thread_word(const struct compressor *compressor,
			 const struct backup_options *options)
{
	if (compressor == &pigz)
		return xasprintf("-p%lld", threads(options->pigz, 1));
	if (strcmp(compressor->name, "zstd") == 0)
		return xasprintf("--threads=%lld", threads(options->zstd, 0));
	return NULL;
}

static pid_t start_compressor(const struct backup_options *options, int in, int out,
			      int log_fd, struct error *err)
{
	const struct compressor *compressor = find_compressor(options);
	auto_free char *number = thread_word(compressor, options);
	const char *argv[WORDS_MAX + 3] = { compressor->program };
	size_t at = 1;

	for (size_t i = 0; compressor->words[i]; i++)
		argv[at++] = compressor->words[i];
	argv[at] = number;
	return process_start(&(struct process){ .argv = argv,
						.stdin_fd = in,
						.stdout_fd = out,
						.stderr_fd = log_fd },
			     err);
}

/* The text up to the first section: no pending changes, no snapshots. */
static struct slice main_section(struct slice text)
{
	struct slice rest = text, line;

	while (slice_line(&rest, &line))
		if (slice_starts(line, "["))
			return slice_trim(slice_of(text.at, (size_t)(line.at - text.at)));
	return slice_trim(text);
}

static int save_config(const struct backup_guest *guest, const char *dir, struct error *err)
{
	auto_config struct config *config = config_copy(guest->config);
	auto_free char *path = xasprintf("%s/pct.conf", dir);
	auto_strbuf struct strbuf text = STRBUF_INIT;

	config_unset(config, "lock");
	config_unset(config, "parent");
	if (config_format(config, &text, err) < 0)
		return -1;
	strbuf_cut(&text, main_section(strbuf_slice(&text)).len);
	strbuf_addc(&text, '\n');
	return save_path(path, strbuf_slice(&text), 0644, err);
}

static int save_firewall(const struct backup_guest *guest, const char *dir,
			 struct error *err)
{
	auto_free char *from = path_in(PATH_FIREWALL, "%u.fw", guest->vmid);
	auto_free char *to = xasprintf("%s/pct.fw", dir);
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (path_exists(from) && read_file(AT_FDCWD, from, 16 << 20, &text, err) < 0)
		return -1;
	return save_path(to, strbuf_slice(&text), 0644, err);
}

/* What is no part of the guest's tree. */
static int assemble(const struct backup_guest *guest, struct error *err)
{
	auto_free char *dir = xasprintf("%s/etc/vzdump", guest->tmpdir);

	return make_dirs(dir, 0755, err) < 0 || save_config(guest, dir, err) < 0 ||
			       save_firewall(guest, dir, err) < 0
		       ? -1
		       : 0;
}

/* What the child that packs is told: whatever it mounts ends with it. */
struct packing_job {
	const struct backup_guest *guest;
	int out;
};

static int open_own(const struct backup_guest *guest, const char *name, struct error *err)
{
	auto_free char *path = xasprintf("%s/etc/vzdump/%s", guest->tmpdir, name);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 ? fd : fail(err, errno, "cannot open '%s'", path);
}

/* The volumes in the backup, as they would be mounted for a start; a template's are
 * never written to. */
static int plan_volumes(const struct backup_guest *guest, struct mount_plan *plan,
			struct error *err)
{
	auto_config struct config *config = config_copy(guest->config);
	auto_free const char **keys = config_volume_keys(guest->config);
	bool is_template = config_bool(guest->config, "template");
	auto_notes struct notes notes = { 0 };

	for (size_t i = 0, kept = 0; keys[i]; i++) {
		auto_strbuf struct strbuf value = STRBUF_INIT;
		const char *text = config_get(guest->config, keys[i]);

		if (!guest->keys[kept] || strcmp(keys[i], guest->keys[kept]) != 0) {
			config_unset(config, keys[i]);
			continue;
		}
		kept++;
		if (!is_template)
			continue;
		if (group_with(slice(text), i ? mp_props : rootfs_props, "ro", "1", &value,
			       err) < 0)
			return -1;
		config_set(config, keys[i], value.at);
	}
	if (volumes_plan(config, &guest->job->storages, 0, plan, &notes, err) < 0)
		return -1;
	for (size_t i = 0; i < notes.count; i++)
		backup_log(&guest->job->log, BACKUP_WARN, "%s", notes.text[i]);
	return 0;
}

static bool is_empty(const char *dir)
{
	/* Any other one cannot be removed. */
	return rmdir(dir) == 0 || errno == ENOENT;
}

/* The directory is the usual one, and what somebody keeps there must not be hidden. */
static int mount_volumes(const struct backup_guest *guest, struct error *err)
{
	auto_free char *root = path_in(PATH_HOST, "mnt/vzsnap0");
	auto_mount_plan struct mount_plan plan = { 0 };

	if (!is_empty(root))
		return fail(err, 0, "'%s' is not an empty directory", root);
	if (make_dirs(root, 0755, err) < 0 || path_make(PATH_LXC, err) < 0 ||
	    mount_private(err) < 0 || plan_volumes(guest, &plan, err) < 0)
		return -1;
	return mount_apply(&plan, root, err);
}

static int open_source(const struct backup_guest *guest, struct error *err)
{
	auto_free char *copy = xasprintf("%s/copy", guest->tmpdir);

	return guest->mode == BACKUP_SUSPEND ? open_dir(copy, err)
					     : mount_volumes(guest, err);
}

/* The copy is without them already; what only the host may read is not the guest's. */
static char **make_patterns(const struct backup_guest *guest)
{
	char *const *given = guest->mode == BACKUP_SUSPEND ? NULL : guest->job->patterns;
	size_t count = 0, at = 0;
	char **patterns;

	while (given && given[count])
		count++;
	patterns = xcalloc(count + 2, sizeof(*patterns));
	if (guest->map.count > 0)
		patterns[at++] = xstrdup("lost+found");
	for (size_t i = 0; i < count; i++) {
		if (slice_ends(slice(given[i]), "/"))
			backup_log(
				&guest->job->log, BACKUP_WARN,
				"tar does not match exclusion with a trailing slash '%s'",
				given[i]);
		patterns[at++] = xstrdup(given[i]);
	}
	return patterns;
}

static pid_t start_pack(const struct packing_job *packing, int out, int log_fd,
			struct error *err)
{
	const struct backup_guest *guest = packing->guest;
	char **mount_points = guest->mode == BACKUP_SUSPEND ? NULL : guest->mount_points;
	long long bwlimit = guest->job->options->bwlimit;
	auto_words char **patterns = make_patterns(guest);
	auto_close int source = open_source(guest, err);
	auto_close int config = -1, firewall = -1;

	if (source < 0)
		return -1;
	config = open_own(guest, "pct.conf", err);
	firewall = config < 0 ? -1 : open_own(guest, "pct.fw", err);
	if (firewall < 0)
		return -1;
	return pack_start(
		&(struct pack){ .rootfd = source,
				.config_fd = config,
				.firewall_fd = firewall,
				.out_fd = out,
				.log_fd = log_fd,
				.map = &guest->map,
				.bwlimit_kib = bwlimit > 0 ? (uint64_t)bwlimit : 0,
				.mount_points = (const char *const *)mount_points,
				.patterns = (const char *const *)patterns },
		err);
}

struct pipeline {
	pid_t pids[3]; /* pct-pack, the compressor; ended by 0 */
	int log;       /* where both can be heard */
};

/* A failure leaves what was started to be waited for. */
static int start_pipeline(const struct packing_job *packing, struct pipeline *pipeline,
			  struct error *err)
{
	const struct backup_options *options = packing->guest->job->options;
	auto_close int reading = -1, writing = -1, log_fd = -1;
	int fds[2], logs[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(err, errno, "cannot create a pipe");
	reading = fds[0];
	writing = fds[1];
	if (pipe2(logs, O_CLOEXEC) < 0)
		return fail(err, errno, "cannot create a pipe");
	pipeline->log = logs[0];
	log_fd = logs[1];
	if (!find_compressor(options)->program) {
		pipeline->pids[0] = start_pack(packing, packing->out, log_fd, err);
		return pipeline->pids[0] < 0 ? -1 : 0;
	}
	pipeline->pids[0] = start_pack(packing, writing, log_fd, err);
	if (pipeline->pids[0] < 0)
		return -1;
	pipeline->pids[1] = start_compressor(options, reading, packing->out, log_fd, err);
	return pipeline->pids[1] < 0 ? -1 : 0;
}

/* The first one that failed is told. */
static int wait_pipeline(struct pipeline *pipeline, const char *compressor,
			 struct error *err)
{
	int result = 0;

	for (size_t i = 0; i < 2 && pipeline->pids[i] > 0; i++) {
		struct error ignored;
		int status = process_wait(pipeline->pids[i], result ? &ignored : err);

		if (status > 0 && result == 0)
			fail(err, 0, "'%s' failed: exit code %d",
			     i ? compressor : "pct-pack", status);
		if (status != 0)
			result = -1;
	}
	return result;
}

static int pack(void *arg, struct error *err)
{
	const struct packing_job *packing = arg;
	const struct backup_job *job = packing->guest->job;
	struct pipeline pipeline = { .log = -1 };
	auto_close int log_fd = -1;
	struct error ignored;
	int status = start_pipeline(packing, &pipeline, err);

	log_fd = pipeline.log;
	if (status == 0)
		status = backup_listen(&job->log, NULL, log_fd, pipeline.pids, err);
	if (wait_pipeline(&pipeline, find_compressor(job->options)->program,
			  status < 0 ? &ignored : err) < 0)
		status = -1;
	return backup_interrupted(err) < 0 ? -1 : status;
}

static int stream(const struct backup_guest *guest, struct error *err)
{
	struct packing_job packing = { .guest = guest, .out = guest->job->archive_fd };

	backup_log(&guest->job->log, BACKUP_INFO, "sending archive to stdout");
	return child_run(pack, &packing, err);
}

/* Only what is on the disk as a whole gets its name. */
static int finish_file(const struct backup_guest *guest, int fd, struct error *err)
{
	auto_strbuf struct strbuf size = STRBUF_INIT;
	auto_close int dir = -1;
	struct stat st;

	if (fsync(fd) < 0 || fstat(fd, &st) < 0)
		return fail(err, errno, "cannot write '%s'", guest->part);
	if (rename(guest->part, guest->target) < 0)
		return fail(err, errno, "unable to rename '%s' to '%s'", guest->part,
			    guest->target);
	dir = open_dir(guest->job->dumpdir, err);
	if (dir < 0 || fsync(dir) < 0)
		debug("cannot sync '%s'", guest->job->dumpdir);
	backup_size((uint64_t)st.st_size, &size);
	backup_log(&guest->job->log, BACKUP_INFO, "archive file size: %s", size.at);
	return 0;
}

static int write_file(const struct backup_guest *guest, struct error *err)
{
	auto_close int fd = open(
		guest->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	struct packing_job packing = { .guest = guest, .out = fd };

	if (fd < 0)
		return fail(err, errno, "cannot create '%s'", guest->part);
	backup_log(&guest->job->log, BACKUP_INFO, "creating vzdump archive '%s'",
		   guest->target);
	return child_run(pack, &packing, err) < 0 ? -1 : finish_file(guest, fd, err);
}

int backup_archive(const struct backup_guest *guest, struct error *err)
{
	if (assemble(guest, err) < 0)
		return -1;
	return guest->target ? write_file(guest, err) : stream(guest, err);
}
