/* Random bytes from the kernel (getrandom(2)), and the forms that files need. */
#pragma once

#include <stddef.h>

void random_bytes(void *out, size_t len);

/* digits lower-case hex digits and a NUL. */
void random_hex(char *out, size_t digits);

/* len characters of [A-Za-z0-9./] and a NUL: a salt for crypt(3). */
void random_salt(char *out, size_t len);

/*
 * A MAC address "XX:XX:XX:XX:XX:XX", upper-case, unicast and locally administered,
 * or with the given bytes in front, one to five ("BC:24:11"; NULL: none).
 */
void random_mac(char out[18], const char *prefix);
