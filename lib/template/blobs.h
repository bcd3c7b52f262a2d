/*
 * What an archive holds that may be an image: where in the file its parts are
 * (templates.md 9.2, image-spec image-layout.md). Reads headers only, so that it takes
 * little time for archives of any size. Runs inside the sandbox.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/strbuf.h"

#define BLOBS_MAX     65536
#define BLOB_TEXT_MAX (4 * 1024 * 1024) /* of a JSON document */

struct blob {
	char digest[SHA256_SIZE]; /* that its name claims */
	uint64_t offset, size;    /* in the archive's file, in bytes */
};

enum archive_kind {
	ARCHIVE_PLAIN,  /* a root file system, or nothing that we know */
	ARCHIVE_OCI,    /* an image */
	ARCHIVE_DOCKER, /* what "docker save" of old made, without an index of OCI's form */
};

struct blobs {
	enum archive_kind kind;
	struct blob index; /* index.json; digest empty */
	struct blob *at;   /* sorted by digest; owned */
	size_t count;
};

/*
 * Look through the uncompressed tar archive fd, a regular file. What is no image, or
 * damaged before all of an image's marks were seen, is ARCHIVE_PLAIN.
 */
int blobs_read(int fd, struct blobs *out, struct error *err);
void blobs_done(struct blobs *blobs);
#define auto_blobs __attribute__((cleanup(blobs_done)))

/* The blob with that digest in hex digits; NULL: the archive has none. */
const struct blob *blobs_find(const struct blobs *blobs, const char *digest);

/* Append the blob's bytes, BLOB_TEXT_MAX at most, which have to have its digest. */
int blob_text(int fd, const struct blob *blob, struct strbuf *out, struct error *err);
