/*
 * Programs of the storage backends: btrfs, lvcreate, zfs, mount. They are found when
 * they are needed; a missing one is told with the Debian package that has it.
 */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"

struct storage_program {
	const char *package;     /* "btrfs-progs" */
	const char *const *argv; /* its name first, NULL at the end */
	unsigned timeout_s;      /* 0: no deadline */
	struct strbuf *output;   /* collects stdout; NULL: stdout is dropped */
	const char *const *env;  /* more "NAME=value" words, ended by NULL; or NULL */
	int stdin_fd, stdout_fd; /* > 0: instead of /dev/null and output */
};

/* As process_run; what is missing is "program 'btrfs' is not installed (Debian package
 * 'btrfs-progs')". */
int program_run(const struct storage_program *program, struct error *err);
