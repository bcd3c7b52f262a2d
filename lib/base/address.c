#include "base/address.h"

#include <arpa/inet.h>

#include "base/own.h"

bool address_is_valid(const char *text, int family)
{
	unsigned char bytes[16];

	return inet_pton(family, text, bytes) == 1;
}

bool cidr_parse(const char *text, int family, struct cidr *out)
{
	struct cidr cidr = { .family = family };
	struct slice prefix;
	auto_free char *address = NULL;
	uint64_t bits;

	cidr.address = slice_cut(slice(text), '/', &prefix);
	address = slice_dup(cidr.address);
	if (!prefix.at || prefix.len > 3 || inet_pton(family, address, cidr.bytes) != 1 ||
	    !slice_number(prefix, 8, family == AF_INET ? 32 : 128, &bits))
		return false;
	cidr.prefix = (unsigned)bits;
	*out = cidr;
	return true;
}

bool cidr_contains(const struct cidr *cidr, const char *address)
{
	unsigned char bytes[16] = { 0 };

	if (inet_pton(cidr->family, address, bytes) != 1)
		return false;
	for (unsigned bit = 0; bit < cidr->prefix; bit += 8) {
		unsigned left = cidr->prefix - bit;
		unsigned mask = left >= 8 ? 0xffu : (0xffu << (8 - left)) & 0xffu;

		if ((bytes[bit / 8] ^ cidr->bytes[bit / 8]) & mask)
			return false;
	}
	return true;
}
