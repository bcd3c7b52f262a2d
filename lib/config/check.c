#include "config/check.h"

#include <limits.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "config/decimal.h"
#include "config/size.h"

static struct slice without_sign(struct slice text)
{
	bool has_sign = slice_starts(text, "-") || slice_starts(text, "+");

	return has_sign ? slice_from(text, 1) : text;
}

static struct slice without_zeros(struct slice digits)
{
	while (digits.len > 1 && digits.at[0] == '0' && digits.at[1] != '.')
		digits = slice_from(digits, 1);
	return digits;
}

int integer_parse(struct slice text, long long *out)
{
	struct slice digits = without_sign(text);
	bool negative = slice_starts(text, "-");
	uint64_t value;

	if (!slice_is_digits(digits))
		return -2;
	if (!slice_number(digits, 0, LLONG_MAX, &value))
		return negative ? -1 : 1;
	*out = negative ? -(long long)value : (long long)value;
	return 0;
}

/*
 * The check of a type: refuses with the reason of its own, or appends the normal form.
 * The reader's check is stricter about signs, which it does not know.
 */
struct type {
	const char *name; /* as messages call it */
	bool (*read)(struct slice value, bool weak, struct strbuf *normal);
};

static bool read_bool(struct slice value, bool weak, struct strbuf *normal)
{
	int truth = bool_parse(value);

	(void)weak;
	if (truth >= 0)
		strbuf_adds(normal, truth ? "1" : "0");
	return truth >= 0;
}

static bool read_int(struct slice value, bool weak, struct strbuf *normal)
{
	struct slice digits = weak ? value : without_sign(value);

	if (!slice_is_digits(digits))
		return false;
	digits = without_zeros(digits);
	if (slice_starts(value, "-") && !slice_is(digits, "0"))
		strbuf_addc(normal, '-');
	strbuf_add_slice(normal, digits);
	return true;
}

static bool read_number(struct slice value, bool weak, struct strbuf *normal)
{
	if (!decimal_is_valid(weak ? value : without_sign(value)))
		return false;
	strbuf_add_slice(normal, slice_starts(value, "+") ? slice_from(value, 1) : value);
	return true;
}

/* Texts live as C strings, which a NUL byte would cut. */
static bool read_text(struct slice value, bool weak, struct strbuf *normal)
{
	(void)weak;
	if (value.len && memchr(value.at, '\0', value.len))
		return false;
	strbuf_add_slice(normal, value);
	return true;
}

static const struct type types[] = {
	[PROP_BOOL] = { "boolean", read_bool },    [PROP_INT] = { "integer", read_int },
	[PROP_NUMBER] = { "number", read_number }, [PROP_TEXT] = { "string", read_text },
	[PROP_ENUM] = { "string", read_text },     [PROP_SIZE] = { "string", read_text },
	[PROP_GROUP] = { "string", read_text },
};

static bool check_size(struct slice value, struct strbuf *reason)
{
	uint64_t bytes;

	if (size_parse(value, &bytes))
		return true;
	strbuf_addf(reason, "value does not look like a valid disk size: " SLICE_FMT,
		    SLICE_ARG(value));
	return false;
}

static bool check_format(const struct prop *prop, struct slice value, struct strbuf *reason)
{
	struct slice rest = value, word;

	if (prop->type == PROP_SIZE)
		return check_size(value, reason);
	if (!prop->format)
		return true;
	if (!(prop->flags & PROP_LIST))
		return prop->format->check(value, reason);
	while (slice_word(&rest, &word))
		if (!prop->format->check(word, reason))
			return false;
	return true;
}

/* One bracket expression without named classes, and '+': the usual pattern. */
static bool is_plain_class(const char *pattern)
{
	const char *end =
		pattern[0] == '[' && pattern[1] != '^' ? strchr(pattern, ']') : NULL;

	return end && end[1] == '+' && end[2] == '\0' &&
	       !memchr(pattern + 1, '[', (size_t)(end - pattern - 1));
}

static bool is_in_class(char c, const char *at)
{
	for (; *at != ']'; at++) {
		if (at[1] == '-' && at[2] != ']') {
			if (c >= at[0] && c <= at[2])
				return true;
			at += 2;
		} else if (c == *at) {
			return true;
		}
	}
	return false;
}

static bool matches_class(const char *pattern, struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (!is_in_class(value.at[i], pattern + 1))
			return false;
	return value.len > 0;
}

/* The whole value matches the extended regular expression. */
static bool matches(const char *pattern, struct slice value)
{
	auto_free char *text = NULL, *anchored = NULL;
	regex_t regex;
	bool found;

	if (is_plain_class(pattern))
		return matches_class(pattern, value);
	text = slice_dup(value);
	anchored = xasprintf("^(%s)$", pattern);
	if (regcomp(&regex, anchored, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	found = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

/* Characters are those of UTF-8: bytes that go on with one do not count. */
static size_t count_characters(struct slice text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
	return count;
}

static bool check_length(const struct prop *prop, struct slice value,
			 struct strbuf *message)
{
	size_t count = count_characters(value);

	if (prop->max && count > (size_t)prop->max)
		strbuf_addf(message, "value may only be %lld characters long", prop->max);
	else if (count < (size_t)prop->min)
		strbuf_addf(message, "value must be at least %lld characters long",
			    prop->min);
	return message->len == 0;
}

/* -1, 0, 1: below, within, above min..max. */
static int compare_range(const struct prop *prop, const char *normal)
{
	long long whole = 0;
	double number;

	if (prop->type == PROP_INT) {
		int outside = integer_parse(slice(normal), &whole);

		if (outside != 0)
			return outside;
		return whole > prop->max ? 1 : whole < prop->min ? -1 : 0;
	}
	number = strtod(normal, NULL);
	return number > (double)prop->max ? 1 : number < (double)prop->min ? -1 : 0;
}

static bool check_range(const struct prop *prop, const char *normal, struct strbuf *message)
{
	int side;

	if (prop->min == 0 && prop->max == 0)
		return true;
	side = compare_range(prop, normal);
	if (side > 0)
		strbuf_addf(message, "value must have a maximum value of %lld", prop->max);
	else if (side < 0)
		strbuf_addf(message, "value must have a minimum value of %lld", prop->min);
	return side == 0;
}

static bool check_choice(const struct prop *prop, struct slice value,
			 struct strbuf *message)
{
	const char *const *choice;

	for (choice = prop->choices; *choice; choice++)
		if (slice_is(value, *choice))
			return true;
	strbuf_addf(message,
		    "value '" SLICE_FMT "' does not have a value in the enumeration '",
		    SLICE_ARG(value));
	for (choice = prop->choices; *choice; choice++)
		strbuf_addf(message, "%s%s", choice == prop->choices ? "" : ", ", *choice);
	strbuf_addc(message, '\'');
	return false;
}

static bool check_type(const struct prop *prop, struct slice value, bool weak,
		       struct strbuf *normal, struct strbuf *message)
{
	if (types[prop->type].read(value, weak, normal))
		return true;
	strbuf_addf(message, "type check ('%s') failed - got '" SLICE_FMT "'",
		    types[prop->type].name, SLICE_ARG(value));
	return false;
}

/* Everything after type and format; normal is the value in stored form. */
static bool check_limits(const struct prop *prop, struct slice value, const char *normal,
			 struct strbuf *message)
{
	if (prop->pattern && !matches(prop->pattern, value)) {
		strbuf_adds(message, "value does not match the regex pattern");
		return false;
	}
	switch (prop->type) {
	case PROP_TEXT: return check_length(prop, value, message);
	case PROP_INT:
	case PROP_NUMBER: return check_range(prop, normal, message);
	case PROP_ENUM: return check_choice(prop, value, message);
	default: return true;
	}
}

static bool check_plain(const struct prop *prop, struct slice value, struct strbuf *normal,
			struct strbuf *message)
{
	auto_strbuf struct strbuf reason = STRBUF_INIT;

	if (!check_type(prop, value, false, normal, message))
		return false;
	if (!check_format(prop, value, &reason)) {
		strbuf_addf(message, "invalid format - %s\n", reason.at);
		return false;
	}
	return check_limits(prop, value, normal->at, message);
}

/* Each line of a PROP_REPEAT value is a value of its own. */
static bool check_lines(const struct prop *prop, struct slice value, struct strbuf *normal,
			struct strbuf *message)
{
	struct slice rest = value, line;

	do {
		line = slice_cut(rest, '\n', &rest);
		if (!check_plain(prop, line, normal, message))
			return false;
		if (rest.at)
			strbuf_addc(normal, '\n');
	} while (rest.at);
	return true;
}

static int check_group(const struct prop *prop, const char *name, struct slice value,
		       struct problems *problems)
{
	auto_strbuf struct strbuf reason = STRBUF_INIT;
	auto_problems struct problems members = { 0 };
	struct slice values[GROUP_MAX];

	if (group_check(value, prop->members, values, &members, &reason))
		return 0;
	if (reason.len) {
		problems_add(problems, name, "invalid format - %s\n", reason.at);
		return -1;
	}
	problems_add(problems, name, "invalid format - format error");
	for (size_t i = 0; i < members.count; i++) {
		auto_free char *member = xasprintf("%s.%s", name, members.at[i].name);

		problems_add(problems, member, "%s%s", members.at[i].text,
			     i + 1 == members.count ? "\n" : "");
	}
	return -1;
}

int prop_check(const struct prop *prop, const char *name, struct slice value,
	       struct problems *problems, struct strbuf *normal)
{
	auto_strbuf struct strbuf stored = STRBUF_INIT, message = STRBUF_INIT;
	bool is_fine;

	if (prop->type == PROP_GROUP) {
		if (check_group(prop, name, value, problems) < 0)
			return -1;
		strbuf_add_slice(&stored, value);
	} else {
		is_fine = prop->flags & PROP_REPEAT
				  ? check_lines(prop, value, &stored, &message)
				  : check_plain(prop, value, &stored, &message);
		if (!is_fine) {
			problems_add(problems, name, "%s", message.at);
			return -1;
		}
	}
	if (normal)
		strbuf_add_slice(normal, strbuf_slice(&stored));
	return 0;
}

/* "format error" and a line per member, as the usual reader warns. */
static void describe_members(const struct problems *members, struct strbuf *reason)
{
	strbuf_adds(reason, "format error");
	for (size_t i = 0; i < members->count; i++) {
		struct slice text = slice_trim(slice(members->at[i].text));

		strbuf_addf(reason, "\n%s: " SLICE_FMT, members->at[i].name,
			    SLICE_ARG(text));
	}
}

int prop_check_weak(const struct prop *prop, struct slice value, struct strbuf *normal,
		    struct error *err)
{
	auto_strbuf struct strbuf stored = STRBUF_INIT, reason = STRBUF_INIT;
	auto_problems struct problems members = { 0 };
	struct slice values[GROUP_MAX];

	if (prop->type == PROP_GROUP &&
	    !group_check(value, prop->members, values, &members, &reason)) {
		if (members.count)
			describe_members(&members, &reason);
		return fail(err, 0, "%s", reason.at);
	}
	if (!check_type(prop, value, true, &stored, &reason) ||
	    !check_format(prop, value, &reason))
		return fail(err, 0, "%s", reason.at);
	strbuf_add_slice(normal, strbuf_slice(&stored));
	return 0;
}
