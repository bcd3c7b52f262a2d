#include "guest/suse.h"

#include <sys/socket.h>

#include "base/own.h"
#include "guest/address.h"
#include "guest/files.h"
#include "guest/sections.h"

#define DIRECTORY "/etc/sysconfig/network"

static const char *boot_protocol(const struct guest_nic *nic)
{
	bool v4 = is_mode(nic->ip, "dhcp"), v6 = is_mode(nic->ip6, "dhcp");

	if (v4)
		return v6 ? "dhcp" : "dhcp4";
	return v6 ? "dhcp6" : "static";
}

void suse_format(const struct guest_nic *nic, struct strbuf *out)
{
	bool v4 = is_static(nic->ip, AF_INET), v6 = is_static(nic->ip6, AF_INET6);
	bool configured = is_configured(nic->ip) || is_configured(nic->ip6);

	strbuf_addf(out, "STARTMODE=%s\nBOOTPROTO=%s\n", configured ? "onboot" : "manual",
		    boot_protocol(nic));
	if (v4 && v6)
		strbuf_addf(out, "IPADDR_1=%s\nIPADDR_2=%s\n", nic->ip, nic->ip6);
	else if (v4 || v6)
		strbuf_addf(out, "IPADDR=%s\n", v4 ? nic->ip : nic->ip6);
}

void suse_format_routes(const struct guest_nic *nic, struct strbuf *out)
{
	if (is_static(nic->ip, AF_INET) && nic->gw) {
		if (needs_route(nic->ip, nic->gw, AF_INET))
			strbuf_addf(out, "%s 0.0.0.0 255.255.255.255 %s\n", nic->gw,
				    nic->name);
		strbuf_addf(out, "default %s 0.0.0.0 %s\n", nic->gw, nic->name);
	}
	if (is_static(nic->ip6, AF_INET6) && nic->gw6) {
		if (needs_route(nic->ip6, nic->gw6, AF_INET6))
			strbuf_addf(out, "%s/128 - - %s\n", nic->gw6, nic->name);
		strbuf_addf(out, "default %s - %s\n", nic->gw6, nic->name);
	}
}

static int write_nic(const struct guest *guest, const struct guest_nic *nic,
		     struct error *err)
{
	auto_free char *path = xasprintf(DIRECTORY "/ifcfg-%s", nic->name);
	auto_free char *routes_path = xasprintf(DIRECTORY "/ifroute-%s", nic->name);
	auto_strbuf struct strbuf text = STRBUF_INIT, routes = STRBUF_INIT;

	suse_format(nic, &text);
	suse_format_routes(nic, &routes);
	if (guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err) < 0)
		return -1;
	return guest_edit_section(guest->root, routes_path, strbuf_slice(&routes),
				  SECTION_PREPEND, SECTION_DELETE, 0644, err);
}

int suse_write(const struct guest *guest, struct error *err)
{
	const struct guest_wants *wants = guest->wants;

	if (guest_mkdirs(guest->root, DIRECTORY, err) < 0)
		return -1;
	for (size_t i = 0; i < wants->nic_count; i++)
		if (write_nic(guest, &wants->nic[i], err) < 0)
			return -1;
	return 0;
}
