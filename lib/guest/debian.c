#include "guest/debian.h"

#include "base/ascii.h"
#include "guest/files.h"
#include "guest/hostname.h"
#include "guest/ifupdown.h"
#include "guest/inittab.h"
#include "guest/release.h"
#include "guest/systemd.h"

#define OLDEST 4
#define NEWEST 14

/* What /etc/debian_version says before a release, and in derived distributions. */
static const struct {
	const char *text;
	unsigned version;
} names[] = {
	{ "stretch/sid", 9 },   { "buster/sid", 10 },   { "bullseye/sid", 11 },
	{ "bookworm/sid", 12 }, { "trixie/sid", 13 },   { "forky/sid", 14 },
	{ "duke/sid", 15 },     { "kali-rolling", 12 },
};

/* The leading number, without its fraction; 0: there is none. */
static unsigned read_version(struct slice text)
{
	uint64_t version;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_is(text, names[i].text))
			return names[i].version;
	text.len = slice_digits(text);
	return slice_number(text, 0, 100000, &version) ? (unsigned)version : 0;
}

static int detect_version(struct guest *guest, struct error *err)
{
	auto_strbuf struct strbuf line = STRBUF_INIT;
	int found = guest_first_line(guest->root, "/etc/debian_version", &line, err);
	unsigned version;

	if (found < 0)
		return -1;
	if (!found)
		return fail(err, 0, "the file '/etc/debian_version' is missing");
	version = read_version(strbuf_slice(&line));
	if (version < OLDEST)
		return release_refuse(guest, &line, err);
	if (version > NEWEST)
		notes_add(
			guest->notes,
			"debian version '%.100s' is newer than %d, the last that is known",
			line.at, NEWEST);
	guest->version.major = version;
	return 0;
}

static bool is_dropped(struct slice line)
{
	if (inittab_is_getty(line, ""))
		return true;
	while (line.len && is_blank(line.at[0]))
		line = slice_from(line, 1);
	return slice_starts(line, "pf:") || slice_starts(line, "pn:") ||
	       slice_starts(line, "po:") || slice_starts(line, "p0:");
}

static void add_tty(struct strbuf *out, unsigned tty, struct guest_version version)
{
	strbuf_addf(out, "%u:%s:respawn:/sbin/getty %s 38400 tty%u\n", tty,
		    tty == 1 ? "2345" : "23", version.major < 7 ? "-L" : "--noclear", tty);
}

int debian_init(const struct guest *guest, struct error *err)
{
	static const struct inittab_style style = {
		.is_dropped = is_dropped,
		.head = "p0::powerfail:/sbin/init 0\n",
		.add_tty = add_tty,
	};

	if (systemd_is_init(guest)) {
		if (systemd_write_gettys(guest, err) < 0)
			return -1;
		if (guest->version.major >= 12 &&
		    systemd_write_presets(guest, "disable systemd-networkd.service\n",
					  err) < 0)
			return -1;
	}
	return inittab_write(guest, &style, err);
}

static const char snakeoil_unit[] =
	"[Unit]\n"
	"Description=\"Regenerate pre-generated snakeoil certificate and key-pair once\"\n"
	"ConditionPathExists=/etc/ssl/certs/ssl-cert-snakeoil.pem\n"
	"ConditionFirstBoot=yes\n"
	"Wants=first-boot-complete.target\n"
	"Before=first-boot-complete.target\n"
	"\n"
	"[Service]\n"
	"Type=oneshot\n"
	"ExecStart=make-ssl-cert -f generate-default-snakeoil\n";

static int add_snakeoil_unit(const struct guest *guest, struct error *err)
{
	static const char name[] = "proxmox-regenerate-snakeoil.service";
	static const char path[] =
		"/etc/systemd/system/proxmox-regenerate-snakeoil.service";
	static const char wants[] = "/etc/systemd/system/first-boot-complete.target.wants";
	auto_strbuf struct strbuf link = STRBUF_INIT;

	strbuf_addf(&link, "%s/%s", wants, name);
	if (guest_write(guest->root, path, slice(snakeoil_unit), 0644, 0, err) < 0 ||
	    guest_mkdirs(guest->root, wants, err) < 0)
		return -1;
	guest_symlink(guest->root, path, link.at);
	return 0;
}

int debian_fix_certificates(const struct guest *guest, struct error *err)
{
	static const char key[] = "/etc/ssl/private/ssl-cert-snakeoil.key";

	if (!guest_has_file(guest->root, key))
		return 0;
	if (systemd_is_init(guest)) {
		if (add_snakeoil_unit(guest, err) < 0)
			return -1;
	} else {
		notes_add(guest->notes, "the template's pre-generated key '%s' was removed",
			  key);
		notes_add(guest->notes,
			  "to make a new one, run this in the container: "
			  "make-ssl-cert generate-default-snakeoil --force-overwrite");
	}
	guest_unlink(guest->root, key);
	return 0;
}

static int write_network(const struct guest *guest, struct error *err)
{
	return ifupdown_write(guest, guest->wants->nic, guest->wants->nic_count,
			      guest->version.major >= 10 ? IFUPDOWN_CIDR : IFUPDOWN_NETMASK,
			      err);
}

const struct guest_type guest_debian = {
	.name = "debian",
	.ids = (const char *const[]){ "debian", NULL },
	.marks = (const char *const[]){ "/etc/debian_version", NULL },
	.detect_version = detect_version,
	.hostname = hostname_write_short,
	.network = write_network,
	.init = debian_init,
	.fix_certificates = debian_fix_certificates,
};
