#include "ct/backupmail.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "ct/backuparchive.h"

#define LOG_MAX    (16 * 1024 * 1024)
#define SEND_S     60
#define PROGRAM    "sendmail"
#define FIXED_ARGS 5

int backup_mail_begin(struct backup_job *job, struct error *err)
{
	if (!job->options->mailto)
		return 0;
	job->log.copy = memfd_create("vzdump", MFD_CLOEXEC);
	return job->log.copy >= 0 ? 0 : fail(err, errno, "cannot keep the log");
}

/* An address never starts a header of its own. */
static void add_addresses(struct slice addresses, struct strbuf *out)
{
	const char *comma = "";
	struct slice word;

	while (slice_word(&addresses, &word)) {
		strbuf_addf(out, "%s" SLICE_FMT, comma, SLICE_ARG(word));
		comma = ", ";
	}
}

void backup_mail_format(const char *addresses, const char *node, bool succeeded,
			struct slice log, struct strbuf *out)
{
	strbuf_addf(out, "From: vzdump <root>\nTo: ");
	add_addresses(slice(addresses), out);
	strbuf_addf(out, "\nSubject: vzdump backup status (%s): backup %s\n", node,
		    succeeded ? "successful" : "failed");
	strbuf_adds(out, "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
			 "Content-Transfer-Encoding: 8bit\n\n");
	strbuf_add_slice(out, log);
}

/* "sendmail -B 8BITMIME -f root -- ADDRESS..." */
static char **make_arguments(const char *addresses)
{
	static const char *const fixed[] = { PROGRAM, "-B8BITMIME", "-i", "-froot", "--" };
	struct slice rest = slice(addresses), count = rest, word;
	size_t at = 0, words = 0;
	char **argv;

	while (slice_word(&count, &word))
		words++;
	argv = xcalloc(words + FIXED_ARGS + 1, sizeof(*argv));
	for (; at < FIXED_ARGS; at++)
		argv[at] = xstrdup(fixed[at]);
	while (slice_word(&rest, &word))
		argv[at++] = slice_dup(word);
	return argv;
}

static int send_text(const char *addresses, const struct strbuf *text, struct error *err)
{
	auto_words char **argv = make_arguments(addresses);
	auto_close int fd = memfd_create("mail", MFD_CLOEXEC);

	if (fd < 0)
		return fail(err, errno, "cannot make the mail");
	if (write_all(fd, text->at, text->len, err) < 0)
		return -1;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return fail(err, errno, "cannot read the mail");
	return process_run(&(struct process){ .argv = (const char *const *)argv,
					      .stdin_fd = fd,
					      .timeout_s = SEND_S },
			   err);
}

static int send_log(const struct backup_job *job, bool succeeded, struct error *err)
{
	auto_strbuf struct strbuf log = STRBUF_INIT, text = STRBUF_INIT;
	const char *addresses = job->options->mailto;

	if (backup_program_check(PROGRAM, "postfix", err) < 0)
		return -1;
	if (lseek(job->log.copy, 0, SEEK_SET) < 0)
		return fail(err, errno, "cannot read the log");
	if (read_all(job->log.copy, LOG_MAX, &log, err) < 0)
		return -1;
	backup_mail_format(addresses, path_node(), succeeded, strbuf_slice(&log), &text);
	return send_text(addresses, &text, err);
}

void backup_mail_send(const struct backup_job *job, bool succeeded)
{
	const struct backup_options *options = job->options;
	struct error err;

	if (job->log.copy < 0 ||
	    (succeeded && strcmp(options->mailnotification, "failure") == 0))
		return;
	if (send_log(job, succeeded, &err) < 0)
		backup_log_job(&job->log, BACKUP_WARN, "no mail is sent: %s", err.text);
}
