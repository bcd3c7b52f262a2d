/*
 * CentOS and what is built from the same sources: AlmaLinux, Rocky Linux, and by their
 * release file RHEL and Oracle Linux (guest-setup.md 8.6, 8.7, 9.9).
 */
#include <string.h>

#include "base/ascii.h"
#include "guest/centos6.h"
#include "guest/files.h"
#include "guest/hostname.h"
#include "guest/hosts.h"
#include "guest/ifcfg.h"
#include "guest/keyfile.h"
#include "guest/locale.h"
#include "guest/release.h"
#include "guest/securetty.h"
#include "guest/systemd.h"
#include "guest/units.h"

#define OLDEST        5
#define NEWEST        10
#define HAS_SYSTEMD   7
#define KNOWS_PRESETS 8
#define HAS_KEYFILES  10

/* The first number behind the word "release" and white space. */
static bool find_version(struct slice line, struct guest_version *version)
{
	static const char word[] = "release";
	struct slice number;
	const char *at;

	while (line.len && (at = memmem(line.at, line.len, word, strlen(word)))) {
		line = slice_from(line, (size_t)(at - line.at) + strlen(word));
		number = line;
		while (number.len && is_space(number.at[0]))
			number = slice_from(number, 1);
		if (number.len < line.len && release_take(&number, version))
			return true;
	}
	return false;
}

static int detect_version(struct guest *guest, struct error *err)
{
	static const char path[] = "/etc/redhat-release";
	auto_strbuf struct strbuf line = STRBUF_INIT;
	int found = guest_first_line(guest->root, path, &line, err);

	if (found < 0)
		return -1;
	if (!found)
		return fail(err, 0, "the file '%s' is missing", path);
	if (!find_version(strbuf_slice(&line), &guest->version) ||
	    guest->version.major < OLDEST || guest->version.major > NEWEST)
		return release_refuse(guest, &line, err);
	return 0;
}

static int write_network(const struct guest *guest, struct error *err)
{
	return guest->version.major >= HAS_KEYFILES ? keyfile_write(guest, err)
						    : ifcfg_write(guest, err);
}

static int write_init(const struct guest *guest, struct error *err)
{
	if (units_fix_getty(guest, err) < 0 || systemd_write_gettys(guest, err) < 0)
		return -1;
	return guest->version.major >= KNOWS_PRESETS ? systemd_write_presets(guest, "", err)
						     : 0;
}

static int fix_template(const struct guest *guest, struct error *err)
{
	static const char *const masked[] = { "sys-kernel-config.mount",
					      "sys-kernel-debug.mount", NULL };

	if (guest->version.major < HAS_SYSTEMD && centos6_fix_template(guest, err) < 0)
		return -1;
	if (locale_write(guest, err) < 0 || securetty_write(guest, err) < 0 ||
	    hosts_clean_up(guest, err) < 0)
		return -1;
	units_mask(guest, masked);
	return 0;
}

const struct guest_type guest_centos = {
	.name = "centos",
	.ids = (const char *const[]){ "centos", "rocky", "almalinux", NULL },
	.marks =
		(const char *const[]){ "/etc/centos-release", "/etc/redhat-release", NULL },
	.detect_version = detect_version,
	.hostname = hostname_write_full,
	.network = write_network,
	.init = write_init,
	.fix_template = fix_template,
	.flags = GUEST_TTY_DIR,
};
