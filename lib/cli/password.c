#include "cli/password.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/own.h"
#include "base/strbuf.h"

enum key {
	KEY_CTRL_C = 3,
	KEY_CTRL_D = 4,
	KEY_BACKSPACE = 8,
	KEY_CTRL_U = 21,
	KEY_DELETE = 127,
};

/* One byte at a time: what follows the two lines is not ours. False: end of file. */
static bool read_byte(char *c)
{
	ssize_t got;

	do
		got = read(STDIN_FILENO, c, 1);
	while (got < 0 && errno == EINTR);
	return got == 1;
}

static int read_line(struct strbuf *out, struct error *err)
{
	char c;

	while (read_byte(&c)) {
		if (c == '\n')
			return 0;
		strbuf_addc(out, c);
	}
	return out->len ? 0 : fail(err, 0, "EOF while reading password");
}

static bool is_inside_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80; /* of UTF-8 */
}

static void erase_character(struct strbuf *text)
{
	size_t len = text->len;

	while (len > 0 && is_inside_character(text->at[len - 1]))
		len--;
	if (text->len == 0)
		return;
	strbuf_cut(text, len ? len - 1 : 0);
	fputs("\b \b", stderr);
}

static void take_character(struct strbuf *text, char c)
{
	strbuf_addc(text, c);
	if (!is_inside_character(c))
		fputc('*', stderr);
}

static int read_keys(struct strbuf *out, struct error *err)
{
	char c;

	while (read_byte(&c)) {
		switch (c) {
		case KEY_CTRL_C: return fail(err, 0, "password input aborted");
		case KEY_CTRL_D:
		case '\r':
		case '\n': return 0;
		case KEY_BACKSPACE:
		case KEY_DELETE: erase_character(out); break;
		case KEY_CTRL_U:
			while (out->len)
				erase_character(out);
			break;
		default: take_character(out, c);
		}
	}
	return fail(err, 0, "password input aborted");
}

static int ask(const char *question, struct strbuf *out, struct error *err)
{
	struct termios before, quiet;
	int result;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return read_line(out, err);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	/* Quiet before the question: who waits for it may answer at once. */
	tcsetattr(STDIN_FILENO, TCSADRAIN, &quiet);
	fputs(question, stderr);
	result = read_keys(out, err);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
	fputc('\n', stderr);
	return result;
}

int password_read(char **out, struct error *err)
{
	auto_strbuf struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;

	if (ask("Enter new password: ", &first, err) < 0 ||
	    ask("Retype new password: ", &second, err) < 0)
		return -1;
	if (strcmp(first.at, second.at) != 0)
		return fail(err, 0, "passwords do not match");
	*out = strbuf_take(&first);
	return 0;
}
