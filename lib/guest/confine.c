#include "guest/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/resource.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/sandbox.h"

#define FILE_MAX    (UINT64_C(8) << 20)
#define MEMORY_MAX  (UINT64_C(512) << 20)
#define TIMEOUT_S   60
#define CPU_S       30
#define FILES       64
#define LONG_RESULT ((size_t)16 << 20)

/* What a line of the helper's report is. */
#define MARK_NOTE   '!'
#define MARK_RESULT '='

struct work {
	struct guest *guest;
	int (*body)(struct guest *guest, struct strbuf *result, struct error *err);
};

static int set_limit(int what, rlim_t max, struct error *err)
{
	const struct rlimit limit = { max, max };

	if (setrlimit((__rlimit_resource_t)what, &limit) < 0)
		return fail(err, errno, "cannot limit the helper");
	return 0;
}

static void add_line(struct strbuf *report, char mark, struct slice line)
{
	strbuf_addc(report, mark);
	line_escape(line, report);
	strbuf_addc(report, '\n');
}

static int send_report(int fd, const struct strbuf *result, const struct notes *notes,
		       struct error *err)
{
	auto_strbuf struct strbuf report = STRBUF_INIT;
	struct slice rest = strbuf_slice(result), line;

	while (slice_line(&rest, &line))
		add_line(&report, MARK_RESULT, line);
	for (size_t i = 0; i < notes->count; i++)
		add_line(&report, MARK_NOTE, slice(notes->text[i]));
	return write_all(fd, report.at, report.len, err);
}

static int run(void *arg, const struct sandbox_io *io, struct error *err)
{
	auto_strbuf struct strbuf result = STRBUF_INIT;
	auto_notes struct notes notes = { 0 };
	struct work *work = arg;
	const struct guest_root root = { .fd = io->root };
	struct error untold;
	int status;

	if (set_limit(RLIMIT_CPU, CPU_S, err) < 0 ||
	    set_limit(RLIMIT_NOFILE, FILES, err) < 0)
		return -1;
	work->guest->root = &root;
	work->guest->notes = &notes;
	status = work->body(work->guest, &result, err);
	if (send_report(io->report, &result, &notes, status < 0 ? &untold : err) < 0)
		return -1;
	return status;
}

/* The report comes from a process that read hostile files: nothing in it is trusted. */
static void read_report(struct slice report, struct strbuf *result, struct notes *notes)
{
	struct slice line;

	while (slice_line(&report, &line)) {
		auto_strbuf struct strbuf text = STRBUF_INIT;

		if (line.len && line.at[0] == MARK_RESULT && result) {
			line_escape(slice_from(line, 1), result);
			strbuf_addc(result, '\n');
		} else if (line.len && line.at[0] == MARK_NOTE) {
			text_escape(slice_from(line, 1), &text);
			notes_add(notes, "%s", text.at);
		}
	}
}

int guest_confine(struct guest *guest, unsigned flags,
		  int (*body)(struct guest *guest, struct strbuf *result,
			      struct error *err),
		  struct strbuf *result, struct notes *notes, struct error *err)
{
	const struct guest_job *job = guest->job;
	auto_strbuf struct strbuf report = STRBUF_INIT;
	struct work work = { .guest = guest, .body = body };
	const struct sandbox sandbox = {
		.rootfd = job->rootfd,
		.map = job->map,
		.keep_caps = SANDBOX_CAP(CAP_CHOWN) | SANDBOX_CAP(CAP_DAC_OVERRIDE) |
			     SANDBOX_CAP(CAP_FOWNER) | SANDBOX_CAP(CAP_FSETID),
		.flags = (job->is_running ? SANDBOX_RUNNING : SANDBOX_CLONE) |
			 (flags & CONFINE_READ_ONLY ? SANDBOX_READ_ONLY : 0),
		.timeout_s = job->timeout_s ? job->timeout_s : TIMEOUT_S,
		.file_max = FILE_MAX,
		.memory_max = MEMORY_MAX,
		.report_max = flags & CONFINE_LONG_RESULT ? LONG_RESULT : 0,
	};
	int status = sandbox_run(&sandbox, run, &work, &report, err);

	read_report(strbuf_slice(&report), result, notes);
	if (status < 0)
		error_escape(err);
	return status;
}
