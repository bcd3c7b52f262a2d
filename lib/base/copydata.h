/*
 * The bytes of one file into another, by the cheapest way that both file systems have:
 * shared blocks (FICLONE), a copy inside the kernel, reading and writing. Holes stay
 * holes. Which way works is found out once for all files of a copy.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"

struct copy_data {
	uint64_t limit_kib; /* KiB/s that are moved, 0: no limit; shared blocks are free */
	/* Called after each piece, to tell how far it is; or NULL. */
	void (*progress)(void *arg, uint64_t bytes);
	void *arg;
	/* Found out on the way; all 0 at the start. */
	bool cannot_share, cannot_range;
	uint64_t moved; /* bytes, without shared ones and holes */
	int64_t start_ms;
	char *buffer;
};

/* to is empty; info is from's. Interrupts end it: "received interrupt". */
int copy_data(struct copy_data *copy, int from, int to, const struct stat *info,
	      struct error *err);
void copy_data_done(struct copy_data *copy);
