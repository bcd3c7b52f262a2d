/*
 * pct-unpack [WORD...]: unpack the archive on standard input into the directory that is
 * descriptor 3, confined to it and with the container's id map. Run by template_unpack;
 * the only program that is linked with libarchive. The words:
 *
 *	compression=N   an enum compression
 *	map=u 0 100000 65536
 *	bwlimit=KIB     KiB/s of the archive file
 *	ignore-errors
 *
 * Exit status 0; or 1 with one sentence on standard error; or 3 when errors were
 * ignored.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "template/extract.h"
#include "template/unpack.h"

static int parse_number(struct slice text, uint64_t max, uint64_t *out, struct error *err)
{
	if (!slice_number(text, 0, max, out))
		return fail(err, 0, "'" SLICE_FMT "' is not a number up to %llu",
			    SLICE_ARG(text), (unsigned long long)max);
	return 0;
}

static int parse_word(const char *word, struct extract *extract, struct idmap *map,
		      struct error *err)
{
	struct slice value, name = slice_cut(slice(word), '=', &value);
	uint64_t number;

	if (slice_is(name, "map"))
		return idmap_add(map, value, err);
	if (slice_is(name, "bwlimit"))
		return parse_number(value, UINT32_MAX, &extract->bwlimit_kib, err);
	if (slice_is(name, "compression")) {
		if (parse_number(value, COMPRESSION_ZSTD, &number, err) < 0)
			return -1;
		extract->compression = (enum compression)number;
		return 0;
	}
	if (strcmp(word, "ignore-errors") == 0) {
		extract->ignore_errors = true;
		return 0;
	}
	return fail(err, 0, "unknown word '%s'", word);
}

static int unpack(int argc, char **argv, struct strbuf *report, struct error *err)
{
	struct extract extract = { .fd = STDIN_FILENO };
	struct idmap map = { .count = 0 };
	struct sandbox sandbox = {
		.rootfd = UNPACK_ROOT_FD,
		.map = &map,
		.keep_caps = SANDBOX_CAP(CAP_CHOWN) | SANDBOX_CAP(CAP_DAC_OVERRIDE) |
			     SANDBOX_CAP(CAP_FOWNER) | SANDBOX_CAP(CAP_FSETID) |
			     SANDBOX_CAP(CAP_SETFCAP) | SANDBOX_CAP(CAP_MKNOD),
		.flags = SANDBOX_CLONE | SANDBOX_MKNOD,
	};
	struct stat st;

	for (int i = 1; i < argc; i++)
		if (parse_word(argv[i], &extract, &map, err) < 0)
			return -1;
	extract.can_make_devices = map.count == 0;
	extract.shows_progress = isatty(STDOUT_FILENO);
	if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode))
		extract.size = (uint64_t)st.st_size;
	fcntl(UNPACK_ROOT_FD, F_SETFD, FD_CLOEXEC);
	extract_prepare();
	return sandbox_run(&sandbox, extract_run, &extract, report, err);
}

int main(int argc, char **argv)
{
	auto_strbuf struct strbuf report = STRBUF_INIT;
	struct error err = { 0 };

	if (unpack(argc, argv, &report, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	return report.len > 0 ? UNPACK_IGNORED : 0;
}
