#include "storage/share.h"

#include <string.h>

#include "base/file.h"
#include "base/mountinfo.h"
#include "base/own.h"

#define MOUNT_TIMEOUT_S 30

/* A "/" at the end of the source does not count. */
static bool is_source(const char *mounted, const char *source)
{
	size_t len = strlen(mounted), want = strlen(source);

	while (len > 1 && mounted[len - 1] == '/')
		len--;
	while (want > 1 && source[want - 1] == '/')
		want--;
	return len == want && memcmp(mounted, source, len) == 0;
}

bool share_is_mounted(struct slice mountinfo, const char *fstype, const char *source,
		      const char *target)
{
	struct mountinfo mount;

	while (mountinfo_next(&mountinfo, &mount)) {
		auto_free char *point = mountinfo_decode(mount.point);
		auto_free char *from = mountinfo_decode(mount.source);

		if (slice_starts(mount.fstype, fstype) && strcmp(point, target) == 0 &&
		    is_source(from, source))
			return true;
	}
	return false;
}

int share_activate(const struct storage *st, const char *fstype, const char *source,
		   const struct commands *mount, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (mountinfo_read(&text, err) < 0)
		return -1;
	if (!share_is_mounted(strbuf_slice(&text), fstype, source, st->path) &&
	    (make_dirs(st->path, 0777, err) < 0 ||
	     commands_run(mount, MOUNT_TIMEOUT_S, NULL, err) < 0))
		return fail_prefix(err, "unable to activate storage '%s' - ", st->id);
	return dir_activate(st, err);
}
