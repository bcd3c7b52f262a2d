#include "guest/uuid.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"

void uuid_init(struct uuid_source *source, uint64_t seed)
{
	source->is_seeded = seed != 0;
	random_seed48(seed, source->state);
}

static void fill(struct uuid_source *source, uint32_t words[4])
{
	if (!source->is_seeded) {
		random_bytes(words, 4 * sizeof(words[0]));
		return;
	}
	for (int i = 0; i < 4; i++)
		words[i] = (uint32_t)jrand48(source->state);
}

void uuid_next(struct uuid_source *source, char out[UUID_LEN + 1])
{
	uint32_t words[4];

	fill(source, words);
	words[1] = (words[1] & 0xffff0fff) | 0x4000;     /* the version */
	words[2] = (words[2] & 0x3fffffff) | 0x80000000; /* the variant */
	snprintf(out, UUID_LEN + 1, "%08x-%04x-%04x-%04x-%04x%08x", words[0],
		 words[1] >> 16, words[1] & 0xffff, words[2] >> 16, words[2] & 0xffff,
		 words[3]);
}
