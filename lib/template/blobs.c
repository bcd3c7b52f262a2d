#include "template/blobs.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/own.h"

#define READ_SIZE 65536
#define BLOBS_DIR "blobs/"
#define SHA256    "sha256/"

/* What was seen so far. */
struct look {
	struct blobs *out;
	uint64_t file_size;
	bool has_layout, has_index, has_blob, has_docker, is_root;
};

/* The top-level names that a root file system has, and an image's archive has not. */
static bool is_of_root(struct slice name)
{
	static const char *const tops[] = { ".",   "bin", "boot", "dev",  "etc", "home",
					    "lib", "nix", "opt",  "root", "run", "sbin",
					    "sys", "tmp", "usr",  "var" };
	struct slice rest, top = slice_cut(name, '/', &rest);

	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++)
		if (slice_is(top, tops[i]))
			return true;
	return false;
}

static bool is_hex(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_digit(text.at[i]) && (text.at[i] < 'a' || text.at[i] > 'f'))
			return false;
	return text.len == SHA256_SIZE - 1;
}

static int take_place(const struct look *look, struct archive *archive,
		      struct archive_entry *entry, struct blob *out, struct error *err)
{
	int64_t offset = archive_filter_bytes(archive, 0);
	int64_t size = archive_entry_size(entry);

	if (archive_entry_sparse_count(entry) > 0)
		return fail(err, 0, "'%s' is a sparse file", archive_entry_pathname(entry));
	if (offset < 0 || size < 0 || (uint64_t)offset > look->file_size ||
	    (uint64_t)size > look->file_size - (uint64_t)offset)
		return fail(err, 0, "archive is damaged or truncated: '%s' is cut off",
			    archive_entry_pathname(entry));
	out->offset = (uint64_t)offset;
	out->size = (uint64_t)size;
	return 0;
}

static int add_blob(struct look *look, const char *digest, struct archive *archive,
		    struct archive_entry *entry, struct error *err)
{
	struct blobs *out = look->out;
	struct blob blob = { 0 };

	if (out->count == BLOBS_MAX)
		return fail(err, 0, "the image has more than %d blobs", BLOBS_MAX);
	if (take_place(look, archive, entry, &blob, err) < 0)
		return -1;
	memcpy(blob.digest, digest, SHA256_SIZE);
	out->at = grow_array(out->at, out->count, sizeof(*out->at));
	out->at[out->count++] = blob;
	return 0;
}

static int look_at_file(struct look *look, const char *name, struct archive *archive,
			struct archive_entry *entry, struct error *err)
{
	if (strcmp(name, "oci-layout") == 0)
		look->has_layout = true;
	if (strcmp(name, "manifest.json") == 0)
		look->has_docker = true;
	if (strcmp(name, "index.json") == 0) {
		look->has_index = true;
		return take_place(look, archive, entry, &look->out->index, err);
	}
	if (strncmp(name, BLOBS_DIR, strlen(BLOBS_DIR)) != 0)
		return 0;
	look->has_blob = true;
	name += strlen(BLOBS_DIR);
	if (strncmp(name, SHA256, strlen(SHA256)) == 0 &&
	    is_hex(slice(name + strlen(SHA256))))
		return add_blob(look, name + strlen(SHA256), archive, entry, err);
	return 0;
}

/* 1: a member; 0: there is no more to see. */
static int next_member(struct look *look, struct archive *archive, struct error *err)
{
	struct archive_entry *entry;
	const char *name;

	if (archive_read_next_header(archive, &entry) < ARCHIVE_WARN ||
	    !(name = archive_entry_pathname(entry)))
		return 0;
	look->is_root = is_of_root(slice(name));
	if (look->is_root)
		return 0;
	if (archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry) &&
	    look_at_file(look, name, archive, entry, err) < 0)
		return -1;
	return 1;
}

/* The end of the archive, or damage: what was seen until then decides. */
static int look_through(struct look *look, struct archive *archive, int fd,
			struct error *err)
{
	int more;

	if (archive_read_support_format_tar(archive) != ARCHIVE_OK ||
	    archive_read_append_filter(archive, ARCHIVE_FILTER_NONE) != ARCHIVE_OK ||
	    archive_read_open_fd(archive, fd, READ_SIZE) != ARCHIVE_OK)
		return 0;
	do
		more = next_member(look, archive, err);
	while (more > 0);
	return more;
}

static int by_digest(const void *left, const void *right)
{
	return strcmp(((const struct blob *)left)->digest,
		      ((const struct blob *)right)->digest);
}

static enum archive_kind judge(const struct look *look)
{
	if (look->is_root)
		return ARCHIVE_PLAIN;
	if (look->has_layout && look->has_index && look->has_blob)
		return ARCHIVE_OCI;
	return look->has_docker && !look->has_index ? ARCHIVE_DOCKER : ARCHIVE_PLAIN;
}

int blobs_read(int fd, struct blobs *out, struct error *err)
{
	struct look look = { .out = out };
	struct archive *archive;
	struct stat st;
	int status;

	*out = (struct blobs){ 0 };
	if (fstat(fd, &st) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return fail(err, errno, "cannot read the archive");
	look.file_size = (uint64_t)st.st_size;
	archive = archive_read_new();
	if (!archive)
		return fail(err, ENOMEM, "cannot read the archive");
	status = look_through(&look, archive, fd, err);
	archive_read_free(archive);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return fail(err, errno, "cannot read the archive");
	out->kind = judge(&look);
	/* No root file system has blobs: what is wrong is wrong with an image. */
	if (status < 0 && look.has_blob)
		return -1;
	if (out->count > 0)
		qsort(out->at, out->count, sizeof(*out->at), by_digest);
	return 0;
}

void blobs_done(struct blobs *blobs)
{
	free(blobs->at);
	*blobs = (struct blobs){ 0 };
}

const struct blob *blobs_find(const struct blobs *blobs, const char *digest)
{
	struct blob wanted = { 0 };

	if (!is_hex(slice(digest)) || blobs->count == 0)
		return NULL;
	memcpy(wanted.digest, digest, SHA256_SIZE);
	return bsearch(&wanted, blobs->at, blobs->count, sizeof(*blobs->at), by_digest);
}

static int check_digest(const struct blob *blob, const struct strbuf *text,
			struct error *err)
{
	struct sha256 *sha256 = sha256_new();
	char digest[SHA256_SIZE];

	sha256_add(sha256, text->at, text->len);
	sha256_end(&sha256, digest);
	if (blob->digest[0] && strcmp(digest, blob->digest) != 0)
		return fail(err, 0, "blob sha256:%s has the digest sha256:%s", blob->digest,
			    digest);
	return 0;
}

int blob_text(int fd, const struct blob *blob, struct strbuf *out, struct error *err)
{
	size_t done = 0;
	char *at;

	if (blob->size > BLOB_TEXT_MAX)
		return fail(err, 0, "%s%s has %llu bytes, more than %d",
			    blob->digest[0] ? "blob sha256:" : "index.json", blob->digest,
			    (unsigned long long)blob->size, BLOB_TEXT_MAX);
	at = strbuf_grow(out, blob->size);
	while (done < blob->size) {
		ssize_t got = pread(fd, at + done, blob->size - done,
				    (off_t)(blob->offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return fail(err, got < 0 ? errno : EIO, "cannot read the archive");
		done += (size_t)got;
	}
	out->len += done;
	out->at[out->len] = '\0';
	return check_digest(blob, out, err);
}
