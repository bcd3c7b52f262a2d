#include "guest/release.h"

#include "guest/detect.h"
#include "guest/osrelease.h"

#define NUMBER_MAX 99999999 /* of a date like 20240131 */

static bool take_number(struct slice *text, unsigned *out)
{
	struct slice digits = slice_of(text->at, slice_digits(*text));
	uint64_t number;

	if (!slice_number(digits, 0, NUMBER_MAX, &number))
		return false;
	*out = (unsigned)number;
	*text = slice_from(*text, digits.len);
	return true;
}

bool release_take(struct slice *text, struct guest_version *version)
{
	struct slice rest;

	*version = (struct guest_version){ 0 };
	if (!take_number(text, &version->major))
		return false;
	rest = slice_from(*text, 1);
	if (slice_starts(*text, ".") && take_number(&rest, &version->minor))
		*text = rest;
	return true;
}

int release_read(const struct guest *guest, const char *name, struct strbuf *value,
		 struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (detect_read_release(guest, &text, err) < 0)
		return -1;
	osrelease_get(strbuf_slice(&text), name, value);
	return 0;
}

int release_refuse(const struct guest *guest, const struct strbuf *version,
		   struct error *err)
{
	if (version->len == 0)
		return fail(err, 0, "the guest's release file has no %s version",
			    guest->type->name);
	return fail(err, 0, "unsupported %s version '%.100s'", guest->type->name,
		    version->at);
}

int release_detect(struct guest *guest, unsigned oldest, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest;

	if (release_read(guest, "VERSION_ID", &text, err) < 0)
		return -1;
	rest = strbuf_slice(&text);
	if (!release_take(&rest, &guest->version) || rest.len ||
	    guest->version.major < oldest)
		return release_refuse(guest, &text, err);
	return 0;
}
