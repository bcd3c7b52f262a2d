/*
 * pct-unpack [WORD...]: unpack the archive on standard input into the directory that is
 * descriptor 3, confined to it and with the container's id map. Run by template_unpack;
 * the only program that reads archives with libarchive. The words:
 *
 *	compression=N   an enum compression
 *	map=u 0 100000 65536
 *	bwlimit=KIB     KiB/s of the archive file
 *	volume=PATH     a mount point that is the container's own
 *	ignore-errors
 *	config          unpack nothing, write a backup's configuration to standard output
 *
 * Exit status 0; or 1 with one sentence on standard error; or one of template/unpack.h.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/sandbox.h"
#include "template/extract.h"
#include "template/head.h"
#include "template/unpack.h"

static int parse_number(struct slice text, uint64_t max, uint64_t *out, struct error *err)
{
	if (!slice_number(text, 0, max, out))
		return fail(err, 0, "'" SLICE_FMT "' is not a number up to %llu",
			    SLICE_ARG(text), (unsigned long long)max);
	return 0;
}

/* What the words say. */
struct task {
	struct extract extract;
	struct idmap map;
	size_t volume_count;
	bool wants_config;
};

static int parse_word(const char *word, struct task *task, struct error *err)
{
	struct extract *extract = &task->extract;
	struct slice value, name = slice_cut(slice(word), '=', &value);
	uint64_t number;

	if (slice_is(name, "map"))
		return idmap_add(&task->map, value, err);
	if (slice_is(name, "bwlimit"))
		return parse_number(value, UINT32_MAX, &extract->bwlimit_kib, err);
	if (slice_is(name, "compression")) {
		if (parse_number(value, COMPRESSION_ZSTD, &number, err) < 0)
			return -1;
		extract->compression = (enum compression)number;
		return 0;
	}
	if (slice_is(name, "volume")) {
		extract->volumes[task->volume_count++] = xstrdup(value.at);
		return 0;
	}
	if (strcmp(word, "ignore-errors") == 0) {
		extract->ignore_errors = true;
		return 0;
	}
	if (strcmp(word, "config") == 0) {
		task->wants_config = true;
		return 0;
	}
	return fail(err, 0, "unknown word '%s'", word);
}

static int unpack(struct task *task, struct error *err)
{
	struct extract *extract = &task->extract;
	auto_strbuf struct strbuf report = STRBUF_INIT;
	const struct sandbox sandbox = {
		.rootfd = UNPACK_ROOT_FD,
		.map = &task->map,
		.keep_caps = SANDBOX_CAP(CAP_CHOWN) | SANDBOX_CAP(CAP_DAC_OVERRIDE) |
			     SANDBOX_CAP(CAP_FOWNER) | SANDBOX_CAP(CAP_FSETID) |
			     SANDBOX_CAP(CAP_SETFCAP) | SANDBOX_CAP(CAP_MKNOD),
		.flags = SANDBOX_CLONE | SANDBOX_MKNOD,
	};
	struct stat st;

	extract->can_make_devices = task->map.count == 0;
	extract->shows_progress = isatty(STDOUT_FILENO);
	if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode))
		extract->size = (uint64_t)st.st_size;
	if (sandbox_run(&sandbox, extract_run, extract, &report, err) < 0)
		return -1;
	return report.len > 0 ? UNPACK_IGNORED : 0;
}

static int print_config(struct task *task, struct error *err)
{
	auto_strbuf struct strbuf report = STRBUF_INIT;
	const struct sandbox sandbox = {
		.rootfd = UNPACK_ROOT_FD,
		.map = &task->map,
		.flags = SANDBOX_CLONE | SANDBOX_READ_ONLY,
		.report_max = HEAD_MAX + 1,
	};

	if (sandbox_run(&sandbox, head_run, &task->extract, &report, err) < 0)
		return -1;
	if (report.len == 0 || report.at[0] == HEAD_NONE)
		return UNPACK_NO_CONFIG;
	if (write_all(STDOUT_FILENO, report.at + 1, report.len - 1, err) < 0)
		return -1;
	return report.at[0] == HEAD_VPS ? UNPACK_VPS_CONF : 0;
}

static int run(int argc, char **argv, struct error *err)
{
	struct task task = { .extract = { .fd = STDIN_FILENO } };

	task.extract.volumes = xcalloc((size_t)argc + 1, sizeof(char *));
	for (int i = 1; i < argc; i++)
		if (parse_word(argv[i], &task, err) < 0)
			return -1;
	fcntl(UNPACK_ROOT_FD, F_SETFD, FD_CLOEXEC);
	extract_prepare();
	return task.wants_config ? print_config(&task, err) : unpack(&task, err);
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	int status = run(argc, argv, &err);

	if (status >= 0)
		return status;
	fprintf(stderr, "%s\n", err.text);
	return 1;
}
