#include "guest/units.h"

#include "base/own.h"
#include "guest/files.h"
#include "guest/systemd.h"

#define CONDITION "ConditionPathExists="

bool units_getty_edit(struct slice old, bool has_container_getty, struct strbuf *out)
{
	const char *from =
		has_container_getty ? CONDITION "/dev/tty" : CONDITION "/dev/tty0";
	const char *to = has_container_getty ? CONDITION "/dev/tty0" : CONDITION "/dev/tty";
	struct slice rest = old, line;

	while (slice_line(&rest, &line)) {
		if (!slice_is(line, from))
			continue;
		strbuf_add(out, old.at, (size_t)(line.at - old.at));
		strbuf_adds(out, to);
		strbuf_add_slice(out,
				 slice_from(old, (size_t)(line.at - old.at) + line.len));
		return true;
	}
	return false;
}

int units_fix_getty(const struct guest *guest, struct error *err)
{
	const char *dir = systemd_unit_dir(guest);
	auto_free char *path = xasprintf("%s/getty@.service", dir);
	auto_free char *container = xasprintf("%s/container-getty@.service", dir);
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;
	int found = guest_read(guest->root, path, &old, err);

	if (found <= 0)
		return found;
	if (!units_getty_edit(strbuf_slice(&old), guest_has_file(guest->root, container),
			      &text))
		return 0;
	return guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err);
}

void units_mask(const struct guest *guest, const char *const *units)
{
	for (; *units; units++) {
		auto_free char *path = xasprintf("/etc/systemd/system/%s", *units);

		guest_symlink(guest->root, "/dev/null", path);
	}
}
