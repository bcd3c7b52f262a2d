/*
 * OCI images made by hand, as tar archives of struct unpacking: layers are tar archives of
 * tarball.h, digests are computed, and everything can be made to lie.
 */
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include "base/digest.h"
#include "template/image.h"

#include "unpacking.h"

#define OCI_TYPE "application/vnd.oci.image."

enum packing { PACKED_NOT, PACKED_GZIP, PACKED_ZSTD };

struct oci_image {
	struct unpacking u;
	struct strbuf layers, diff_ids; /* of the JSON documents */
	struct image said;              /* by template_unpack_image */
	char **kept;
};

static inline void oci_init(struct oci_image *image, const char *name, bool privileged)
{
	*image = (struct oci_image){ .layers = STRBUF_INIT, .diff_ids = STRBUF_INIT };
	unpacking_init(&image->u, name, privileged);
}

static inline void oci_done(struct oci_image *image)
{
	unpacking_done(&image->u);
	strbuf_done(&image->layers);
	strbuf_done(&image->diff_ids);
	image_done(&image->said);
}
#define auto_oci __attribute__((cleanup(oci_done)))

static inline void oci_digest(struct slice data, char out[SHA256_SIZE])
{
	struct sha256 *sha256 = sha256_new();

	sha256_add(sha256, data.at, data.len);
	sha256_end(&sha256, out);
}

static inline void oci_member(struct strbuf *tar, const char *name, struct slice data)
{
	tar_header(tar, &(struct tar_member){ .name = name, .mode = 0644 }, '0', data.len);
	tar_block(tar, data.at, data.len);
}

/* A blob under the digest of its bytes; its descriptor's members are appended to json. */
static inline void oci_blob(struct oci_image *image, const char *type, struct slice data,
			    struct strbuf *json)
{
	char digest[SHA256_SIZE], name[100];

	oci_digest(data, digest);
	snprintf(name, sizeof(name), "blobs/sha256/%s", digest);
	oci_member(&image->u.tar, name, data);
	strbuf_addf(json, "{\"mediaType\":\"%s%s\",\"digest\":\"sha256:%s\",\"size\":%zu}",
		    OCI_TYPE, type, digest, data.len);
}

static inline void oci_pack(struct slice data, enum packing packing, struct strbuf *out)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	size_t room = data.len + 65536, used = 0;
	auto_free char *bytes = xmalloc(room);

	archive_write_set_format_raw(archive);
	if (packing == PACKED_GZIP)
		archive_write_add_filter_gzip(archive);
	else
		archive_write_add_filter_zstd(archive);
	archive_write_open_memory(archive, bytes, room, &used);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_write_header(archive, entry);
	archive_write_data(archive, data.at, data.len);
	archive_write_close(archive);
	archive_entry_free(entry);
	archive_write_free(archive);
	strbuf_add(out, bytes, used);
}

/* A layer of these bytes, unpacked or packed, with both of its digests right. */
static inline void oci_layer_bytes(struct oci_image *image, struct slice tar,
				   enum packing packing)
{
	static const char *const types[] = { [PACKED_NOT] = "layer.v1.tar",
					     [PACKED_GZIP] = "layer.v1.tar+gzip",
					     [PACKED_ZSTD] = "layer.v1.tar+zstd" };
	auto_strbuf struct strbuf packed = STRBUF_INIT;
	char digest[SHA256_SIZE];

	oci_digest(tar, digest);
	if (packing == PACKED_NOT)
		strbuf_add_slice(&packed, tar);
	else
		oci_pack(tar, packing, &packed);
	strbuf_addf(&image->diff_ids, "%s\"sha256:%s\"", image->diff_ids.len ? "," : "",
		    digest);
	strbuf_adds(&image->layers, image->layers.len ? "," : "");
	oci_blob(image, types[packing], strbuf_slice(&packed), &image->layers);
}

/* A layer of these members, the last of which has no name. */
static inline void oci_layer(struct oci_image *image, const struct tar_member *members,
			     enum packing packing)
{
	auto_strbuf struct strbuf tar = STRBUF_INIT;

	for (; members->name; members++)
		tar_add(&tar, members);
	tar_end(&tar);
	oci_layer_bytes(image, strbuf_slice(&tar), packing);
}

/* The documents; config is the JSON of the part of that name. */
static inline void oci_finish(struct oci_image *image, const char *config)
{
	auto_strbuf struct strbuf whole = STRBUF_INIT, manifest = STRBUF_INIT,
				  index = STRBUF_INIT;

	strbuf_addf(&whole,
		    "{\"config\":%s,\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}",
		    config, image->diff_ids.at);
	strbuf_adds(&manifest, "{\"schemaVersion\":2,\"config\":");
	oci_blob(image, "config.v1+json", strbuf_slice(&whole), &manifest);
	strbuf_addf(&manifest, ",\"layers\":[%s]}", image->layers.at);
	strbuf_adds(&index, "{\"schemaVersion\":2,\"manifests\":[");
	oci_blob(image, "manifest.v1+json", strbuf_slice(&manifest), &index);
	strbuf_adds(&index, "]}");
	oci_member(&image->u.tar, "index.json", strbuf_slice(&index));
	oci_member(&image->u.tar, "oci-layout",
		   slice("{\"imageLayoutVersion\":\"1.0.0\"}"));
}

/* What create does with an archive; -1, or whether it was an image. */
static inline int oci_unpack_file(struct oci_image *image, const char *path)
{
	struct unpacking *u = &image->u;
	auto_close int root = open(u->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct idmap map = { .count = 0 };
	struct unpack unpack = { .archive = path,
				 .rootfd = root,
				 .map = &map,
				 .flags = u->flags,
				 .notes = &u->notes,
				 .kept = image->kept };
	bool is_image;

	if (!u->privileged)
		idmap_default(&map);
	u->err = (struct error){ 0 };
	if (template_is_image(&unpack, &is_image, &u->err) < 0)
		return -1;
	if (is_image && template_unpack_image(&unpack, &image->said, &u->err) < 0)
		return -1;
	return is_image;
}

static inline int oci_unpack_raw(struct oci_image *image)
{
	auto_free char *path = xasprintf("%s/i.tar", image->u.dir);

	tar_save(&image->u.tar, path);
	return oci_unpack_file(image, path);
}

/* With its documents and end mark. */
static inline int oci_unpack_all(struct oci_image *image, const char *config)
{
	oci_finish(image, config);
	tar_end(&image->u.tar);
	return oci_unpack_raw(image);
}
