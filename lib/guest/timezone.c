#include "guest/timezone.h"

#include <string.h>

#include "base/own.h"
#include "guest/files.h"

static int write_name(const struct guest *guest, const char *name, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (!name || !guest_has_file(guest->root, "/etc/timezone"))
		return 0;
	strbuf_addf(&text, "%s\n", name);
	return guest_write(guest->root, "/etc/timezone", strbuf_slice(&text), 0644, 0, err);
}

static int link_zone(const struct guest *guest, const char *path, struct error *err)
{
	auto_strbuf struct strbuf now = STRBUF_INIT;

	if (guest_resolve(guest->root, "/etc/localtime", &now) && strcmp(now.at, path) == 0)
		return 0;
	return guest_relink(guest->root, path, "/etc/localtime", err);
}

int timezone_write(const struct guest *guest, struct error *err)
{
	const char *zone = guest->wants->timezone, *name = zone;
	auto_free char *path = NULL;

	if (!zone || guest->type->flags & GUEST_NO_TIMEZONE)
		return 0;
	if (strcmp(zone, "host") == 0) {
		name = guest->job->facts->zone_name;
		path = xstrdup(guest->job->facts->localtime);
	} else {
		path = xasprintf("/usr/share/zoneinfo/%s", zone);
	}
	if (!path) {
		notes_add(guest->notes, "timezone: the host's time zone is unknown");
		return 0;
	}
	if (!guest_has_file(guest->root, path)) {
		notes_add(guest->notes,
			  "timezone: the container has no file '%s'; its time zone stays",
			  path);
		return 0;
	}
	if (link_zone(guest, path, err) < 0)
		return -1;
	return write_name(guest, name, err);
}
