#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fail(struct error *err, int code, const char *fmt, ...)
{
	va_list ap;
	size_t len;

	err->code = code;
	err->status = 0;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	len = strlen(err->text);
	if (code != 0)
		snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror(code));
	return -1;
}

static PRINTF(3, 0) int put_in_front(struct error *err, const char *separator,
				     const char *fmt, va_list ap)
{
	char front[sizeof(err->text)], whole[sizeof(err->text)];
	int len;

	vsnprintf(front, sizeof(front), fmt, ap);
	len = snprintf(whole, sizeof(whole), "%s%s", front, separator);
	if (len >= 0 && (size_t)len < sizeof(whole))
		snprintf(whole + len, sizeof(whole) - (size_t)len, "%s", err->text);
	memcpy(err->text, whole, sizeof(whole));
	return -1;
}

int fail_in(struct error *err, const char *place, ...)
{
	va_list ap;

	va_start(ap, place);
	put_in_front(err, ": ", place, ap);
	va_end(ap);
	return -1;
}

int fail_prefix(struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_in_front(err, "", fmt, ap);
	va_end(ap);
	return -1;
}
