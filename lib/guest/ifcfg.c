#include "guest/ifcfg.h"

#include <string.h>

#include "base/ascii.h"
#include "base/own.h"
#include "guest/address.h"
#include "guest/files.h"
#include "guest/sections.h"
#include "guest/uuid.h"

#define SCRIPTS "/etc/sysconfig/network-scripts"

static const char *boot_protocol(const struct guest_nic *nic)
{
	if (is_mode(nic->ip, "dhcp"))
		return "dhcp";
	return is_configured(nic->ip) || is_configured(nic->ip6) ? "none" : "";
}

static void add_ipv4(const struct guest_nic *nic, struct strbuf *out)
{
	struct cidr cidr;

	if (!nic->ip || !cidr_parse(nic->ip, AF_INET, &cidr))
		return;
	strbuf_addf(out, "IPADDR=" SLICE_FMT "\nNETMASK=", SLICE_ARG(cidr.address));
	netmask_format(&cidr, out);
	strbuf_addc(out, '\n');
	if (nic->gw)
		strbuf_addf(out, "GATEWAY=%s\n", nic->gw);
}

static void add_ipv6(const struct guest_nic *nic, struct strbuf *out)
{
	if (!is_configured(nic->ip6))
		return;
	strbuf_adds(out, "IPV6INIT=yes\n");
	if (is_mode(nic->ip6, "auto")) {
		strbuf_adds(out, "IPV6_AUTOCONF=yes\n");
	} else if (is_mode(nic->ip6, "dhcp")) {
		strbuf_adds(out, "DHCPV6C=yes\n");
	} else {
		strbuf_addf(out, "IPV6ADDR=%s\nIPV6_AUTOCONF=no\n", nic->ip6);
		if (nic->gw6 && !needs_route(nic->ip6, nic->gw6, AF_INET6))
			strbuf_addf(out, "IPV6_DEFAULTGW=%s\n", nic->gw6);
	}
}

static void add_dns(const struct guest_wants *wants, struct strbuf *out)
{
	size_t count = 0;

	for (char **server = wants->nameservers; *server; server++)
		strbuf_addf(out, "DNS%zu=%s\n", ++count, *server);
	for (char **domain = wants->search; *domain; domain++)
		strbuf_addf(out, "%s%s", domain == wants->search ? "DOMAIN=" : " ",
			    *domain);
	if (*wants->search)
		strbuf_addc(out, '\n');
}

bool ifcfg_format(const struct guest_nic *nic, const struct guest_wants *wants,
		  const char *uuid, struct strbuf *out)
{
	if (!is_configured(nic->ip) && !is_configured(nic->ip6) && !*wants->nameservers &&
	    !*wants->search)
		return false;
	strbuf_addf(out, "DEVICE=%s\nONBOOT=yes\nUUID=%s\nBOOTPROTO=%s\n", nic->name, uuid,
		    boot_protocol(nic));
	add_ipv4(nic, out);
	add_ipv6(nic, out);
	add_dns(wants, out);
	return true;
}

void ifcfg_format_routes(const struct guest_nic *nic, int family, struct strbuf *out)
{
	const char *addr = family == AF_INET ? nic->ip : nic->ip6;
	const char *gateway = family == AF_INET ? nic->gw : nic->gw6;

	if (needs_route(addr, gateway, family))
		strbuf_addf(out, "%s dev %s\ndefault via %s dev %s\n", gateway, nic->name,
			    gateway, nic->name);
}

static int write_routes(const struct guest *guest, const struct guest_nic *nic, int family,
			struct error *err)
{
	auto_free char *path =
		xasprintf(SCRIPTS "/route%s-%s", family == AF_INET6 ? "6" : "", nic->name);
	auto_strbuf struct strbuf routes = STRBUF_INIT;

	ifcfg_format_routes(nic, family, &routes);
	return guest_edit_section(guest->root, path, strbuf_slice(&routes), SECTION_PREPEND,
				  SECTION_DELETE, 0644, err);
}

static int write_nic(const struct guest *guest, const struct guest_nic *nic,
		     struct uuid_source *uuids, struct error *err)
{
	auto_free char *path = xasprintf(SCRIPTS "/ifcfg-%s", nic->name);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	char uuid[UUID_LEN + 1];

	uuid_next(uuids, uuid);
	if (!ifcfg_format(nic, guest->wants, uuid, &text))
		return 0;
	if (guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err) < 0 ||
	    write_routes(guest, nic, AF_INET, err) < 0)
		return -1;
	return write_routes(guest, nic, AF_INET6, err);
}

/* The word behind the first "NAME=" that has one, wherever it stands. */
static bool find_value(struct slice text, const char *name, struct slice *value)
{
	size_t len = strlen(name);
	const char *at;

	while (text.len && (at = memmem(text.at, text.len, name, len))) {
		text = slice_from(text, (size_t)(at - text.at) + len);
		if (!slice_starts(text, "=") || text.len == 1 || is_space(text.at[1]))
			continue;
		*value = slice_of(text.at + 1, 1);
		while (value->len < text.len - 1 && !is_space(value->at[value->len]))
			value->len++;
		return true;
	}
	return false;
}

void ifcfg_enable(struct slice old, const char *name, struct strbuf *out)
{
	struct slice value;

	if (find_value(old, name, &value)) {
		strbuf_add(out, old.at, (size_t)(value.at - old.at));
		strbuf_adds(out, "yes");
		strbuf_add_slice(out,
				 slice_from(old, (size_t)(value.at - old.at) + value.len));
		return;
	}
	strbuf_add_slice(out, old);
	if (old.len && !slice_ends(old, "\n"))
		strbuf_addc(out, '\n');
	strbuf_addf(out, "%s=yes\n", name);
}

static bool has_family(const struct guest_wants *wants, int family)
{
	for (size_t i = 0; i < wants->nic_count; i++)
		if (family == AF_INET ? wants->nic[i].ip : wants->nic[i].ip6)
			return true;
	return false;
}

static int enable(const struct guest *guest, const char *name, struct error *err)
{
	static const char path[] = "/etc/sysconfig/network";
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;
	int found = guest_read(guest->root, path, &old, err);

	if (found <= 0)
		return found;
	ifcfg_enable(strbuf_slice(&old), name, &text);
	return guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err);
}

/* A shell reads the files; names and addresses are harmless words already. */
static int check_domains(const struct guest_wants *wants, struct error *err)
{
	for (char **domain = wants->search; *domain; domain++)
		for (const char *at = *domain; *at; at++)
			if (!is_alnum(*at) && !strchr("-._", *at))
				return fail(err, 0,
					    "searchdomain: '%.100s' cannot get into a file "
					    "that a shell reads",
					    *domain);
	return 0;
}

int ifcfg_write(const struct guest *guest, struct error *err)
{
	const struct guest_wants *wants = guest->wants;
	struct uuid_source uuids;

	uuid_init(&uuids, guest->job->facts->seed);
	if (check_domains(wants, err) < 0 || guest_mkdirs(guest->root, SCRIPTS, err) < 0)
		return -1;
	for (size_t i = 0; i < wants->nic_count; i++)
		if (write_nic(guest, &wants->nic[i], &uuids, err) < 0)
			return -1;
	if (has_family(wants, AF_INET) && enable(guest, "NETWORKING", err) < 0)
		return -1;
	return has_family(wants, AF_INET6) ? enable(guest, "NETWORKING_IPV6", err) : 0;
}
