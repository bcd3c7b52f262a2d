#include "base/strbuf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"

char strbuf_empty[1] = "";

char *strbuf_grow(struct strbuf *buf, size_t len)
{
	size_t need = buf->len + len + 1;

	if (need > buf->room) {
		size_t room = buf->room ? buf->room : 64;

		while (room < need)
			room *= 2;
		buf->at = xreallocarray(buf->room ? buf->at : NULL, room, 1);
		buf->room = room;
		buf->at[buf->len] = '\0';
	}
	return buf->at + buf->len;
}

void strbuf_add(struct strbuf *buf, const void *bytes, size_t len)
{
	if (len == 0)
		return;
	memcpy(strbuf_grow(buf, len), bytes, len);
	buf->len += len;
	buf->at[buf->len] = '\0';
}

void strbuf_adds(struct strbuf *buf, const char *text)
{
	strbuf_add(buf, text, strlen(text));
}

void strbuf_addc(struct strbuf *buf, char c)
{
	strbuf_add(buf, &c, 1);
}

void strbuf_addf(struct strbuf *buf, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(len >= 0);
	va_start(ap, fmt);
	vsnprintf(strbuf_grow(buf, (size_t)len), (size_t)len + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)len;
}

void strbuf_add_slice(struct strbuf *buf, struct slice s)
{
	strbuf_add(buf, s.at, s.len);
}

void strbuf_cut(struct strbuf *buf, size_t len)
{
	assert(len <= buf->len);
	if (len == buf->len)
		return;
	buf->len = len;
	buf->at[len] = '\0';
}

struct slice strbuf_slice(const struct strbuf *buf)
{
	return slice_of(buf->at, buf->len);
}

char *strbuf_take(struct strbuf *buf)
{
	char *text = buf->room ? buf->at : xstrdup("");

	*buf = (struct strbuf)STRBUF_INIT;
	return text;
}

void strbuf_done(struct strbuf *buf)
{
	if (buf->room)
		free(buf->at);
	*buf = (struct strbuf)STRBUF_INIT;
}
