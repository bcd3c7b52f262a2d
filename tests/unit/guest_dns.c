/* resolv.conf as a DHCP lease has it. */
#include "guest/dns.h"

#include "test.h"

static void expect_text(const char *old, struct guest_dns dns, const char *want,
			const char *file, int line)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	dns_text(slice(old), &dns, &out);
	test_expect_text(out.at, want, file, line);
}
#define EXPECT_DNS(old, dns, want) expect_text(old, dns, want, __FILE__, __LINE__)

static char one[] = "192.0.2.53", two[] = "2001:db8::53", a[] = "a.example",
	    b[] = "b.example";
static char *const none[] = { NULL };
static char *const servers[] = { one, two, NULL };
static char *const search[] = { a, b, NULL };

TEST("the whole file is the lease's: domain, search, servers, without marks")
{
	const struct guest_dns all = { .domain = a, .search = search, .servers = servers };

	EXPECT_DNS("# --- BEGIN PVE ---\nnameserver 198.51.100.1\n# --- END PVE ---\n"
		   "options edns0\n",
		   all,
		   "domain a.example\nsearch a.example b.example\nnameserver 192.0.2.53\n"
		   "nameserver 2001:db8::53\n");
}

TEST("without servers in the lease those of the old file stay, and nothing else of it")
{
	const struct guest_dns names = { .search = search, .servers = none };

	EXPECT_DNS("search old.example\nnameserver 198.51.100.1\n#nameserver 198.51.100.2\n"
		   "nameservers 198.51.100.3\nnameserver\t198.51.100.4",
		   names,
		   "search a.example b.example\nnameserver 198.51.100.1\n"
		   "nameserver\t198.51.100.4\n");
	EXPECT_DNS("", names, "search a.example b.example\n");
}
