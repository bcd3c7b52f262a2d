/*
 * Fingerprints: SHA-1 of small files, by which two people who edit one find each other
 * out, and SHA-256 of streams, by which contents are named and checked. Pure.
 */
#pragma once

#include "base/slice.h"

#define DIGEST_SIZE 41 /* SHA-1 in hex digits, and a NUL */

void digest_sha1(struct slice bytes, char out[DIGEST_SIZE]);

#define SHA256_SIZE 65 /* SHA-256 in lower-case hex digits, and a NUL */

/* A SHA-256 (FIPS 180-4) under way. */
struct sha256;
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *sha256, const void *bytes, size_t len);

/* The digest of all that was added; frees *sha256. */
void sha256_end(struct sha256 **sha256, char out[SHA256_SIZE]);
