/*
 * A growing text. at is always NUL-terminated and never NULL, also when empty;
 * the bytes may hold NUL, so len counts. Starts as STRBUF_INIT, ends with
 * strbuf_done or auto_strbuf.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct strbuf {
	char *at;
	size_t len;
	size_t room; /* bytes allocated; 0 while at is the shared empty text */
};

extern char strbuf_empty[];

/* clang-format off */
#define STRBUF_INIT { .at = strbuf_empty }
/* clang-format on */

void strbuf_add(struct strbuf *buf, const void *bytes, size_t len);
void strbuf_adds(struct strbuf *buf, const char *text);
void strbuf_addc(struct strbuf *buf, char c);
void strbuf_addf(struct strbuf *buf, const char *fmt, ...) PRINTF(2, 3);
void strbuf_add_slice(struct strbuf *buf, struct slice s);

/* Make room for len more bytes behind what is there and return their place. */
char *strbuf_grow(struct strbuf *buf, size_t len);

/* Shorten to len bytes; len may not be above buf->len. */
void strbuf_cut(struct strbuf *buf, size_t len);

struct slice strbuf_slice(const struct strbuf *buf);

/* Hand the text over as C string, which the caller frees; buf is empty again. */
char *strbuf_take(struct strbuf *buf);
void strbuf_done(struct strbuf *buf);

#define auto_strbuf __attribute__((cleanup(strbuf_done)))
