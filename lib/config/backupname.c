#include "config/backupname.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/own.h"
#include "config/store.h"

static const char *const types[] = { "lxc", "openvz", "qemu" };

static const char *const tar_endings[] = { "tgz",     "tar",     "tar.gz", "tar.lzo",
					   "tar.zst", "tar.bz2", NULL };
static const char *const vma_endings[] = { "vma",     "vma.gz",  "vma.lzo",
					   "vma.zst", "vma.bz2", NULL };

static bool is_one_of(struct slice text, const char *const *words)
{
	for (; *words; words++)
		if (slice_is(text, *words))
			return true;
	return false;
}

/* "2026_01_05-02_00_01", 'd' being a digit of the shape. */
static bool read_time(struct slice text, time_t *out)
{
	static const char shape[] = "dddd_dd_dd-dd_dd_dd";
	struct tm tm = { .tm_isdst = -1 };

	if (text.len != strlen(shape))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (shape[i] == 'd' ? !is_digit(text.at[i]) : text.at[i] != shape[i])
			return false;
	if (sscanf(text.at, "%4d_%2d_%2d-%2d_%2d_%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*out = mktime(&tm);
	return *out != (time_t)-1;
}

/* Behind "vzdump-<type>-": "<vmid>-<time>.<ending>". */
static bool parse_rest(struct slice whole, struct slice rest, const char *const *endings,
		       struct backup_name *out)
{
	struct slice id = slice_cut(rest, '-', &rest), ending;
	struct slice stamp = slice_cut(rest, '.', &ending);
	uint64_t vmid;

	if (!slice_number(id, VMID_MIN, VMID_MAX, &vmid) || id.at[0] == '0' || !ending.at ||
	    !is_one_of(ending, endings) || !read_time(stamp, &out->time))
		return false;
	out->vmid = (unsigned)vmid;
	out->stem = (size_t)(ending.at - 1 - whole.at);
	return true;
}

bool backup_name_parse(struct slice name, struct backup_name *out)
{
	struct backup_name parsed = { 0 };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		auto_free char *front = xasprintf("vzdump-%s-", types[i]);
		bool is_vm = strcmp(types[i], "qemu") == 0;

		parsed.type = types[i];
		if (!slice_starts(name, front) ||
		    !parse_rest(name, slice_from(name, strlen(front)),
				is_vm ? vma_endings : tar_endings, &parsed))
			continue;
		*out = parsed;
		return true;
	}
	return false;
}

char *backup_stem(unsigned vmid, time_t start)
{
	struct tm tm;
	char text[32];

	localtime_r(&start, &tm);
	strftime(text, sizeof(text), "%Y_%m_%d-%H_%M_%S", &tm);
	return xasprintf("vzdump-lxc-%u-%s", vmid, text);
}

void backup_time(time_t time, char out[20])
{
	struct tm tm;

	localtime_r(&time, &tm);
	if (strftime(out, 20, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		out[0] = '\0';
}

void backup_size(uint64_t bytes, struct strbuf *out)
{
	const uint64_t mib = 1 << 20, gib = 1 << 30, tib = UINT64_C(1) << 40;

	if (bytes < mib)
		strbuf_addf(out, "%lluKB", (unsigned long long)(bytes / 1024));
	else if (bytes < gib)
		strbuf_addf(out, "%lluMB", (unsigned long long)(bytes / mib));
	else if (bytes < tib)
		strbuf_addf(out, "%.2fGB", (double)bytes / (double)gib);
	else
		strbuf_addf(out, "%.2fTB", (double)bytes / (double)tib);
}

void backup_amount(uint64_t bytes, struct strbuf *out)
{
	static const char units[] = "KMGTP";
	double amount = (double)bytes / 1000;
	size_t unit = 0;

	if (bytes < 1000) {
		strbuf_addf(out, "%u bytes", (unsigned)bytes);
		return;
	}
	for (; amount >= 1000 && units[unit + 1]; unit++)
		amount /= 1000;
	strbuf_addf(out, "%.2f%c bytes", amount, units[unit]);
}

void backup_duration(int64_t seconds, struct strbuf *out)
{
	strbuf_addf(out, "%02lld:%02d:%02d", (long long)(seconds / 3600),
		    (int)(seconds / 60 % 60), (int)(seconds % 60));
}

static int add_variable(struct slice word, const struct backup_subject *subject,
			struct strbuf *out, struct error *err)
{
	if (slice_is(word, "cluster"))
		strbuf_adds(out, "standalone node");
	else if (slice_is(word, "guestname"))
		strbuf_adds(out, subject->guestname);
	else if (slice_is(word, "node"))
		strbuf_adds(out, subject->node);
	else if (slice_is(word, "vmid"))
		strbuf_addf(out, "%u", subject->vmid);
	else
		return fail(err, 0, "unexpected variable '{{" SLICE_FMT "}}'",
			    SLICE_ARG(word));
	return 0;
}

static int add_escape(struct slice rest, struct strbuf *out, struct error *err)
{
	if (rest.len < 2 || (rest.at[1] != 'n' && rest.at[1] != '\\'))
		return fail(err, 0, "unexpected escape character '\\%c'",
			    rest.len < 2 ? ' ' : rest.at[1]);
	strbuf_addc(out, rest.at[1] == 'n' ? '\n' : '\\');
	return 0;
}

/* The word of "{{word}}" at the start of rest; at NULL: there is none. */
static struct slice variable_at(struct slice rest)
{
	size_t len = 0;

	if (!slice_starts(rest, "{{"))
		return (struct slice){ 0 };
	rest = slice_from(rest, 2);
	while (len < rest.len && (is_alnum(rest.at[len]) || rest.at[len] == '_'))
		len++;
	if (len == 0 || !slice_starts(slice_from(rest, len), "}}"))
		return (struct slice){ 0 };
	return slice_of(rest.at, len);
}

int backup_notes(struct slice template, const struct backup_subject *subject,
		 struct strbuf *out, struct error *err)
{
	for (size_t i = 0; i < template.len; i++) {
		struct slice rest = slice_from(template, i);
		struct slice word = variable_at(rest);

		if (rest.at[0] == '\n' || rest.at[0] == '\r')
			return fail(err, 0, "the template has a line break");
		if (rest.at[0] == '\\') {
			if (add_escape(rest, out, err) < 0)
				return -1;
			i++;
		} else if (word.at) {
			if (add_variable(word, subject, out, err) < 0)
				return -1;
			i += word.len + 3;
		} else {
			strbuf_addc(out, rest.at[0]);
		}
	}
	return 0;
}
