/*
 * Reading a tar stream member by member, inside the sandbox: progress on standard output,
 * errors that are to be ignored told there, the stream read to its very end.
 */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "template/stream.h"

struct reader {
	struct stream *stream;
	/* Called for every member; its data is read from archive. */
	int (*member)(void *arg, struct archive *archive, struct archive_entry *entry,
		      struct error *err);
	void *arg;
	bool ignores_errors; /* tell them on standard output and go on */
	bool shows_progress; /* standard output is a terminal */
	bool is_layer;       /* may be empty, and its digest tells whether it is whole */
	uint64_t size;       /* of the archive file in bytes; 0: unknown */

	/* The reader's own; ignored is the number of errors in the end. */
	struct error error; /* of the stream; text empty: none */
	double start_s, shown_s;
	unsigned long ignored;
};

/* Read all of reader->stream, which stays the caller's. */
int reader_run(struct reader *reader, struct error *err);

/* 0 when the error stands, 1 when it is one of those to ignore: then it was told. */
int reader_ignore(struct reader *reader, const struct error *err);

/* Seconds of a clock that is never set. */
double reader_now_s(void);
