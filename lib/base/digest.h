/* Fingerprints of files, by which two people who edit one find each other out. Pure. */
#pragma once

#include "base/slice.h"

#define DIGEST_SIZE 41 /* SHA-1 in hex digits, and a NUL */

void digest_sha1(struct slice bytes, char out[DIGEST_SIZE]);
