#include "guest/passwd.h"

#include <string.h>

#include "base/own.h"
#include "guest/files.h"
#include "guest/sections.h"

/* The line is root's and has at least that many fields; *rest gets them from number 3 on.
 */
static bool is_root(struct slice line, unsigned fields, struct slice *rest)
{
	if (!slice_is(slice_cut(line, ':', rest), "root"))
		return false;
	slice_cut(*rest, ':', rest);
	for (struct slice more = *rest; fields > 2; fields--, slice_cut(more, ':', &more))
		if (!more.at)
			return false;
	return true;
}

/* Every line but those of root as it was, with or without a final LF. */
static void copy_line(struct slice line, struct slice rest, struct strbuf *out)
{
	strbuf_add_slice(out, line);
	if (rest.at)
		strbuf_addc(out, '\n');
}

void passwd_edit(struct slice old, const char *field, struct strbuf *out)
{
	struct slice line, fields;

	while (slice_line(&old, &line)) {
		if (is_root(line, 3, &fields)) {
			strbuf_addf(out, "root:%s:", field);
			line = fields;
		}
		copy_line(line, old, out);
	}
}

void shadow_edit(struct slice old, const char *hash, long long days, struct strbuf *out)
{
	struct slice line, fields;

	while (slice_line(&old, &line)) {
		if (is_root(line, 4, &fields)) {
			strbuf_addf(out, "root:%s:%lld:", hash, days);
			slice_cut(fields, ':', &line);
		}
		copy_line(line, old, out);
	}
}

bool passwd_home(struct slice text, struct slice *home)
{
	struct slice line, fields;

	while (slice_line(&text, &line)) {
		if (!slice_is(slice_cut(line, ':', &fields), "root"))
			continue;
		for (int skipped = 0; skipped < 4; skipped++)
			slice_cut(fields, ':', &fields);
		*home = slice_cut(fields, ':', &fields);
		return home->at != NULL;
	}
	return false;
}

static int edit_shadow(const struct guest *guest, struct slice old, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	shadow_edit(old, guest->job->password_hash, guest->job->facts->days, &text);
	return guest_write(guest->root, "/etc/shadow", strbuf_slice(&text), 0600,
			   GUEST_KEEP_OWNER, err);
}

int passwd_write(const struct guest *guest, struct error *err)
{
	auto_strbuf struct strbuf passwd = STRBUF_INIT, shadow = STRBUF_INIT,
				  text = STRBUF_INIT;
	int found = guest_read(guest->root, "/etc/passwd", &passwd, err), has_shadow;

	if (found <= 0)
		return found;
	has_shadow = guest_read(guest->root, "/etc/shadow", &shadow, err);
	if (has_shadow < 0 ||
	    (has_shadow && edit_shadow(guest, strbuf_slice(&shadow), err) < 0))
		return -1;
	passwd_edit(strbuf_slice(&passwd), has_shadow ? "x" : guest->job->password_hash,
		    &text);
	return guest_write(guest->root, "/etc/passwd", strbuf_slice(&text), 0644,
			   GUEST_KEEP_OWNER, err);
}

/* The path of root's home without a slash at its end, or NULL; the caller frees it. */
static char *find_home(const struct guest *guest, struct error *err)
{
	auto_strbuf struct strbuf passwd = STRBUF_INIT;
	int found = guest_read(guest->root, "/etc/passwd", &passwd, err);
	struct slice field = slice("/root");

	if (found < 0)
		return NULL;
	if (found && !passwd_home(strbuf_slice(&passwd), &field)) {
		fail(err, 0, "/etc/passwd has no home directory of root");
		return NULL;
	}
	if (field.len > 4096 || memchr(field.at, '\0', field.len) ||
	    !slice_starts(field, "/")) {
		fail(err, 0, "the home directory of root in /etc/passwd is no path");
		return NULL;
	}
	while (field.len && field.at[field.len - 1] == '/')
		field.len--;
	return slice_dup(field);
}

/* The keys without the CR that some editors leave in front of an LF. */
static void add_keys(struct slice keys, struct strbuf *out)
{
	struct slice line;

	while (slice_line(&keys, &line)) {
		if (slice_ends(line, "\r"))
			line.len--;
		strbuf_add_slice(out, line);
		strbuf_addc(out, '\n');
	}
}

int passwd_write_keys(const struct guest *guest, struct error *err)
{
	auto_free char *home = NULL, *dir = NULL, *path = NULL;
	auto_strbuf struct strbuf keys = STRBUF_INIT;

	if (!guest->job->ssh_keys)
		return 0;
	home = find_home(guest, err);
	if (!home)
		return -1;
	if (!guest_has_dir(guest->root, home[0] ? home : "/"))
		return fail(err, 0, "the home directory '%s' of root is missing",
			    home[0] ? home : "/");
	dir = xasprintf("%s/.ssh", home);
	path = xasprintf("%s/authorized_keys", dir);
	add_keys(slice(guest->job->ssh_keys), &keys);
	if (guest_mkdir(guest->root, dir, 0700, err) < 0)
		return -1;
	return guest_edit_section(guest->root, path, strbuf_slice(&keys), SECTION_APPEND, 0,
				  0600, err);
}
