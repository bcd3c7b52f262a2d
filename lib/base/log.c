#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/own.h"

static unsigned task_warnings;

static PRINTF(2, 0) void line(const char *front, const char *fmt, va_list ap)
{
	fputs(front, stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	fflush(stderr);
}

void warn_plain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line("", fmt, ap);
	va_end(ap);
}

void warn_task(const char *fmt, ...)
{
	va_list ap;

	task_warnings++;
	va_start(ap, fmt);
	line("WARN: ", fmt, ap);
	va_end(ap);
}

unsigned warn_task_count(void)
{
	return task_warnings;
}

void warn_task_add(unsigned count)
{
	task_warnings += count;
}

static char *full_text(const struct notes *notes, size_t i)
{
	if (notes->place[i] && isatty(STDERR_FILENO))
		return xasprintf("%s (%s)", notes->text[i], notes->place[i]);
	return xstrdup(notes->text[i]);
}

void warn_notes(const struct notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		auto_free char *text = full_text(notes, i);

		warn_plain("%s", text);
	}
}

void warn_task_notes(const struct notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		auto_free char *text = full_text(notes, i);

		warn_task("%s", text);
	}
}

void debug(const char *fmt, ...)
{
	va_list ap;

	if (!getenv("PCT_DEBUG"))
		return;
	va_start(ap, fmt);
	line("debug: ", fmt, ap);
	va_end(ap);
}
