#include "template/oci.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "template/blobs.h"
#include "template/member.h"
#include "template/ocijson.h"
#include "template/reader.h"
#include "template/whiteout.h"

#define TOLD_MAX 20 /* members left out that are printed one by one */

/* What the first look at a layer found out. */
struct seen {
	char diff_id[SHA256_SIZE];
	bool has_whiteouts;
};

struct work {
	const struct extract *extract;
	int root;
	struct blobs blobs;
	struct manifest manifest;
	struct diff_ids ids;
	struct image image;
	struct mounts kept;
	struct seen *seen;        /* one for each layer */
	struct unpacker unpacker; /* of the layer that is being applied */
	unsigned long ignored, left_out;
};

static void work_done(struct work *work)
{
	blobs_done(&work->blobs);
	manifest_done(&work->manifest);
	diff_ids_done(&work->ids);
	image_done(&work->image);
	mounts_done(&work->kept);
	free(work->seen);
}
#define auto_work __attribute__((cleanup(work_done)))

int oci_detect(void *arg, const struct sandbox_io *io, struct error *err)
{
	const struct extract *extract = arg;
	auto_blobs struct blobs blobs = { 0 };

	if (blobs_read(extract->fd, &blobs, err) < 0)
		return -1;
	if (blobs.kind == ARCHIVE_DOCKER)
		return fail(err, 0,
			    "this is an image in Docker's own form, without 'index.json': "
			    "only OCI images can be used");
	return blobs.kind == ARCHIVE_OCI ? write_all(io->report, "image", 5, err) : 0;
}

/* ---- the documents ---- */

static int find_blob(const struct work *work, const char *what,
		     const struct descriptor *wanted, const struct blob **out,
		     struct error *err)
{
	const struct blob *blob = blobs_find(&work->blobs, wanted->digest);

	if (!blob)
		return fail(err, 0, "%s sha256:%s is missing", what, wanted->digest);
	if (blob->size != wanted->size)
		return fail(err, 0, "%s sha256:%s has %llu bytes instead of %llu", what,
			    wanted->digest, (unsigned long long)blob->size,
			    (unsigned long long)wanted->size);
	*out = blob;
	return 0;
}

static int read_document(const struct work *work, const char *what,
			 const struct descriptor *wanted, struct strbuf *out,
			 struct error *err)
{
	const struct blob *blob;

	if (find_blob(work, what, wanted, &blob, err) < 0)
		return -1;
	return blob_text(work->extract->fd, blob, out, err);
}

static int read_documents(struct work *work, struct error *err)
{
	auto_strbuf struct strbuf index = STRBUF_INIT, manifest = STRBUF_INIT,
				  config = STRBUF_INIT;
	struct descriptor wanted;
	struct utsname host;

	if (uname(&host) < 0)
		return fail(err, errno, "cannot tell the architecture of this host");
	if (blobs_read(work->extract->fd, &work->blobs, err) < 0)
		return -1;
	if (work->blobs.kind != ARCHIVE_OCI)
		return fail(err, 0, "this is no OCI image");
	if (blob_text(work->extract->fd, &work->blobs.index, &index, err) < 0 ||
	    oci_read_index(strbuf_slice(&index), oci_architecture(host.machine), &wanted,
			   err) < 0 ||
	    read_document(work, "manifest", &wanted, &manifest, err) < 0 ||
	    oci_read_manifest(strbuf_slice(&manifest), &work->manifest, err) < 0 ||
	    read_document(work, "image configuration", &work->manifest.config, &config,
			  err) < 0)
		return -1;
	return oci_read_config(strbuf_slice(&config), &work->image, &work->ids, err);
}

/* ---- reading a layer ---- */

typedef int member_function(void *, struct archive *, struct archive_entry *,
			    struct error *);

/* Every member of the layer; digests NULL: it was checked already. */
static int read_layer(struct work *work, const struct layer *layer, member_function *member,
		      bool ignores_errors, struct stream_digests *digests,
		      struct error *err)
{
	const struct extract *extract = work->extract;
	struct stream_input input = { .fd = extract->fd,
				      .compression = layer->compression,
				      .bwlimit_kib = extract->bwlimit_kib,
				      .is_hashed = digests != NULL };
	struct reader reader = { .member = member,
				 .arg = work,
				 .ignores_errors = ignores_errors,
				 .shows_progress = extract->shows_progress,
				 .is_layer = true };
	const struct blob *blob;

	if (find_blob(work, "layer", &layer->blob, &blob, err) < 0)
		return -1;
	if (blob->size == 0)
		return fail(err, 0, "layer sha256:%s is empty", blob->digest);
	if (lseek(extract->fd, (off_t)blob->offset, SEEK_SET) < 0)
		return fail(err, errno, "cannot read the archive");
	input.size = reader.size = blob->size;
	reader.stream = stream_start(&input, err);
	if (!reader.stream)
		return -1;
	if (reader_run(&reader, err) < 0)
		return fail_in(err, "layer sha256:%s", blob->digest);
	work->ignored += reader.ignored;
	stream_end(&reader.stream, digests);
	return 0;
}

/* A member's name, and what it takes away. False: it has none that could be used. */
static bool read_name(struct archive_entry *entry, struct member_name *name,
		      struct whiteout *whiteout)
{
	const char *path = archive_entry_pathname(entry);
	struct error ignored;

	if (!path || member_name_parse(path, name, &ignored) < 0)
		return false;
	whiteout_parse(name, whiteout);
	return true;
}

/* Only regular files take something away. */
static bool read_whiteout(struct archive_entry *entry, struct whiteout *out)
{
	struct member_name name;

	return archive_entry_filetype(entry) == AE_IFREG &&
	       !archive_entry_hardlink(entry) && read_name(entry, &name, out) &&
	       (out->kind == WHITEOUT_ENTRY || out->kind == WHITEOUT_INSIDE);
}

/* ---- first: what is in it, and is it what it claims to be? ---- */

static int scan_member(void *arg, struct archive *archive, struct archive_entry *entry,
		       struct error *err)
{
	struct work *work = arg;
	struct whiteout whiteout;

	(void)archive;
	(void)err;
	if (read_whiteout(entry, &whiteout))
		work->seen->has_whiteouts = true;
	return 0;
}

static const struct seen *find_seen(const struct work *work, size_t before,
				    const struct seen *all)
{
	const struct layer *layers = work->manifest.layers;

	for (size_t i = 0; i < before; i++)
		if (strcmp(layers[i].blob.digest, layers[before].blob.digest) == 0 &&
		    layers[i].compression == layers[before].compression)
			return &all[i];
	return NULL;
}

static int scan_layer(struct work *work, const struct layer *layer, struct seen *out,
		      struct error *err)
{
	struct stream_digests digests;

	work->seen = out;
	if (read_layer(work, layer, scan_member, false, &digests, err) < 0)
		return -1;
	if (strcmp(digests.packed, layer->blob.digest) != 0)
		return fail(err, 0, "layer sha256:%s has the digest sha256:%s",
			    layer->blob.digest, digests.packed);
	memcpy(out->diff_id, digests.plain, SHA256_SIZE);
	return 0;
}

/* A layer that comes twice is looked at once. */
static int scan_layers(struct work *work, struct error *err)
{
	struct seen *all = xcalloc(work->manifest.count + 1, sizeof(*all));
	int status = 0;

	for (size_t i = 0; status == 0 && i < work->manifest.count; i++) {
		const struct seen *same = find_seen(work, i, all);

		if (same)
			all[i] = *same;
		else
			status = scan_layer(work, &work->manifest.layers[i], &all[i], err);
	}
	work->seen = all;
	return status;
}

/* ---- then: apply them ---- */

static int take_away(void *arg, struct archive *archive, struct archive_entry *entry,
		     struct error *err)
{
	struct work *work = arg;
	struct whiteout whiteout;
	char shown[256];

	(void)archive;
	if (!read_whiteout(entry, &whiteout) ||
	    whiteout_apply(&whiteout, work->root, &work->kept, err) == 0)
		return 0;
	return fail_in(err, "member '%s'",
		       printable(archive_entry_pathname(entry), shown, sizeof(shown)));
}

static void tell_left_out(struct work *work, const char *path)
{
	char shown[256];

	if (++work->left_out <= TOLD_MAX)
		dprintf(STDOUT_FILENO, "leaving out member '%s': its name contains '..'\n",
			printable(path, shown, sizeof(shown)));
}

static int put_member(void *arg, struct archive *archive, struct archive_entry *entry,
		      struct error *err)
{
	const char *path = archive_entry_pathname(entry);
	struct work *work = arg;
	struct member_name name;
	struct whiteout whiteout;

	if (path && member_name_climbs(path)) {
		tell_left_out(work, path);
		return 0;
	}
	if (read_name(entry, &name, &whiteout) && whiteout.kind != WHITEOUT_NONE)
		return 0;
	return member_put(&work->unpacker, archive, entry, err);
}

static int put_layer(struct work *work, const struct layer *layer, struct error *err)
{
	const struct extract *extract = work->extract;
	struct reader told = { .ignores_errors = extract->ignore_errors };

	work->unpacker.is_layer = true;
	work->unpacker.kept = &work->kept;
	if (read_layer(work, layer, put_member, extract->ignore_errors, NULL, err) < 0)
		return -1;
	if (later_apply(&work->unpacker.later, err) < 0 && !reader_ignore(&told, err))
		return -1;
	work->ignored += told.ignored;
	return 0;
}

static int apply_layer(struct work *work, size_t number, bool is_first, struct error *err)
{
	const struct layer *layer = &work->manifest.layers[number];
	bool can_make_devices = work->extract->can_make_devices;
	int status;

	if (!is_first && work->seen[number].has_whiteouts &&
	    read_layer(work, layer, take_away, false, NULL, err) < 0)
		return -1;
	if (unpacker_init(&work->unpacker, work->root, can_make_devices, err) < 0)
		return -1;
	status = put_layer(work, layer, err);
	unpacker_done(&work->unpacker);
	return status;
}

/* The layer with that diff id, the one in the same place first. -1: there is none. */
static int find_layer(const struct work *work, size_t place, struct error *err)
{
	const char *wanted = work->ids.at[place];

	if (place < work->manifest.count && strcmp(work->seen[place].diff_id, wanted) == 0)
		return (int)place;
	for (size_t i = 0; i < work->manifest.count; i++)
		if (strcmp(work->seen[i].diff_id, wanted) == 0)
			return (int)i;
	return fail(err, 0, "no layer of the image has the diff id sha256:%s", wanted);
}

static int apply_layers(struct work *work, struct error *err)
{
	for (size_t i = 0; i < work->ids.count; i++)
		if (find_layer(work, i, err) < 0)
			return -1;
	for (size_t i = 0; i < work->ids.count; i++)
		if (apply_layer(work, (size_t)find_layer(work, i, err), i == 0, err) < 0)
			return -1;
	return 0;
}

/* ---- the directories that it asks for ---- */

static int make_directory(struct places *places, const char *path, struct error *err)
{
	struct member_name name;

	if (member_name_parse(path, &name, err) < 0)
		return -1;
	return places_open(places, name.text, name.len, err) ? 0 : -1;
}

/*
 * As far as it goes: an image may ask for what its own files do not allow. The working
 * directory has to be there at the start.
 */
static void make_directories(struct work *work)
{
	struct places places;
	struct error err;

	places_init(&places, work->root);
	for (char **path = work->image.volumes; path && *path; path++) {
		dprintf(STDOUT_FILENO, "creating base directory for volume at %s\n", *path);
		if (make_directory(&places, *path, &err) < 0)
			dprintf(STDOUT_FILENO, "it is left out: %s\n", err.text);
	}
	if (work->image.dir && make_directory(&places, work->image.dir, &err) < 0)
		dprintf(STDOUT_FILENO, "working directory '%s' is not made: %s\n",
			work->image.dir, err.text);
	places_done(&places);
}

static int report(const struct work *work, int fd, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "%lu", work->ignored);
	strbuf_addc(&text, '\0');
	image_format(&work->image, &text);
	return write_all(fd, text.at, text.len, err);
}

int oci_run(void *arg, const struct sandbox_io *io, struct error *err)
{
	auto_work struct work work = { .extract = arg, .root = io->root };

	umask(0);
	for (char **path = work.extract->kept; path && *path; path++)
		if (mounts_add(&work.kept, io->root, *path, err) < 0)
			return -1;
	if (read_documents(&work, err) < 0 || scan_layers(&work, err) < 0 ||
	    apply_layers(&work, err) < 0)
		return -1;
	make_directories(&work);
	return report(&work, io->report, err);
}
