#include "guest/dns.h"

#include "base/own.h"
#include "guest/confine.h"
#include "guest/files.h"

#define PATH "/etc/resolv.conf"

struct dns_guest {
	struct guest guest;
	const struct guest_dns *dns;
};

static void keep_servers(struct slice old, struct strbuf *out)
{
	struct slice line;

	while (slice_line(&old, &line))
		if (slice_starts(line, "nameserver ") ||
		    slice_starts(line, "nameserver\t")) {
			strbuf_add_slice(out, line);
			strbuf_addc(out, '\n');
		}
}

void dns_text(struct slice old, const struct guest_dns *dns, struct strbuf *out)
{
	if (dns->domain)
		strbuf_addf(out, "domain %s\n", dns->domain);
	for (char *const *name = dns->search; *name; name++)
		strbuf_addf(out, "%s %s", name == dns->search ? "search" : "", *name);
	if (*dns->search)
		strbuf_addc(out, '\n');
	for (char *const *server = dns->servers; *server; server++)
		strbuf_addf(out, "nameserver %s\n", *server);
	if (!*dns->servers)
		keep_servers(old, out);
}

static int write_it(struct guest *guest, struct strbuf *result, struct error *err)
{
	const struct dns_guest *work = (const struct dns_guest *)guest;
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;

	(void)result;
	if (!*work->dns->servers && guest_read(guest->root, PATH, &old, err) < 0)
		return -1;
	dns_text(strbuf_slice(&old), work->dns, &text);
	return guest_write(guest->root, PATH, strbuf_slice(&text), 0644, 0, err);
}

int guest_write_dns(int init, const struct guest_dns *dns, struct error *err)
{
	const struct guest_job job = { .rootfd = init, .is_running = true };
	struct dns_guest work = { .guest = { .job = &job }, .dns = dns };
	auto_notes struct notes none = { 0 };

	if (!dns->domain && !*dns->search && !*dns->servers)
		return 0;
	return guest_confine(&work.guest, 0, write_it, NULL, &none, err) < 0
		       ? fail_in(err, "DNS setup")
		       : 0;
}
