#include "guest/confd.h"

#include <sys/socket.h>

#include "base/own.h"
#include "guest/address.h"
#include "guest/files.h"
#include "guest/sections.h"

/* A DHCPv6 client is none of ifconfig's, so "dhcp" of ip6 says nothing here. */
static void add_addresses(const struct guest_nic *nic, struct strbuf *out)
{
	if (is_mode(nic->ip, "dhcp") || is_static(nic->ip, AF_INET))
		strbuf_addf(out, "%s\n", nic->ip);
	if (is_mode(nic->ip6, "auto") || is_static(nic->ip6, AF_INET6))
		strbuf_addf(out, "%s\n", nic->ip6);
}

static void add_routes(const struct guest_nic *nic, struct strbuf *out)
{
	if (needs_route(nic->ip, nic->gw, AF_INET))
		strbuf_addf(out, "-host %s dev %s\n", nic->gw, nic->name);
	if (nic->gw)
		strbuf_addf(out, "default gw %s\n", nic->gw);
	if (nic->gw6 && (is_mode(nic->ip6, "auto") || is_static(nic->ip6, AF_INET6)))
		strbuf_addf(out, "-6 -host %s dev %s\n", nic->gw6, nic->name);
	if (nic->gw6)
		strbuf_addf(out, "-6 default gw %s\n", nic->gw6);
}

/* A variable with these lines, without the last LF; nothing without lines. */
static void add_variable(const char *variable, const struct guest_nic *nic,
			 const struct strbuf *lines, struct strbuf *out)
{
	if (lines->len)
		strbuf_addf(out, "%s_%s=\"%.*s\"\n", variable, nic->name,
			    (int)lines->len - 1, lines->at);
}

static void add_nic(const struct guest_nic *nic, struct strbuf *out)
{
	auto_strbuf struct strbuf addresses = STRBUF_INIT, routes = STRBUF_INIT;

	add_addresses(nic, &addresses);
	add_routes(nic, &routes);
	add_variable("config", nic, &addresses, out);
	add_variable("routes", nic, &routes, out);
}

void confd_format(const struct guest_nic *nics, size_t count, struct strbuf *out)
{
	strbuf_adds(out, "modules=\"$modules ifconfig\"\n");
	for (size_t i = 0; i < count; i++)
		add_nic(&nics[i], out);
}

/* An interface that the section says something of, if only its gateway. */
static bool has_service(const struct guest_nic *nic)
{
	return nic->gw || nic->gw6 || (nic->ip && !is_mode(nic->ip, "manual")) ||
	       is_mode(nic->ip6, "auto") || is_static(nic->ip6, AF_INET6);
}

static void add_service(const struct guest *guest, const struct guest_nic *nic)
{
	auto_free char *path = xasprintf("/etc/init.d/net.%s", nic->name);

	if (has_service(nic))
		guest_symlink(guest->root, "net.lo", path);
}

int confd_write(const struct guest *guest, struct error *err)
{
	const struct guest_wants *wants = guest->wants;
	auto_strbuf struct strbuf section = STRBUF_INIT;

	confd_format(wants->nic, wants->nic_count, &section);
	if (guest_edit_section(guest->root, "/etc/conf.d/net", strbuf_slice(&section),
			       SECTION_REPLACE, 0, 0644, err) < 0)
		return -1;
	for (size_t i = 0; i < wants->nic_count; i++)
		add_service(guest, &wants->nic[i]);
	return 0;
}
