/* Kinds of ASCII characters, whatever the locale. */
#pragma once

#include <stdbool.h>

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool is_alnum(char c)
{
	return is_letter(c) || is_digit(c);
}

/* White space: blank \t \n \v \f \r. */
static inline bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The value of a hexadecimal digit in either case; -1: it is none. */
static inline int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
