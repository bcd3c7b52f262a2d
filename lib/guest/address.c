#include "guest/address.h"

bool address_is_link_local(const char *address)
{
	const struct cidr network = { AF_INET6, { 0xfe, 0x80 }, 10, { 0 } };

	return cidr_contains(&network, address);
}

bool needs_route(const char *addr, const char *gateway, int family)
{
	struct cidr cidr;

	if (!addr || !gateway || !cidr_parse(addr, family, &cidr))
		return false;
	if (family == AF_INET6 && address_is_link_local(gateway))
		return false;
	return !cidr_contains(&cidr, gateway);
}

void netmask_format(const struct cidr *cidr, struct strbuf *out)
{
	uint32_t mask = cidr->prefix ? ~UINT32_C(0) << (32 - cidr->prefix) : 0;

	strbuf_addf(out, "%u.%u.%u.%u", mask >> 24, mask >> 16 & 255, mask >> 8 & 255,
		    mask & 255);
}
