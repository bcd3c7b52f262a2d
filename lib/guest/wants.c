#include "guest/wants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/own.h"
#include "guest/address.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

static bool has_only(const char *text, const char *allowed)
{
	return text[0] != '\0' && text[strspn(text, allowed)] == '\0';
}

static bool has_control(const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++)
		if (*at < ' ' || *at == 127)
			return true;
	return false;
}

bool is_static(const char *value, int family)
{
	struct cidr cidr;

	return value && cidr_parse(value, family, &cidr);
}

bool is_mode(const char *value, const char *word)
{
	return value && strcmp(value, word) == 0;
}

bool is_configured(const char *value)
{
	return value && strcmp(value, "manual") != 0;
}

static int read_hostname(const struct config *config, struct guest_wants *wants,
			 struct error *err)
{
	const char *name = config_get(config, "hostname");

	if (name && (!has_only(name, LETTERS DIGITS "-._") || strlen(name) > 255 ||
		     name[0] == '.' || name[0] == '-'))
		return fail(err, 0, "hostname: not a DNS name");
	wants->hostname = xstrdup(name ? name : "localhost");
	wants->shortname = xstrndup(wants->hostname, strcspn(wants->hostname, "."));
	return 0;
}

static bool is_interface_name(const char *name)
{
	return has_only(name, LETTERS DIGITS "_.-") && strlen(name) <= 15 &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, "lo") != 0;
}

/* An address, or a link-local one with its interface behind '%'. */
static bool is_nameserver(const char *text)
{
	const char *scope = strchr(text, '%');
	auto_free char *address = NULL;

	if (!scope)
		return address_is_valid(text, AF_INET) || address_is_valid(text, AF_INET6);
	address = xstrndup(text, (size_t)(scope - text));
	return address_is_link_local(address) &&
	       has_only(scope + 1, LETTERS DIGITS "_.-") && strlen(scope + 1) <= 15;
}

static bool is_domain(const char *text)
{
	return !has_control(text);
}

static int read_list(const char *text, const char *key, bool (*is_valid)(const char *),
		     char ***out, struct error *err)
{
	struct slice rest = slice(text), word;
	auto_words char **list = xcalloc(rest.len / 2 + 2, sizeof(*list));
	size_t count = 0;

	while (slice_word(&rest, &word)) {
		list[count++] = slice_dup(word);
		if (!is_valid(list[count - 1]))
			return fail(err, 0, "%s: invalid entry '" SLICE_FMT "'", key,
				    SLICE_ARG(word));
	}
	*out = take_ptr(&list);
	return 0;
}

static int read_dns(const struct config *config, const struct guest_facts *facts,
		    struct guest_wants *wants, struct error *err)
{
	const char *servers = config_get(config, "nameserver");
	const char *search = config_get(config, "searchdomain");

	if (read_list(servers ? servers : facts->nameservers, "nameserver", is_nameserver,
		      &wants->nameservers, err) < 0)
		return -1;
	return read_list(search ? search : facts->search, "searchdomain", is_domain,
			 &wants->search, err);
}

/* Only the characters; whether the zone exists is asked of the guest. */
static int read_timezone(const struct config *config, struct guest_wants *wants,
			 struct error *err)
{
	const char *zone = config_get(config, "timezone");

	if (zone && (!has_only(zone, LETTERS DIGITS "_+/-") || zone[0] == '/' ||
		     strlen(zone) > 255))
		return fail(err, 0, "timezone: not the name of a time zone");
	wants->timezone = xstrdup(zone);
	return 0;
}

static bool is_word(const char *value, const char *const *words)
{
	while (*words && strcmp(*words, value) != 0)
		words++;
	return *words != NULL;
}

static int check_family(const char *key, const char *ip, const char *gw, int family,
			const char *const *words, struct error *err)
{
	const char *six = family == AF_INET6 ? "6" : "";

	if (ip && !is_word(ip, words) && !is_static(ip, family))
		return fail(err, 0, "%s: ip%s: not an address with prefix", key, six);
	if (gw && !address_is_valid(gw, family))
		return fail(err, 0, "%s: gw%s: not an address", key, six);
	return 0;
}

static void nic_done(struct guest_nic *nic)
{
	free(nic->name);
	free(nic->ip);
	free(nic->gw);
	free(nic->ip6);
	free(nic->gw6);
}

/* Of two with one name the later one holds. */
static void add_nic(struct guest_wants *wants, const struct net *net)
{
	struct guest_nic *nic;

	for (size_t i = 0; i < wants->nic_count; i++) {
		if (strcmp(wants->nic[i].name, net->name) != 0)
			continue;
		nic_done(&wants->nic[i]);
		wants->nic_count--;
		memmove(&wants->nic[i], &wants->nic[i + 1],
			(wants->nic_count - i) * sizeof(*nic));
		break;
	}
	nic = &wants->nic[wants->nic_count++];
	*nic = (struct guest_nic){
		.name = xstrdup(net->name),
		.ip = xstrdup(net->ip),
		.gw = xstrdup(net->gw),
		.ip6 = xstrdup(net->ip6),
		.gw6 = xstrdup(net->gw6),
	};
}

/* The primary address comes from net0 alone. */
static char *primary_address(const struct net *net)
{
	struct cidr cidr;

	if (net->ip && cidr_parse(net->ip, AF_INET, &cidr))
		return slice_dup(cidr.address);
	if (net->ip6 && cidr_parse(net->ip6, AF_INET6, &cidr))
		return slice_dup(cidr.address);
	return NULL;
}

static int read_nic(const struct config *config, unsigned index, struct guest_wants *wants,
		    struct error *err)
{
	static const char *const v4[] = { "dhcp", "manual", NULL };
	static const char *const v6[] = { "dhcp", "manual", "auto", NULL };
	auto_net struct net net = { 0 };
	char key[16];

	snprintf(key, sizeof(key), "net%u", index);
	if (!config_get(config, key))
		return 0;
	if (config_net(config, index, &net, err) < 0)
		return -1;
	if (!net.name)
		return 0;
	if (!is_interface_name(net.name))
		return fail(err, 0, "%s: name: not the name of an interface", key);
	if (check_family(key, net.ip, net.gw, AF_INET, v4, err) < 0 ||
	    check_family(key, net.ip6, net.gw6, AF_INET6, v6, err) < 0)
		return -1;
	if (index == 0)
		wants->address = primary_address(&net);
	add_nic(wants, &net);
	return 0;
}

static int read_all_keys(const struct config *config, const struct guest_facts *facts,
			 struct guest_wants *wants, struct error *err)
{
	auto_features struct features features = { 0 };
	long long ttys = config_int(config, "tty");
	struct idmap map;

	if (config_idmap(config, &map, err) < 0)
		return -1;
	wants->unprivileged = map.count > 0;
	wants->console = config_bool(config, "console");
	wants->ttys = ttys < 0 ? 2 : ttys > 6 ? 6 : (unsigned)ttys;
	wants->nesting =
		config_features(config, &features, err) == 0 && features.nesting == 1;
	if (read_hostname(config, wants, err) < 0 ||
	    read_dns(config, facts, wants, err) < 0 ||
	    read_timezone(config, wants, err) < 0)
		return -1;
	for (unsigned i = 0; i < GUEST_NICS; i++)
		if (read_nic(config, i, wants, err) < 0)
			return -1;
	return 0;
}

int guest_wants_read(const struct config *config, const struct guest_facts *facts,
		     struct guest_wants *wants, struct error *err)
{
	auto_guest_wants struct guest_wants read = { 0 };

	if (read_all_keys(config, facts, &read, err) < 0)
		return -1;
	*wants = read;
	read = (struct guest_wants){ 0 };
	return 0;
}

void guest_wants_done(struct guest_wants *wants)
{
	free(wants->hostname);
	free(wants->shortname);
	free_words(&wants->search);
	free_words(&wants->nameservers);
	free(wants->address);
	free(wants->timezone);
	for (size_t i = 0; i < wants->nic_count; i++)
		nic_done(&wants->nic[i]);
	*wants = (struct guest_wants){ 0 };
}
