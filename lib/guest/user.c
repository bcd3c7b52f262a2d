#include "guest/user.h"

#include <string.h>

#include "base/ascii.h"
#include "base/own.h"
#include "guest/confine.h"
#include "guest/files.h"

#define ID_MAX (UINT32_MAX - 1) /* the highest number means "none" to the kernel */

/* A line of passwd (passwd(5)) or group (group(5)). */
struct entry {
	struct slice name, members; /* members: of a group */
	uint32_t id, gid;           /* gid: of a user */
};

static bool read_id(struct slice text, uint32_t *out)
{
	uint64_t number;

	if (!slice_number(text, 0, ID_MAX, &number))
		return false;
	*out = (uint32_t)number;
	return true;
}

/* Lines that are none are passed over. */
static bool next_user(struct slice *text, struct entry *out)
{
	struct slice line, rest;

	while (slice_line(text, &line)) {
		out->name = slice_cut(line, ':', &rest);
		slice_cut(rest, ':', &rest);
		if (read_id(slice_cut(rest, ':', &rest), &out->id) &&
		    read_id(slice_cut(rest, ':', &rest), &out->gid) && rest.at)
			return true;
	}
	return false;
}

static bool next_group(struct slice *text, struct entry *out)
{
	struct slice line, rest;

	while (slice_line(text, &line)) {
		out->name = slice_cut(line, ':', &rest);
		slice_cut(rest, ':', &rest);
		if (!read_id(slice_cut(rest, ':', &rest), &out->id) || !rest.at)
			continue;
		out->members = rest;
		return true;
	}
	return false;
}

static bool is_same(struct slice one, struct slice other)
{
	return one.len == other.len && memcmp(one.at, other.at, one.len) == 0;
}

/* The first entry of that name, or of that number. */
static bool find(bool (*next)(struct slice *, struct entry *), struct slice text,
		 struct slice name, uint32_t id, struct entry *out)
{
	while (next(&text, out))
		if (name.at ? is_same(out->name, name) : out->id == id)
			return true;
	return false;
}

static bool lists(struct slice members, struct slice user)
{
	struct slice rest = members;

	while (rest.at)
		if (is_same(slice_cut(rest, ',', &rest), user))
			return true;
	return false;
}

static void add_groups(struct slice text, struct slice user, struct strbuf *out)
{
	struct entry entry;

	while (next_group(&text, &entry))
		if (user.len > 0 && lists(entry.members, user))
			strbuf_addf(out, "%s%u", out->len ? "," : "", entry.id);
}

/* A number, or a name that is looked up: 1; 0: it is not there; -1: it is neither. */
static int resolve(struct slice part, bool (*next)(struct slice *, struct entry *),
		   struct slice text, struct entry *entry, struct error *err)
{
	if (slice_is_digits(part)) {
		if (!read_id(part, &entry->id))
			return fail(err, 0, "'" SLICE_FMT "' is no possible id",
				    SLICE_ARG(part));
		return 1;
	}
	return find(next, text, part, 0, entry);
}

static void note_missing(struct notes *notes, const char *what, struct slice name,
			 const char *effect)
{
	notes_add(notes, "%s '" SLICE_FMT "' of the image is not known in it: %s", what,
		  SLICE_ARG(name), effect);
}

static int take_group(struct slice part, struct slice group, struct guest_user *out,
		      struct notes *notes, struct error *err)
{
	struct entry entry;
	int found = resolve(part, next_group, group, &entry, err);

	if (found < 0)
		return -1;
	if (found == 0)
		note_missing(notes, "the group", part, "init runs in the group root");
	out->has_gid = found;
	out->gid = found ? entry.id : 0;
	return 0;
}

/* What passwd and group say of the user beyond the number. */
static void take_own_groups(struct slice passwd, struct slice group, struct guest_user *out)
{
	struct entry entry;

	if (!find(next_user, passwd, slice_of(NULL, 0), out->uid, &entry))
		return;
	out->has_gid = true;
	out->gid = entry.gid;
	add_groups(group, entry.name, &out->groups);
}

int user_find(struct slice wanted, struct slice passwd, struct slice group,
	      struct guest_user *out, struct notes *notes, struct error *err)
{
	struct slice group_part, user_part = slice_cut(wanted, ':', &group_part);
	struct entry entry;
	int found;

	if (user_part.len == 0 || (group_part.at && group_part.len == 0) ||
	    (group_part.at && memchr(group_part.at, ':', group_part.len)))
		return fail(err, 0, "'" SLICE_FMT "' is not of the form user[:group]",
			    SLICE_ARG(wanted));
	found = resolve(user_part, next_user, passwd, &entry, err);
	if (found < 0)
		return -1;
	if (found == 0)
		note_missing(notes, "the user", user_part, "init runs as root");
	out->has_uid = found;
	out->uid = found ? entry.id : 0;
	if (group_part.at)
		return take_group(group_part, group, out, notes, err);
	if (found)
		take_own_groups(passwd, group, out);
	return 0;
}

/* ---- inside the sandbox, and what comes back ---- */

struct search {
	struct guest guest; /* first: guest_confine hands it over */
	const char *wanted;
};

static int search(struct guest *guest, struct strbuf *result, struct error *err)
{
	const struct search *search = (const struct search *)guest;
	auto_strbuf struct strbuf passwd = STRBUF_INIT, group = STRBUF_INIT;
	auto_guest_user struct guest_user user = { .groups = STRBUF_INIT };

	if (guest_read(guest->root, "/etc/passwd", &passwd, err) < 0 ||
	    guest_read(guest->root, "/etc/group", &group, err) < 0 ||
	    user_find(slice(search->wanted), strbuf_slice(&passwd), strbuf_slice(&group),
		      &user, guest->notes, err) < 0)
		return -1;
	if (user.has_uid)
		strbuf_addf(result, "uid=%u\n", user.uid);
	if (user.has_gid)
		strbuf_addf(result, "gid=%u\n", user.gid);
	if (user.groups.len > 0)
		strbuf_addf(result, "groups=%s\n", user.groups.at);
	return 0;
}

static int check_id(const struct idmap *map, char type, uint32_t id, struct error *err)
{
	if (map && !idmap_has(map, type, id))
		return fail(err, 0, "%s %u is outside the container's id map",
			    type == 'u' ? "user" : "group", id);
	return 0;
}

static int fail_report(struct error *err)
{
	return fail(err, 0, "the helper's report makes no sense");
}

static int read_groups(struct slice list, const struct idmap *map, struct guest_user *out,
		       struct error *err)
{
	struct slice rest = list;
	uint32_t id;

	while (rest.at) {
		if (!read_id(slice_cut(rest, ',', &rest), &id))
			return fail_report(err);
		if (check_id(map, 'g', id, err) < 0)
			return -1;
	}
	strbuf_cut(&out->groups, 0);
	strbuf_add_slice(&out->groups, list);
	return 0;
}

/* What the helper says comes from a process that read hostile files. */
static int read_line(struct slice line, const struct idmap *map, struct guest_user *out,
		     struct error *err)
{
	struct slice value, name = slice_cut(line, '=', &value);

	if (slice_is(name, "uid") && read_id(value, &out->uid)) {
		out->has_uid = true;
		return check_id(map, 'u', out->uid, err);
	}
	if (slice_is(name, "gid") && read_id(value, &out->gid)) {
		out->has_gid = true;
		return check_id(map, 'g', out->gid, err);
	}
	if (slice_is(name, "groups") && value.at)
		return read_groups(value, map, out, err);
	return fail_report(err);
}

int guest_find_user(int rootfd, const struct idmap *map, const char *wanted,
		    struct guest_user *out, struct notes *notes, struct error *err)
{
	const struct guest_job job = { .rootfd = rootfd, .map = map };
	auto_strbuf struct strbuf result = STRBUF_INIT;
	auto_guest_user struct guest_user user = { .groups = STRBUF_INIT };
	struct search request = { .guest = { .job = &job }, .wanted = wanted };
	struct slice rest, line;

	if (guest_confine(&request.guest, CONFINE_READ_ONLY, search, &result, notes, err) <
	    0)
		return fail_in(err, "user of the image");
	rest = strbuf_slice(&result);
	while (slice_line(&rest, &line))
		if (read_line(line, map, &user, err) < 0)
			return fail_in(err, "user of the image");
	*out = user;
	user = (struct guest_user){ .groups = STRBUF_INIT };
	return 0;
}

void guest_user_done(struct guest_user *user)
{
	strbuf_done(&user->groups);
}
