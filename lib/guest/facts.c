#include "guest/facts.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/file.h"
#include "base/own.h"
#include "guest/address.h"

#define SERVERS_MAX 3
#define RESOLV_MAX  65536
#define ZONEINFO    "/zoneinfo/"

/* The word behind key and blanks; false unless the line is of that kind. */
static bool read_word(struct slice line, const char *key, struct slice *word)
{
	size_t len = strlen(key);

	if (!slice_starts(line, key) || line.len == len || !is_blank(line.at[len]))
		return false;
	line = slice_trim(slice_from(line, len));
	for (len = 0; len < line.len && !is_blank(line.at[len]); len++)
		;
	*word = slice_of(line.at, len);
	return len > 0;
}

/* The address in front of a scope, if it is one. */
static char *read_server(struct slice line)
{
	struct slice word, scope;
	char *address;

	while (line.len && is_blank(line.at[0]))
		line = slice_from(line, 1);
	if (!read_word(line, "nameserver", &word))
		return NULL;
	address = slice_dup(slice_cut(word, '%', &scope));
	if (address_is_valid(address, AF_INET) || address_is_valid(address, AF_INET6))
		return address;
	free(address);
	return NULL;
}

void facts_read_resolv(struct slice text, struct guest_facts *facts)
{
	auto_strbuf struct strbuf servers = STRBUF_INIT;
	struct slice line, word;
	unsigned count = 0;

	while (slice_line(&text, &line)) {
		auto_free char *address = read_server(line);

		if (read_word(line, "search", &word) || read_word(line, "domain", &word)) {
			free(facts->search);
			facts->search = slice_dup(word);
		}
		if (address && count++ < SERVERS_MAX)
			strbuf_addf(&servers, "%s%s", servers.len ? " " : "", address);
	}
	free(facts->nameservers);
	facts->nameservers = servers.len ? strbuf_take(&servers) : NULL;
}

bool facts_are_loopback(const char *nameservers)
{
	struct slice rest = slice(nameservers), word;
	bool any = false;

	while (slice_word(&rest, &word)) {
		if (!slice_is(word, "::1") && !slice_starts(word, "127."))
			return false;
		any = true;
	}
	return any;
}

static void read_resolv(struct guest_facts *facts)
{
	static const char *const paths[] = { "/etc/resolv.conf",
					     "/run/systemd/resolve/resolv.conf" };

	/* The second one only where a local stub, of no use to guests, hides the servers.
	 */
	for (size_t i = 0; i < 2 && (i == 0 || facts_are_loopback(facts->nameservers));
	     i++) {
		auto_strbuf struct strbuf text = STRBUF_INIT;
		auto_close int fd = open(paths[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		struct error err;

		if (fd >= 0 && read_all(fd, RESOLV_MAX, &text, &err) == 0)
			facts_read_resolv(strbuf_slice(&text), facts);
	}
}

static char *read_first_line(const char *path)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, line;
	struct error err;

	if (read_file(AT_FDCWD, path, RESOLV_MAX, &text, &err) < 0)
		return NULL;
	rest = strbuf_slice(&text);
	return slice_line(&rest, &line) && slice_trim(line).len
		       ? slice_dup(slice_trim(line))
		       : NULL;
}

/*
 * The name is what /etc/localtime leads to, as timedatectl tells it; a copy of a zone
 * file has no name, and /etc/timezone may know it.
 */
static void read_zone(struct guest_facts *facts)
{
	auto_free char *target = realpath("/etc/localtime", NULL);
	char *link = NULL, text[4096];
	ssize_t len = readlink("/etc/localtime", text, sizeof(text) - 1);

	text[len > 0 ? len : 0] = '\0';
	link = strstr(text, ZONEINFO);
	facts->zone_name =
		link ? xstrdup(link + strlen(ZONEINFO)) : read_first_line("/etc/timezone");
	if (target && strstr(target, ZONEINFO))
		facts->localtime = take_ptr(&target);
	else if (facts->zone_name)
		facts->localtime = xasprintf("/usr/share/zoneinfo/%s", facts->zone_name);
}

void guest_facts_collect(struct guest_facts *facts)
{
	struct statfs fs;

	*facts = (struct guest_facts){ .days = (long long)time(NULL) / 86400 };
	facts->cgroup_v2 =
		statfs("/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
	read_resolv(facts);
	read_zone(facts);
}

void guest_facts_done(struct guest_facts *facts)
{
	free(facts->search);
	free(facts->nameservers);
	free(facts->zone_name);
	free(facts->localtime);
	*facts = (struct guest_facts){ 0 };
}
