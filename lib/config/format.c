#include "config/format.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/ascii.h"
#include "config/volid.h"

/* Every byte is a letter, a digit or one of extra. */
static bool is_made_of(struct slice text, const char *extra)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_alnum(text.at[i]) &&
		    (text.at[i] == '\0' || !strchr(extra, text.at[i])))
			return false;
	return true;
}

static bool refuse(struct strbuf *reason, const char *text)
{
	strbuf_adds(reason, text);
	return false;
}

/* Digits without a leading zero, within min..max. */
static bool is_number(struct slice text, uint64_t min, uint64_t max)
{
	uint64_t value;

	return slice_number(text, min, max, &value) && (text.len == 1 || text.at[0] != '0');
}

static bool is_address(int family, struct slice text)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char copy[INET6_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.at, '\0', text.len))
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return inet_pton(family, copy, bytes) == 1;
}

static bool is_dns_label(struct slice label)
{
	return label.len && is_made_of(label, "-") && label.at[0] != '-' &&
	       label.at[label.len - 1] != '-';
}

static bool check_dns_name(struct slice value, struct strbuf *reason)
{
	struct slice rest = value;

	do {
		if (!is_dns_label(slice_cut(rest, '.', &rest)))
			return refuse(reason, "value does not look like a valid DNS name");
	} while (rest.at);
	return true;
}

static bool check_ip(struct slice value, struct strbuf *reason)
{
	return is_address(AF_INET, value) || is_address(AF_INET6, value) ||
	       refuse(reason, "value does not look like a valid IP address");
}

/* A link-local address may name its interface. */
static bool check_nameserver(struct slice value, struct strbuf *reason)
{
	struct slice interface;
	struct slice address = slice_cut(value, '%', &interface);

	if (!interface.at)
		return check_ip(value, reason);
	return (address.len > 4 && slice_is_nocase(slice_of(address.at, 4), "fe80") &&
		is_address(AF_INET6, address) && interface.len && interface.len <= 15 &&
		is_made_of(interface, "-_.")) ||
	       refuse(reason, "value does not look like a valid IP address");
}

static bool check_ipv4(struct slice value, struct strbuf *reason)
{
	return is_address(AF_INET, value) ||
	       refuse(reason, "value does not look like a valid IPv4 address");
}

static bool check_ipv6(struct slice value, struct strbuf *reason)
{
	return is_address(AF_INET6, value) ||
	       refuse(reason, "value does not look like a valid IPv6 address");
}

static bool is_network(int family, struct slice value, unsigned max_bits)
{
	struct slice bits;
	struct slice address = slice_cut(value, '/', &bits);

	return is_address(family, address) && is_number(bits, 8, max_bits);
}

static bool check_ipv4_config(struct slice value, struct strbuf *reason)
{
	return slice_is(value, "dhcp") || slice_is(value, "manual") ||
	       is_network(AF_INET, value, 32) ||
	       refuse(reason,
		      "value does not look like a valid ipv4 network configuration");
}

static bool check_ipv6_config(struct slice value, struct strbuf *reason)
{
	return slice_is(value, "auto") || slice_is(value, "dhcp") ||
	       slice_is(value, "manual") || is_network(AF_INET6, value, 128) ||
	       refuse(reason,
		      "value does not look like a valid ipv6 network configuration");
}

/* Bytes "xx" joined with ':', the first one even; returns how many, 0 for other text. */
static size_t mac_bytes(struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (i % 3 == 2 ? value.at[i] != ':' : hex_digit(value.at[i]) < 0)
			return 0;
	if (value.len % 3 != 2 || hex_digit(value.at[1]) % 2 != 0)
		return 0;
	return (value.len + 1) / 3;
}

static bool check_unicast_mac(struct slice value, struct strbuf *reason)
{
	return mac_bytes(value) == 6 ||
	       refuse(reason, "value does not look like a valid unicast MAC address");
}

static bool check_mac_prefix(struct slice value, struct strbuf *reason)
{
	size_t bytes = mac_bytes(value);

	return (bytes > 0 && bytes < 6) ||
	       refuse(reason,
		      "value does not look like a valid unicast MAC address prefix");
}

static bool check_tag(struct slice value, struct strbuf *reason)
{
	return (value.len && (is_alnum(value.at[0]) || value.at[0] == '_') &&
		is_made_of(value, "_+.-")) ||
	       refuse(reason, "invalid characters in tag");
}

/* Whether the zone exists is asked where the host's list of zones may be read. */
static bool check_timezone(struct slice value, struct strbuf *reason)
{
	struct slice rest = value, part;
	bool is_fine = true;

	do {
		part = slice_cut(rest, '/', &rest);
		is_fine = is_fine && part.len && is_alnum(part.at[0]) &&
			  is_made_of(part, "_+-");
	} while (rest.at);
	if (!is_fine)
		strbuf_addf(reason, "invalid time zone '" SLICE_FMT "'", SLICE_ARG(value));
	return is_fine;
}

/* The part's bit in a set of those seen: order, up, down; 0 for other text. */
static unsigned startup_part(struct slice part)
{
	static const char *const names[] = { "order", "up", "down" };
	struct slice number;
	struct slice name = slice_cut(part, '=', &number);

	if (!number.at)
		return slice_is_digits(part) ? 1 : 0;
	for (unsigned i = 0; i < 3; i++)
		if (slice_is(name, names[i]) && slice_is_digits(number))
			return 1U << i;
	return 0;
}

static bool check_startup(struct slice value, struct strbuf *reason)
{
	struct slice rest = value;
	unsigned seen = 0, part;

	do {
		part = startup_part(slice_cut(rest, ',', &rest));
		if (part == 0 || seen & part)
			return refuse(reason, "unable to parse startup options");
		seen |= part;
	} while (rest.at);
	return true;
}

/* Parts "." and "..", or a line break, which no line of a file can hold. */
static bool has_illegal_parts(struct slice path)
{
	struct slice rest, part;
	bool first = true;

	slice_cut(path, '\n', &rest);
	if (rest.at)
		return true;
	rest = path;
	do {
		part = slice_cut(rest, '/', &rest);
		if (slice_is(part, "..") || (slice_is(part, ".") && !first))
			return true;
		first = false;
	} while (rest.at);
	return false;
}

static bool check_mount_path(struct slice value, struct strbuf *reason)
{
	if (!has_illegal_parts(value))
		return true;
	strbuf_addf(reason, SLICE_FMT " contains illegal character sequences",
		    SLICE_ARG(value));
	return false;
}

static bool check_device_path(struct slice value, struct strbuf *reason)
{
	if (slice_starts(value, "/dev/") && value.len > strlen("/dev/") &&
	    !has_illegal_parts(value))
		return true;
	strbuf_addf(reason, SLICE_FMT " is not a valid device path", SLICE_ARG(value));
	return false;
}

/* "u:0:1000:1" */
static bool is_idmap_entry(struct slice entry)
{
	struct slice rest, ct, disk;
	struct slice type = slice_cut(entry, ':', &rest);

	ct = slice_cut(rest, ':', &rest);
	disk = slice_cut(rest, ':', &rest);
	return (slice_is(type, "u") || slice_is(type, "g")) &&
	       is_number(ct, 0, UINT32_MAX) && is_number(disk, 0, UINT32_MAX) &&
	       is_number(rest, 1, UINT32_MAX);
}

static bool check_idmap(struct slice value, struct strbuf *reason)
{
	struct slice rest = value, entry;

	if (slice_is(value, "passthrough"))
		return true;
	do {
		entry = slice_cut(rest, ';', &rest);
		if (!is_idmap_entry(entry)) {
			strbuf_addf(reason, "invalid id map entry '" SLICE_FMT "'",
				    SLICE_ARG(entry));
			return false;
		}
	} while (rest.at);
	return true;
}

static bool check_volume_id(struct slice value, struct strbuf *reason)
{
	struct slice storage, name;
	struct error err;

	return volid_parse(value, &storage, &name, &err) == 0 || refuse(reason, err.text);
}

static bool check_storage_id(struct slice value, struct strbuf *reason)
{
	if (storage_id_is_valid(value))
		return true;
	strbuf_addf(reason, "storage ID '" SLICE_FMT "' %s", SLICE_ARG(value),
		    value.len < 2 ? "cannot be shorter than 2 characters"
				  : "contains illegal characters");
	return false;
}

static bool check_vmid(struct slice value, struct strbuf *reason)
{
	return is_number(value, 100, 999999999) ||
	       refuse(reason, "value does not look like a valid VM ID");
}

static bool check_config_id(struct slice value, struct strbuf *reason)
{
	if (value.len >= 2 && is_letter(value.at[0]) && is_made_of(value, "_-"))
		return true;
	strbuf_addf(reason, "invalid configuration ID '" SLICE_FMT "'", SLICE_ARG(value));
	return false;
}

const struct prop_format format_dns_name = { "dns-name", check_dns_name };
const struct prop_format format_nameserver = { "nameserver", check_nameserver };
const struct prop_format format_ipv4 = { "ipv4", check_ipv4 };
const struct prop_format format_ipv6 = { "ipv6", check_ipv6 };
const struct prop_format format_ipv4_config = { "ipv4-config", check_ipv4_config };
const struct prop_format format_ipv6_config = { "ipv6-config", check_ipv6_config };
const struct prop_format format_unicast_mac = { "unicast-mac", check_unicast_mac };
const struct prop_format format_mac_prefix = { "mac-prefix", check_mac_prefix };
const struct prop_format format_tag = { "tag", check_tag };
const struct prop_format format_timezone = { "timezone", check_timezone };
const struct prop_format format_startup = { "startup", check_startup };
const struct prop_format format_mount_path = { "mount-path", check_mount_path };
const struct prop_format format_device_path = { "device-path", check_device_path };
const struct prop_format format_idmap = { "idmap", check_idmap };
const struct prop_format format_volume_id = { "volume-id", check_volume_id };
const struct prop_format format_storage_id = { "storage-id", check_storage_id };
const struct prop_format format_vmid = { "vmid", check_vmid };
const struct prop_format format_config_id = { "config-id", check_config_id };
