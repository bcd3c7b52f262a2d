#include "guest/resolv.h"

#include "guest/sections.h"

void resolv_section(const struct guest_wants *wants, struct strbuf *out)
{
	for (char **domain = wants->search; *domain; domain++)
		strbuf_addf(out, "%s %s", domain == wants->search ? "search" : "", *domain);
	if (*wants->search)
		strbuf_addc(out, '\n');
	for (char **server = wants->nameservers; *server; server++)
		strbuf_addf(out, "nameserver %s\n", *server);
}

int resolv_write(const struct guest *guest, struct error *err)
{
	auto_strbuf struct strbuf section = STRBUF_INIT;

	resolv_section(guest->wants, &section);
	return guest_edit_section(guest->root, "/etc/resolv.conf", strbuf_slice(&section),
				  SECTION_REPLACE, 0, 0644, err);
}
