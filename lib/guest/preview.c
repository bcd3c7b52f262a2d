#include "guest/preview.h"

#include <stdbool.h>
#include <string.h>

#include "base/diff.h"
#include "base/own.h"
#include "guest/files.h"

#define NOTHING "/dev/null"

/* What is, or would be, at a path; mode 0: nothing. The text of a link is its target. */
struct version {
	mode_t mode;
	struct strbuf text;
	bool is_shown; /* text is known */
};

static void version_done(struct version *version)
{
	strbuf_done(&version->text);
}

#define auto_version __attribute__((cleanup(version_done)))

static void read_now(const struct guest_root *root, const char *path,
		     struct version *version)
{
	struct error err;
	struct stat st;

	version->is_shown = true;
	if (!place_look_name(root, path, &st))
		return;
	version->mode = S_ISLNK(st.st_mode) ? S_IFLNK : st.st_mode & (S_IFMT | 0777);
	if (S_ISLNK(st.st_mode))
		version->is_shown = guest_readlink(root, path, &version->text);
	/* One that is replaced without being read first may have any size. */
	else
		version->is_shown = S_ISREG(st.st_mode) &&
				    guest_read(root, path, &version->text, &err) > 0;
	if (!version->is_shown)
		strbuf_cut(&version->text, 0);
}

static void read_planned(const struct planned *planned, struct version *version)
{
	version->is_shown = true;
	if (planned->kind == PLANNED_FILE)
		version->mode = S_IFREG | planned->mode;
	else if (planned->kind == PLANNED_LINK)
		version->mode = S_IFLNK;
	strbuf_add_slice(&version->text, strbuf_slice(&planned->text));
}

static bool is_same(const struct version *left, const struct version *right)
{
	if (left->mode != right->mode || left->is_shown != right->is_shown)
		return false;
	return left->text.len == right->text.len &&
	       memcmp(left->text.at, right->text.at, left->text.len) == 0;
}

static void add_modes(const struct version *old, const struct version *new,
		      struct strbuf *out)
{
	if (!old->mode)
		strbuf_addf(out, "new file mode %06o\n", new->mode);
	else if (!new->mode)
		strbuf_addf(out, "deleted file mode %06o\n", old->mode);
	else if (old->mode != new->mode)
		strbuf_addf(out, "old mode %06o\nnew mode %06o\n", old->mode, new->mode);
}

static void add_texts(const char *old_name, const char *new_name, const struct version *old,
		      const struct version *new, struct strbuf *out)
{
	auto_strbuf struct strbuf hunks = STRBUF_INIT;

	diff_add(strbuf_slice(&old->text), strbuf_slice(&new->text), &hunks);
	if (S_ISREG(old->mode) && !old->is_shown)
		strbuf_addf(out, "Binary files %s and %s differ\n", old_name, new_name);
	else if (hunks.len)
		strbuf_addf(out, "--- %s\n+++ %s\n%s", old_name, new_name, hunks.at);
}

static void add_entry(const char *path, const struct version *old,
		      const struct version *new, struct strbuf *out)
{
	auto_free char *old_name = xasprintf("a%s", path),
		       *new_name = xasprintf("b%s", path);

	strbuf_addf(out, "diff --git %s %s\n", old_name, new_name);
	add_modes(old, new, out);
	add_texts(old->mode ? old_name : NOTHING, new->mode ? new_name : NOTHING, old, new,
		  out);
}

static void add_planned(const struct guest_root *root, const struct planned *planned,
			struct strbuf *out)
{
	auto_version struct version old = { .text = STRBUF_INIT },
				    new = { .text = STRBUF_INIT };
	const struct version none = { .text = STRBUF_INIT };

	read_now(root, planned->path, &old);
	read_planned(planned, &new);
	if (is_same(&old, &new))
		return;
	if (!old.mode || !new.mode || (old.mode & S_IFMT) == (new.mode &S_IFMT)) {
		add_entry(planned->path, &old, &new, out);
		return;
	}
	/* What becomes another kind of file goes, and comes again. */
	add_entry(planned->path, &old, &none, out);
	add_entry(planned->path, &none, &new, out);
}

void preview_add(const struct guest_root *root, const struct record *record,
		 struct strbuf *out)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->at[i].kind != PLANNED_DIR)
			add_planned(root, &record->at[i], out);
}
