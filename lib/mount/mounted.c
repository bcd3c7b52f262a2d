#include "mount/mounted.h"

#include <stdlib.h>
#include <string.h>

#include "base/mountinfo.h"
#include "base/own.h"
#include "base/strbuf.h"

void mounted_source_done(struct mounted_source *source)
{
	free(source->device);
	free(source->root);
	*source = (struct mounted_source){ 0 };
}

static uint64_t number(struct slice text)
{
	uint64_t value = 0;

	slice_number(text, 0, UINT64_MAX, &value);
	return value;
}

bool mounted_what(struct slice text, uint64_t id, struct mounted_source *out)
{
	struct mountinfo mount;

	while (mountinfo_next(&text, &mount))
		if (number(mount.id) == id) {
			out->device = slice_dup(mount.device);
			out->root = slice_dup(mount.root);
			return true;
		}
	return false;
}

static bool next(struct slice *text, const struct mounted_source *source,
		 struct mountinfo *mount)
{
	while (mountinfo_next(text, mount))
		if (slice_is(mount->device, source->device) &&
		    slice_is(mount->root, source->root))
			return true;
	return false;
}

static bool is_at(const struct mountinfo *mount, const char *point)
{
	auto_free char *path = mountinfo_decode(mount->point);

	return strcmp(path, point) == 0;
}

uint64_t mounted_at(struct slice text, const struct mounted_source *source,
		    const char *point)
{
	struct mountinfo mount;

	while (next(&text, source, &mount))
		if (is_at(&mount, point))
			return number(mount.id);
	return 0;
}

static int fail_at(const struct mountinfo *mount, const char *what, struct error *err)
{
	auto_free char *path = mountinfo_decode(mount->point);

	return fail(err, 0, "%s '%s'", what, path);
}

static int check_free(struct slice text, uint64_t id, struct error *err)
{
	struct mountinfo mount;

	while (mountinfo_next(&text, &mount))
		if (number(mount.parent) == id && number(mount.id) != id)
			return fail_at(&mount, "something is mounted on it at", err);
	return 0;
}

/* One of the others, and not a second mount at its place. */
static bool is_other(struct slice text, const struct mounted_source *source,
		     const struct mountinfo *mount, const char *const *others)
{
	for (; *others; others++)
		if (is_at(mount, *others))
			return mounted_at(text, source, *others) == number(mount->id);
	return false;
}

int mounted_alone(struct slice text, const struct mounted_source *source, const char *point,
		  const char *const *others, uint64_t *id, struct error *err)
{
	struct slice rest = text;
	struct mountinfo mount;
	uint64_t found = 0;

	while (next(&rest, source, &mount)) {
		if (is_other(text, source, &mount, others))
			continue;
		if (!is_at(&mount, point))
			return fail_at(&mount, "the container has it mounted at", err);
		if (found)
			return fail_at(&mount, "the container has it mounted twice at",
				       err);
		found = number(mount.id);
	}
	if (found && check_free(text, found, err) < 0)
		return -1;
	*id = found;
	return 0;
}

bool mounted_anywhere(struct slice text, const struct mounted_source *source,
		      const char *const *others)
{
	struct slice rest = text;
	struct mountinfo mount;

	while (next(&rest, source, &mount))
		if (!is_other(text, source, &mount, others))
			return true;
	return false;
}

char *mounted_point(const char *top, const char *path)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;
	struct slice rest = slice(path), part;

	strbuf_adds(&out, top);
	while (rest.at) {
		part = slice_cut(rest, '/', &rest);
		if (part.len)
			strbuf_addf(&out, "/" SLICE_FMT, SLICE_ARG(part));
	}
	return strbuf_take(&out);
}
