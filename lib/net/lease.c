#include "net/lease.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/own.h"
#include "base/slice.h"

#define NAME_MAX_LEN 253 /* of a domain name (RFC 1035) */

static const struct {
	const char *reason;
	enum lease_event event;
	int family;
} reasons[] = {
	{ "PREINIT", LEASE_PREPARE, AF_INET }, { "PREINIT6", LEASE_PREPARE, AF_INET6 },
	{ "BOUND", LEASE_TAKE, AF_INET },      { "BOUND6", LEASE_TAKE, AF_INET6 },
	{ "RENEW", LEASE_TAKE, AF_INET },      { "RENEW6", LEASE_TAKE, AF_INET6 },
	{ "REBIND", LEASE_TAKE, AF_INET },     { "REBIND6", LEASE_TAKE, AF_INET6 },
	{ "REBOOT", LEASE_TAKE, AF_INET },     { "EXPIRE6", LEASE_DROP, AF_INET6 },
	{ "EXPIRE", LEASE_DROP, AF_INET },     { "RELEASE6", LEASE_DROP, AF_INET6 },
	{ "FAIL", LEASE_DROP, AF_INET },       { "STOP6", LEASE_DROP, AF_INET6 },
	{ "RELEASE", LEASE_DROP, AF_INET },    { "STOP", LEASE_DROP, AF_INET },
};

struct source {
	const char *(*get)(void *arg, const char *name);
	void *arg;
	const char *side; /* "new_" or "old_" */
};

static struct slice value_of(const struct source *source, const char *name)
{
	auto_free char *variable = xasprintf("%s%s", source->side, name);

	return slice(source->get(source->arg, variable));
}

static bool next_word(struct slice *rest, struct slice *word)
{
	*rest = slice_trim(*rest);
	if (!rest->len)
		return false;
	for (word->at = rest->at, word->len = 0;
	     word->len < rest->len && !is_space(rest->at[word->len]); word->len++)
		;
	*rest = slice_from(*rest, word->len);
	return true;
}

/* The mask's ones, which have to come first; none is set: a network of one address. */
static bool read_mask(struct slice text, unsigned *prefix)
{
	auto_free char *literal = slice_dup(text);
	unsigned char bytes[4];
	uint32_t mask;

	*prefix = 32;
	if (!text.len)
		return true;
	if (inet_pton(AF_INET, literal, bytes) != 1)
		return false;
	mask = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	       (uint32_t)bytes[2] << 8 | bytes[3];
	*prefix = (unsigned)__builtin_popcount(mask);
	return *prefix == 0 || mask == UINT32_MAX << (32 - *prefix);
}

static unsigned seconds(struct slice text)
{
	uint64_t number;

	return slice_number(text, 1, UINT32_MAX - 1, &number) ? (unsigned)number : 0;
}

static void add_route(struct lease_state *state, const struct ip *target,
		      const struct ip *gateway)
{
	struct lease_route *route = &state->route[state->route_count];

	if (state->route_count == LEASE_ROUTES)
		return;
	*route = (struct lease_route){ .target = *target, .on_link = !gateway };
	if (gateway)
		route->gateway = *gateway;
	state->route_count++;
}

static bool is_in_network(const struct ip *ip, const struct ip *network)
{
	for (unsigned bit = 0; bit < network->prefix; bit++)
		if ((ip->bytes[bit / 8] ^ network->bytes[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

/* One that is not in our network is on the link all the same: it gets a route first. */
static void add_default(struct lease_state *state, struct slice routers)
{
	const struct ip everything = { .family = AF_INET };
	auto_free char *literal = NULL;
	struct slice first;
	struct ip router;

	if (!next_word(&routers, &first))
		return;
	literal = slice_dup(first);
	if (strchr(literal, '/') || !ip_parse(literal, AF_INET, &router))
		return;
	if (!is_in_network(&router, &state->address))
		add_route(state, &router, NULL);
	add_route(state, &everything, &router);
}

/*
 * RFC 3442, as decimal bytes: "24 192 0 2 198 51 100 1" is 192.0.2.0/24 through
 * 198.51.100.1. A gateway 0.0.0.0 means the link itself.
 */
static bool add_classless(struct lease_state *state, struct slice text)
{
	static const unsigned char none[4];
	unsigned char bytes[LEASE_ROUTES * 9];
	size_t count = 0, at = 0;
	struct slice word;
	uint64_t byte;

	while (count < sizeof(bytes) && next_word(&text, &word) &&
	       slice_number(word, 0, 255, &byte))
		bytes[count++] = (unsigned char)byte;
	while (at < count && bytes[at] <= 32) {
		struct ip target = { .family = AF_INET, .prefix = bytes[at] };
		struct ip gateway = { .family = AF_INET, .prefix = 32 };
		size_t len = (bytes[at] + 7U) / 8;

		if (at + 1 + len + 4 > count)
			break;
		memcpy(target.bytes, bytes + at + 1, len);
		memcpy(gateway.bytes, bytes + at + 1 + len, 4);
		add_route(state, &target,
			  memcmp(gateway.bytes, none, 4) == 0 ? NULL : &gateway);
		at += 1 + len + 4;
	}
	return state->route_count > 0;
}

static int read_ipv4(const struct source *source, struct lease_state *state,
		     struct error *err)
{
	struct slice address = value_of(source, "ip_address");
	auto_free char *literal = slice_dup(address);

	if (!address.len)
		return 0;
	if (strchr(literal, '/') || !ip_parse(literal, AF_INET, &state->address))
		return fail(err, 0, "the lease has no valid address");
	if (!read_mask(value_of(source, "subnet_mask"), &state->address.prefix))
		return fail(err, 0, "the lease has no valid netmask");
	state->has_address = true;
	state->valid_s = state->preferred_s = seconds(value_of(source, "dhcp_lease_time"));
	/* Whoever sends them does not mean the other option (RFC 3442). */
	if (!add_classless(state, value_of(source, "rfc3442_classless_static_routes")))
		add_default(state, value_of(source, "routers"));
	return 0;
}

static int read_ipv6(const struct source *source, struct lease_state *state,
		     struct error *err)
{
	struct slice address = value_of(source, "ip6_address");
	auto_free char *literal = slice_dup(address);
	uint64_t prefix;

	if (!address.len)
		return 0;
	if (strchr(literal, '/') || !ip_parse(literal, AF_INET6, &state->address))
		return fail(err, 0, "the lease has no valid address");
	if (slice_number(value_of(source, "ip6_prefixlen"), 1, 128, &prefix))
		state->address.prefix = (unsigned)prefix;
	state->has_address = true;
	state->valid_s = seconds(value_of(source, "max_life"));
	state->preferred_s = seconds(value_of(source, "preferred_life"));
	return 0;
}

static bool is_domain(struct slice word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!is_alnum(word.at[i]) && word.at[i] != '-' && word.at[i] != '_' &&
		    word.at[i] != '.')
			return false;
	return word.len > 0 && word.len <= NAME_MAX_LEN && word.at[0] != '-' &&
	       word.at[0] != '.';
}

/* A link-local server is one of this interface. */
static char *format_server(const struct source *source, const char *literal,
			   const struct ip *ip)
{
	const char *name = source->get(source->arg, "interface");

	return ip_is_link_local(ip) && is_domain(slice(name))
		       ? xasprintf("%s%%%s", literal, name)
		       : xstrdup(literal);
}

static void read_servers(const struct source *source, struct lease *lease)
{
	const char *name =
		lease->family == AF_INET ? "domain_name_servers" : "dhcp6_name_servers";
	struct slice rest = value_of(source, name), word;
	size_t count = 0;

	while (count < LEASE_SERVERS && next_word(&rest, &word)) {
		auto_free char *literal = slice_dup(word);
		struct ip ip;

		if (strlen(literal) == word.len && !strchr(literal, '/') &&
		    ip_parse(literal, lease->family, &ip))
			lease->servers[count++] = format_server(source, literal, &ip);
	}
}

static void read_names(const struct source *source, struct lease *lease)
{
	const char *name =
		lease->family == AF_INET ? "domain_search" : "dhcp6_domain_search";
	struct slice rest = value_of(source, name), word;
	size_t count = 0;

	while (count < LEASE_DOMAINS && next_word(&rest, &word))
		if (is_domain(word))
			lease->search[count++] = slice_dup(word);
	rest = lease->family == AF_INET ? value_of(source, "domain_name") : slice("");
	if (next_word(&rest, &word) && is_domain(word))
		lease->domain = slice_dup(word);
}

static int read_state(const struct source *source, int family, struct lease_state *state,
		      struct error *err)
{
	return family == AF_INET ? read_ipv4(source, state, err)
				 : read_ipv6(source, state, err);
}

int lease_read(const char *(*get)(void *arg, const char *name), void *arg,
	       struct lease *lease, struct error *err)
{
	const struct source new = { get, arg, "new_" }, old = { get, arg, "old_" };
	struct slice reason = slice(get(arg, "reason"));
	auto_lease struct lease read = { 0 };

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (slice_is(reason, reasons[i].reason)) {
			read.event = reasons[i].event;
			read.family = reasons[i].family;
		}
	if (read.event == LEASE_TAKE || read.event == LEASE_DROP) {
		if (read_state(&old, read.family, &read.old, err) < 0 ||
		    read_state(&new, read.family, &read.now, err) < 0)
			return -1;
	}
	if (read.event == LEASE_TAKE) {
		read_servers(&new, &read);
		read_names(&new, &read);
	}
	*lease = read;
	read = (struct lease){ 0 };
	return 0;
}

void lease_done(struct lease *lease)
{
	for (size_t i = 0; i < LEASE_SERVERS; i++)
		free_ptr(&lease->servers[i]);
	for (size_t i = 0; i < LEASE_DOMAINS; i++)
		free_ptr(&lease->search[i]);
	free_ptr(&lease->domain);
}
