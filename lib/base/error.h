/*
 * One failure, told once: where its cause is known, in words that name what the
 * user named. Library code fills a struct error and returns -1; only a program's
 * main prints it. Nothing here allocates, so a failure can always be told.
 */
#pragma once

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

struct error {
	int code;        /* an errno value, or 0 when the text says it all */
	int status;      /* exit status that the CLI spec asks for; 0: the usual 255 */
	char text[1024]; /* one sentence, no line break at its end */
};

/*
 * Fill err with the formatted text, plus ": strerror" when code is not 0.
 * Always returns -1, so that a caller can write: return fail(err, ...);
 */
int fail(struct error *err, int code, const char *fmt, ...) PRINTF(3, 4);

/* Put "place: " in front of what err says. Always returns -1. */
int fail_in(struct error *err, const char *place, ...) PRINTF(2, 3);

/* Put text in front of what err says, without a separator. Always returns -1. */
int fail_prefix(struct error *err, const char *fmt, ...) PRINTF(2, 3);
