/* Random bytes from the kernel (getrandom(2)), and the forms that files need. */
#pragma once

#include <stddef.h>
#include <stdint.h>

void random_bytes(void *out, size_t len);

/* The state of erand48(3) and jrand48(3) that srand48(3) makes of the seed's low 32 bits.
 */
void random_seed48(uint64_t seed, unsigned short state[3]);

/* digits lower-case hex digits and a NUL. */
void random_hex(char *out, size_t digits);

/* len characters of [A-Za-z0-9./] and a NUL: a salt for crypt(3). */
void random_salt(char *out, size_t len);

/*
 * A MAC address "XX:XX:XX:XX:XX:XX", upper-case, unicast and locally administered,
 * or with the given bytes in front, one to five ("BC:24:11"; NULL: none).
 */
void random_mac(char out[18], const char *prefix);
