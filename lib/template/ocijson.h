/*
 * The JSON documents of an OCI image: index, manifest and configuration (image-spec
 * image-index.md, manifest.md, config.md; templates.md 9.2). Nothing in them is trusted:
 * what is needed is taken if it has the right form, all else is left alone. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/slice.h"
#include "template/compression.h"
#include "template/image.h"

#define LAYERS_MAX 1024

/* The library's own start, which reads a file: before a sandbox is entered. */
void oci_prepare(void);

/* A document elsewhere in the image. */
struct descriptor {
	char digest[SHA256_SIZE]; /* hex digits alone: SHA-256 is the one that is known */
	uint64_t size;            /* bytes */
};

struct layer {
	struct descriptor blob;
	enum compression compression;
};

struct manifest {
	struct descriptor config;
	struct layer *layers; /* those of types that are known, in order; owned */
	size_t count;
};

void manifest_done(struct manifest *manifest);
#define auto_manifest __attribute__((cleanup(manifest_done)))

/* What the digests of the layers are when they are unpacked, in their order. */
struct diff_ids {
	char (*at)[SHA256_SIZE]; /* owned */
	size_t count;
};

void diff_ids_done(struct diff_ids *ids);
#define auto_diff_ids __attribute__((cleanup(diff_ids_done)))

/* The name that images have for the architecture of uname(2)'s machine, or "". */
const char *oci_architecture(const char *machine);

/*
 * From index.json the manifest that is for that architecture; without one that says so
 * the first that does not say for which it is; else the first. Indexes inside the index
 * are not followed.
 */
int oci_read_index(struct slice text, const char *architecture, struct descriptor *out,
		   struct error *err);

int oci_read_manifest(struct slice text, struct manifest *out, struct error *err);

int oci_read_config(struct slice text, struct image *image, struct diff_ids *ids,
		    struct error *err);
