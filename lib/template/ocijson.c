#include "template/ocijson.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"

#define OCI      "application/vnd.oci.image."
#define MANIFEST OCI "manifest.v1+json"
#define CONFIG   OCI "config.v1+json"
#define SHA256   "sha256:"

static void free_json(json_t **json)
{
	json_decref(*json);
}

#define auto_json __attribute__((cleanup(free_json)))

void oci_prepare(void)
{
	json_object_seed(0);
}

static json_t *load(struct slice text, struct error *err)
{
	json_error_t why;
	json_t *json = json_loadb(text.at, text.len, 0, &why);

	if (!json)
		fail(err, 0, "line %d: %s", why.line, why.text);
	else if (!json_is_object(json))
		fail(err, 0, "this is no JSON object");
	else
		return json;
	json_decref(json);
	return NULL;
}

/* The text of a key, or "". */
static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static int parse_digest(const char *text, char out[SHA256_SIZE], struct error *err)
{
	struct slice hex = slice_from(slice(text), strlen(SHA256));

	if (!slice_starts(slice(text), SHA256))
		return fail(err, 0, "digest '%.100s' is not one of SHA-256", text);
	if (hex.len != SHA256_SIZE - 1 || strspn(hex.at, "0123456789abcdef") != hex.len)
		return fail(err, 0, "digest '%.100s' is malformed", text);
	memcpy(out, hex.at, SHA256_SIZE);
	return 0;
}

static int read_descriptor(const json_t *json, struct descriptor *out, struct error *err)
{
	const json_t *size = json_object_get(json, "size");
	struct descriptor found = { 0 };

	if (parse_digest(text_at(json, "digest"), found.digest, err) < 0)
		return -1;
	if (!json_is_integer(size) || json_integer_value(size) < 0)
		return fail(err, 0, "blob " SHA256 "%s has no size", found.digest);
	found.size = (uint64_t)json_integer_value(size);
	*out = found;
	return 0;
}

/* ---- the index ---- */

const char *oci_architecture(const char *machine)
{
	/* What Go calls them (image-spec image-index.md: GOARCH). */
	static const char *const names[][2] = {
		{ "x86_64", "amd64" },    { "aarch64", "arm64" },   { "i686", "386" },
		{ "i386", "386" },        { "armv7l", "arm" },      { "armv8l", "arm" },
		{ "riscv64", "riscv64" }, { "ppc64le", "ppc64le" }, { "s390x", "s390x" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(machine, names[i][0]) == 0)
			return names[i][1];
	return "";
}

/* 0: it is for this architecture; 1: it does not say; 2: it is for another one. */
static int distance(const json_t *descriptor, const char *architecture)
{
	const char *text = text_at(json_object_get(descriptor, "platform"), "architecture");

	if (!text[0])
		return 1;
	return strcmp(text, architecture) == 0 ? 0 : 2;
}

static bool is_manifest(const json_t *descriptor)
{
	return strcmp(text_at(descriptor, "mediaType"), MANIFEST) == 0;
}

static const json_t *choose(const json_t *list, const char *architecture)
{
	const json_t *found = NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		if (is_manifest(one) &&
		    (!found || distance(one, architecture) < distance(found, architecture)))
			found = one;
	}
	return found;
}

int oci_read_index(struct slice text, const char *architecture, struct descriptor *out,
		   struct error *err)
{
	auto_json json_t *json = load(text, err);
	const json_t *found;

	if (!json)
		return fail_in(err, "index.json");
	found = choose(json_object_get(json, "manifests"), architecture);
	if (!found)
		return fail(err, 0,
			    "unsupported architecture: index.json names no manifest of "
			    "type '" MANIFEST "'");
	return read_descriptor(found, out, err) < 0 ? fail_in(err, "index.json") : 0;
}

/* ---- the manifest ---- */

static bool layer_type(const char *type, enum compression *out)
{
	static const struct {
		const char *name;
		enum compression compression;
	} types[] = {
		{ "tar", COMPRESSION_NONE },
		{ "tar+gzip", COMPRESSION_GZIP },
		{ "tar+zstd", COMPRESSION_ZSTD },
	};
	static const char *const prefixes[] = { OCI "layer.v1.",
						OCI "layer.nondistributable.v1." };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		for (size_t j = 0; j < sizeof(prefixes) / sizeof(prefixes[0]); j++) {
			size_t len = strlen(prefixes[j]);

			if (strncmp(type, prefixes[j], len) == 0 &&
			    strcmp(type + len, types[i].name) == 0) {
				*out = types[i].compression;
				return true;
			}
		}
	}
	return false;
}

static int add_layer(struct manifest *manifest, const json_t *json, struct error *err)
{
	struct layer layer;

	if (!layer_type(text_at(json, "mediaType"), &layer.compression))
		return 0;
	if (read_descriptor(json, &layer.blob, err) < 0)
		return -1;
	if (manifest->count == LAYERS_MAX)
		return fail(err, 0, "the image has more than %d layers", LAYERS_MAX);
	manifest->layers =
		grow_array(manifest->layers, manifest->count, sizeof(*manifest->layers));
	manifest->layers[manifest->count++] = layer;
	return 0;
}

static int read_manifest(const json_t *json, struct manifest *out, struct error *err)
{
	const json_t *config = json_object_get(json, "config");
	const json_t *layers = json_object_get(json, "layers");

	if (strcmp(text_at(config, "mediaType"), CONFIG) != 0)
		return fail(err, 0, "config has the wrong media type '%.100s'",
			    text_at(config, "mediaType"));
	if (read_descriptor(config, &out->config, err) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(layers); i++)
		if (add_layer(out, json_array_get(layers, i), err) < 0)
			return -1;
	return 0;
}

int oci_read_manifest(struct slice text, struct manifest *out, struct error *err)
{
	auto_manifest struct manifest manifest = { 0 };
	auto_json json_t *json = load(text, err);

	if (!json || read_manifest(json, &manifest, err) < 0)
		return fail_in(err, "manifest");
	*out = manifest;
	manifest = (struct manifest){ 0 };
	return 0;
}

void manifest_done(struct manifest *manifest)
{
	free(manifest->layers);
	*manifest = (struct manifest){ 0 };
}

/* ---- the configuration ---- */

static int add_text(struct image *image, const char *part, const char *key,
		    const json_t *json, struct error *err)
{
	if (!json || json_is_null(json))
		return 0;
	if (!json_is_string(json))
		return fail(err, 0, "%s is not a text", key);
	if (image_add(image, part, json_string_value(json), err) < 0)
		return fail_in(err, "%s", key);
	return 0;
}

static int add_list(struct image *image, const char *part, const char *key,
		    const json_t *json, struct error *err)
{
	if (!json || json_is_null(json))
		return 0;
	if (!json_is_array(json))
		return fail(err, 0, "%s is not a list", key);
	for (size_t i = 0; i < json_array_size(json); i++) {
		if (!json_is_string(json_array_get(json, i)))
			return fail(err, 0, "%s is not a list of texts", key);
		if (add_text(image, part, key, json_array_get(json, i), err) < 0)
			return -1;
	}
	return 0;
}

static int add_keys(struct image *image, const char *part, const char *key, json_t *json,
		    struct error *err)
{
	const char *name;
	json_t *value;

	if (!json || json_is_null(json))
		return 0;
	if (!json_is_object(json))
		return fail(err, 0, "%s is not an object", key);
	json_object_foreach(json, name, value) if (image_add(image, part, name, err) <
						   0) return fail_in(err, "%s", key);
	return 0;
}

static int read_image(const json_t *config, struct image *out, struct error *err)
{
	static const struct {
		const char *key, *part;
		int (*add)(struct image *, const char *, const char *, const json_t *,
			   struct error *);
	} rows[] = {
		{ "Entrypoint", "command", add_list },
		{ "Cmd", "command", add_list },
		{ "Env", "env", add_list },
		{ "User", "user", add_text },
		{ "WorkingDir", "dir", add_text },
		{ "StopSignal", "signal", add_text },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].add(out, rows[i].part, rows[i].key,
				json_object_get(config, rows[i].key), err) < 0)
			return -1;
	return add_keys(out, "volumes", "Volumes", json_object_get(config, "Volumes"), err);
}

static int read_diff_ids(const json_t *json, struct diff_ids *out, struct error *err)
{
	const json_t *list = json_object_get(json_object_get(json, "rootfs"), "diff_ids");
	size_t count = json_array_size(list);

	if (count == 0)
		return fail(err, 0, "rootfs has no diff_ids");
	if (count > LAYERS_MAX)
		return fail(err, 0, "the image has more than %d layers", LAYERS_MAX);
	out->at = xcalloc(count, sizeof(*out->at));
	for (; out->count < count; out->count++) {
		const char *text = json_string_value(json_array_get(list, out->count));

		if (parse_digest(text ? text : "", out->at[out->count], err) < 0)
			return fail_in(err, "diff_ids");
	}
	return 0;
}

int oci_read_config(struct slice text, struct image *image, struct diff_ids *ids,
		    struct error *err)
{
	auto_image struct image read = { 0 };
	auto_diff_ids struct diff_ids read_ids = { 0 };
	auto_json json_t *json = load(text, err);

	if (!json || read_image(json_object_get(json, "config"), &read, err) < 0 ||
	    read_diff_ids(json, &read_ids, err) < 0)
		return fail_in(err, "image configuration");
	*image = read;
	*ids = read_ids;
	read = (struct image){ 0 };
	read_ids = (struct diff_ids){ 0 };
	return 0;
}

void diff_ids_done(struct diff_ids *ids)
{
	free(ids->at);
	*ids = (struct diff_ids){ 0 };
}
