#include "guest/keyfile.h"

#include <sys/socket.h>

#include "base/own.h"
#include "guest/address.h"
#include "guest/files.h"
#include "guest/uuid.h"

#define CONNECTIONS "/etc/NetworkManager/system-connections"

/* A line with the servers of one family; false: there is none. */
static bool add_servers(char *const *servers, int family, struct strbuf *out)
{
	bool any = false;

	for (; *servers; servers++) {
		if (!address_is_valid(*servers, family))
			continue;
		strbuf_addf(out, "%s%s", any ? ";" : "dns=", *servers);
		any = true;
	}
	if (any)
		strbuf_addc(out, '\n');
	return any;
}

static void add_dns(const struct guest_wants *wants, int family, struct strbuf *out)
{
	if (!add_servers(wants->nameservers, family, out) || !*wants->search)
		return;
	for (char **domain = wants->search; *domain; domain++)
		strbuf_addf(out, "%s%s", domain == wants->search ? "dns-search=" : ";",
			    *domain);
	strbuf_addc(out, '\n');
}

static void add_ipv4_address(const struct guest_nic *nic, struct strbuf *out)
{
	strbuf_addf(out, "addresses=%s\n", nic->ip);
	if (nic->gw)
		strbuf_addf(out, "gateway=%s\n", nic->gw);
	if (needs_route(nic->ip, nic->gw, AF_INET))
		strbuf_addf(out, "routes=%s\n", nic->gw);
}

static void add_ipv6_address(const struct guest_nic *nic, struct strbuf *out)
{
	strbuf_addf(out, "address=%s\n", nic->ip6);
	if (nic->gw6)
		strbuf_addf(out, "%s=%s\n",
			    needs_route(nic->ip6, nic->gw6, AF_INET6) ? "routes"
								      : "gateway",
			    nic->gw6);
}

static const char *find_method(const char *value, int family)
{
	if (!is_configured(value))
		return "disabled";
	return is_static(value, family) ? "manual" : "auto";
}

void keyfile_format(const struct guest_nic *nic, const struct guest_wants *wants,
		    const char *uuid, struct strbuf *out)
{
	strbuf_addf(out,
		    "[connection]\n"
		    "id=%s\n"
		    "uuid=%s\n"
		    "type=ethernet\n"
		    "interface-name=%s\n",
		    nic->name, uuid, nic->name);
	strbuf_addf(out, "[ipv4]\nmethod=%s\n", find_method(nic->ip, AF_INET));
	if (is_static(nic->ip, AF_INET))
		add_ipv4_address(nic, out);
	if (is_configured(nic->ip))
		add_dns(wants, AF_INET, out);
	strbuf_addf(out, "[ipv6]\nmethod=%s\n", find_method(nic->ip6, AF_INET6));
	if (is_static(nic->ip6, AF_INET6))
		add_ipv6_address(nic, out);
	if (is_configured(nic->ip6))
		add_dns(wants, AF_INET6, out);
}

/* NetworkManager ignores a keyfile that others may read. */
static int write_nic(const struct guest *guest, const struct guest_nic *nic,
		     struct uuid_source *uuids, struct error *err)
{
	auto_free char *path = xasprintf(CONNECTIONS "/%s.nmconnection", nic->name);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	char uuid[UUID_LEN + 1];

	uuid_next(uuids, uuid);
	keyfile_format(nic, guest->wants, uuid, &text);
	return guest_write(guest->root, path, strbuf_slice(&text), 0600, GUEST_EXACT_MODE,
			   err);
}

int keyfile_write(const struct guest *guest, struct error *err)
{
	const struct guest_wants *wants = guest->wants;
	struct uuid_source uuids;

	uuid_init(&uuids, guest->job->facts->seed);
	if (guest_mkdirs(guest->root, CONNECTIONS, err) < 0)
		return -1;
	for (size_t i = 0; i < wants->nic_count; i++)
		if (write_nic(guest, &wants->nic[i], &uuids, err) < 0)
			return -1;
	return 0;
}
