/*
 * `pct-console CTID TTY ESCAPE`: connect this terminal to one of a running container
 * (runtime.md 7.2). TTY 0 is the console, -1 the first free one; ESCAPE is 1 for ^a to
 * 26 for ^z, 0 for none.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/path.h"
#include "config/store.h"
#include "lxc/run.h"

static bool parse_number(const char *text, long min, long max, int *out)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < min || value > max)
		return false;
	*out = (int)value;
	return true;
}

int main(int argc, char **argv)
{
	int tty, escape;
	struct error err;
	unsigned vmid;

	if (argc != 4 || !vmid_parse(slice(argv[1]), &vmid) ||
	    !parse_number(argv[2], -1, 255, &tty) ||
	    !parse_number(argv[3], 0, 26, &escape)) {
		fprintf(stderr, "usage: pct-console CTID TTY ESCAPE\n");
		return 2;
	}
	if (path_init(&err) < 0 || lxc_run_console(vmid, tty, escape, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	return 0;
}
