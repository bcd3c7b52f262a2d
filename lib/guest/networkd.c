#include "guest/networkd.h"

#include <sys/socket.h>

#include "base/own.h"
#include "guest/address.h"
#include "guest/files.h"

#define DIRECTORY "/etc/systemd/network"

static void add_family(const char *ip, const char *gateway, int family, struct strbuf *out)
{
	if (is_static(ip, family))
		strbuf_addf(out, "Address = %s\n", ip);
	if (gateway)
		strbuf_addf(out, "Gateway = %s\n", gateway);
}

static const char *dhcp_families(const struct guest_nic *nic)
{
	bool v4 = is_mode(nic->ip, "dhcp"), v6 = is_mode(nic->ip6, "dhcp");

	if (v4)
		return v6 ? "yes" : "ipv4";
	return v6 ? "ipv6" : "no";
}

/* A gateway of ours would compete with the one that a router announces. */
static bool accepts_ra(const struct guest_nic *nic)
{
	return !nic->gw6 && (is_mode(nic->ip6, "auto") || is_mode(nic->ip6, "dhcp"));
}

static void add_route(const char *ip, const char *gateway, int family, struct strbuf *out)
{
	if (needs_route(ip, gateway, family))
		strbuf_addf(out, "\n[Route]\nDestination = %s/%d\nScope = link\n", gateway,
			    family == AF_INET ? 32 : 128);
}

void networkd_format(const struct guest_nic *nic, struct strbuf *out)
{
	strbuf_addf(out,
		    "[Match]\n"
		    "Name = %s\n"
		    "\n"
		    "[Network]\n"
		    "Description = Interface %s autoconfigured by PVE\n",
		    nic->name, nic->name);
	add_family(nic->ip, nic->gw, AF_INET, out);
	add_family(nic->ip6, nic->gw6, AF_INET6, out);
	strbuf_addf(out, "DHCP = %s\n", dhcp_families(nic));
	strbuf_addf(out, "IPv6AcceptRA = %s\n", accepts_ra(nic) ? "true" : "false");
	add_route(nic->ip, nic->gw, AF_INET, out);
	add_route(nic->ip6, nic->gw6, AF_INET6, out);
}

static int write_nic(const struct guest *guest, const struct guest_nic *nic,
		     struct error *err)
{
	auto_free char *path = xasprintf(DIRECTORY "/%s.network", nic->name);
	auto_strbuf struct strbuf text = STRBUF_INIT;

	networkd_format(nic, &text);
	return guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err);
}

int networkd_write(const struct guest *guest, struct error *err)
{
	const struct guest_wants *wants = guest->wants;

	if (guest_mkdirs(guest->root, DIRECTORY, err) < 0)
		return -1;
	for (size_t i = 0; i < wants->nic_count; i++)
		if (write_nic(guest, &wants->nic[i], err) < 0)
			return -1;
	return 0;
}
