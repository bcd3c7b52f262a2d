#include "base/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void random_bytes(void *out, size_t len)
{
	char *at = out;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			abort(); /* only a kernel without getrandom(2) */
		at += got;
		len -= (size_t)got;
	}
}

void random_seed48(uint64_t seed, unsigned short state[3])
{
	state[0] = 0x330e;
	state[1] = (unsigned short)seed;
	state[2] = (unsigned short)(seed >> 16);
}

static void random_text(char *out, size_t len, const char *alphabet, unsigned char mask)
{
	random_bytes(out, len);
	for (size_t i = 0; i < len; i++)
		out[i] = alphabet[(unsigned char)out[i] & mask];
	out[len] = '\0';
}

void random_hex(char *out, size_t digits)
{
	random_text(out, digits, "0123456789abcdef", 15);
}

void random_salt(char *out, size_t len)
{
	random_text(out, len,
		    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 63);
}

void random_mac(char out[18], const char *prefix)
{
	unsigned char b[6];

	random_bytes(b, sizeof(b));
	b[0] = (unsigned char)((b[0] & ~1u) | 2u);
	snprintf(out, 18, "%02X:%02X:%02X:%02X:%02X:%02X", b[0], b[1], b[2], b[3], b[4],
		 b[5]);
	if (prefix && strlen(prefix) < 17)
		memcpy(out, prefix, strlen(prefix));
}
