/*
 * pct-unpack [WORD...]: unpack the archive on standard input into the directory that is
 * descriptor 3, confined to it and with the container's id map. Run by template_unpack
 * and its like; the only program that reads archives with libarchive. The words:
 *
 *	detect          only tell whether the archive is an image
 *	image           it is one; what it says is written to descriptor 4
 *	keep=PATH       where something is mounted that an image may not take away
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
#include "template/image.h"
#include "template/oci.h"
#include "template/unpack.h"

#define MEMORY_MAX (UINT64_C(512) << 20) /* of an image's JSON, and of its indexes */
#define REPORT_MAX (HEAD_MAX + 64)       /* an image says less */

typedef int body_function(void *, const struct sandbox_io *, struct error *);

struct request {
	struct extract extract;
	struct idmap map;
	body_function *body;
};

static int parse_number(struct slice text, uint64_t max, uint64_t *out, struct error *err)
{
	if (!slice_number(text, 0, max, out))
		return fail(err, 0, "'" SLICE_FMT "' is not a number up to %llu",
			    SLICE_ARG(text), (unsigned long long)max);
	return 0;
}

static void add_path(char ***paths, struct slice path)
{
	size_t count = 0;

	while (*paths && (*paths)[count])
		count++;
	*paths = xreallocarray(*paths, count + 2, sizeof(**paths));
	(*paths)[count] = slice_dup(path);
	(*paths)[count + 1] = NULL;
}

static int parse_compression(struct slice value, struct extract *extract, struct error *err)
{
	uint64_t number;

	if (parse_number(value, COMPRESSION_ZSTD, &number, err) < 0)
		return -1;
	extract->compression = (enum compression)number;
	return 0;
}

static int parse_word(const char *word, struct request *request, struct error *err)
{
	struct slice value, name = slice_cut(slice(word), '=', &value);
	struct extract *extract = &request->extract;

	if (slice_is(name, "map"))
		return idmap_add(&request->map, value, err);
	if (slice_is(name, "bwlimit"))
		return parse_number(value, UINT32_MAX, &extract->bwlimit_kib, err);
	if (slice_is(name, "compression"))
		return parse_compression(value, extract, err);
	if (slice_is(name, "keep"))
		add_path(&extract->kept, value);
	else if (slice_is(name, "volume"))
		add_path(&extract->volumes, value);
	else if (strcmp(word, "ignore-errors") == 0)
		extract->ignore_errors = true;
	else if (strcmp(word, "detect") == 0)
		request->body = oci_detect;
	else if (strcmp(word, "image") == 0)
		request->body = oci_run;
	else if (strcmp(word, "config") == 0)
		request->body = head_run;
	else
		return fail(err, 0, "unknown word '%s'", word);
	return 0;
}

static bool only_looks(const struct request *request)
{
	return request->body == oci_detect || request->body == head_run;
}

static bool is_image(const struct request *request)
{
	return request->body == oci_detect || request->body == oci_run;
}

static int unpack(struct request *request, struct strbuf *report, struct error *err)
{
	struct extract *extract = &request->extract;
	struct sandbox sandbox = {
		.rootfd = UNPACK_ROOT_FD,
		.map = &request->map,
		.keep_caps = SANDBOX_CAP(CAP_CHOWN) | SANDBOX_CAP(CAP_DAC_OVERRIDE) |
			     SANDBOX_CAP(CAP_FOWNER) | SANDBOX_CAP(CAP_FSETID) |
			     SANDBOX_CAP(CAP_SETFCAP) | SANDBOX_CAP(CAP_MKNOD),
		.flags = SANDBOX_CLONE | SANDBOX_MKNOD,
		.memory_max = is_image(request) ? MEMORY_MAX : 0,
		.report_max = REPORT_MAX,
	};
	struct stat st;

	if (only_looks(request)) {
		sandbox.keep_caps = 0;
		sandbox.flags = SANDBOX_CLONE | SANDBOX_READ_ONLY;
	}
	extract->can_make_devices = request->map.count == 0;
	extract->shows_progress = isatty(STDOUT_FILENO);
	if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode))
		extract->size = (uint64_t)st.st_size;
	fcntl(UNPACK_ROOT_FD, F_SETFD, FD_CLOEXEC);
	extract_prepare();
	return sandbox_run(&sandbox, request->body, extract, report, err);
}

static int print_config(const struct strbuf *report, struct error *err)
{
	if (report->len == 0 || report->at[0] == HEAD_NONE)
		return UNPACK_NO_CONFIG;
	if (write_all(STDOUT_FILENO, report->at + 1, report->len - 1, err) < 0)
		return -1;
	return report->at[0] == HEAD_VPS ? UNPACK_VPS_CONF : 0;
}

/* The exit status that the report asks for; what an image or a backup says is handed on. */
static int hand_on(const struct request *request, const struct strbuf *report,
		   struct error *err)
{
	struct slice said, ignored = slice_cut(strbuf_slice(report), '\0', &said);

	if (request->body == oci_detect)
		return report->len > 0 ? UNPACK_IMAGE : 0;
	if (request->body == extract_run)
		return report->len > 0 ? UNPACK_IGNORED : 0;
	if (request->body == head_run)
		return print_config(report, err);
	if (!said.at || write_all(UNPACK_REPORT_FD, said.at, said.len, err) < 0)
		return fail(err, 0, "cannot tell what the image says");
	return slice_is(ignored, "0") ? 0 : UNPACK_IGNORED;
}

int main(int argc, char **argv)
{
	struct request request = { .extract.fd = STDIN_FILENO, .body = extract_run };
	auto_strbuf struct strbuf report = STRBUF_INIT;
	struct error err = { 0 };
	int status = 0;

	for (int i = 1; status == 0 && i < argc; i++)
		status = parse_word(argv[i], &request, &err);
	if (status == 0 && unpack(&request, &report, &err) == 0)
		status = hand_on(&request, &report, &err);
	else
		status = -1;
	free_words(&request.extract.kept);
	free_words(&request.extract.volumes);
	if (status < 0)
		fprintf(stderr, "%s\n", err.text);
	return status < 0 ? 1 : status;
}
