#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

void warn_notes(const struct notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		warn_plain("%s", notes->text[i]);
}

void warn_task_notes(const struct notes *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		warn_task("%s", notes->text[i]);
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
