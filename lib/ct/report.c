#include "ct/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "base/strbuf.h"

int report_begin(unsigned vmid, struct error *err)
{
	auto_free char *warnings = path_in(PATH_RUN, "ct-%u.warnings", vmid);
	auto_free char *error = path_in(PATH_RUN, "ct-%u.error", vmid);

	if (path_make(PATH_RUN, err) < 0 || remove_file(warnings, err) < 0 ||
	    remove_file(error, err) < 0)
		return -1;
	return 0;
}

int report_open(unsigned vmid, struct error *err)
{
	auto_free char *path = path_in(PATH_RUN, "ct-%u.warnings", vmid);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);

	return fd >= 0 ? fd : fail(err, errno, "cannot open '%s'", path);
}

static void add_line(struct strbuf *out, const char *text)
{
	for (; *text; text++)
		strbuf_addc(out, (unsigned char)*text < ' ' || *text == 127 ? '?' : *text);
	strbuf_addc(out, '\n');
}

void report_notes(int fd, const struct notes *notes)
{
	auto_strbuf struct strbuf lines = STRBUF_INIT;
	struct error err;

	for (size_t i = 0; i < notes->count; i++)
		add_line(&lines, notes->text[i]);
	if (lines.len && write_all(fd, lines.at, lines.len, &err) < 0)
		warn_plain("%s", err.text);
}

void report_error(unsigned vmid, const char *text)
{
	auto_free char *path = path_in(PATH_RUN, "ct-%u.error", vmid);
	auto_strbuf struct strbuf line = STRBUF_INIT;
	struct error err;

	add_line(&line, text);
	if (path_make(PATH_RUN, &err) < 0 ||
	    save_path(path, strbuf_slice(&line), 0644, &err) < 0)
		warn_plain("%s", err.text);
}
