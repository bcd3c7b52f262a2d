/* UUIDs for the files of a guest, random ones (version 4). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define UUID_LEN 36

struct uuid_source {
	bool is_seeded;
	unsigned short state[3]; /* of jrand48(3) */
};

/* seed as in struct guest_facts: the same one gives the same UUIDs, 0 the kernel's. */
void uuid_init(struct uuid_source *source, uint64_t seed);

/* The next one, in lower case. */
void uuid_next(struct uuid_source *source, char out[UUID_LEN + 1]);
