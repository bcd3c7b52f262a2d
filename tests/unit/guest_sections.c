#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "guest/sections.h"
#include "test.h"

#define B SECTION_BEGIN "\n"
#define E SECTION_END "\n"

/* What edit makes of old: its text, "(unchanged)" or "(removed)". The caller frees it. */
static char *edit(const char *old, const char *data, enum section_place place,
		  unsigned flags)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	switch (section_edit(slice(old), slice(data), place, flags, &out)) {
	case SECTION_WRITE: return strbuf_take(&out);
	case SECTION_REMOVE: return xstrdup("(removed)");
	default: return xstrdup("(unchanged)");
	}
}

static void expect(const char *old, const char *data, enum section_place place,
		   unsigned flags, const char *want)
{
	auto_free char *got = edit(old, data, place, flags), *again = NULL;

	EXPECT_TEXT(got, want);
	if (strcmp(want, "(unchanged)") == 0 || strcmp(want, "(removed)") == 0)
		return;
	again = edit(got, data, place, flags);
	if (strcmp(again, "(unchanged)") != 0)
		EXPECT_TEXT(again, want);
}

TEST("an absent file becomes the section; without data it stays absent")
{
	expect(NULL, "x", SECTION_APPEND, 0, B "x\n" E);
	expect(NULL, "", SECTION_REPLACE, 0, "(unchanged)");
}

TEST("a section goes behind, in front of, or in place of the user's lines")
{
	expect("a\n\n\n", "x", SECTION_APPEND, 0, "a\n" B "x\n" E);
	expect("a", "x\n", SECTION_APPEND, 0, "a\n" B "x\n" E);
	expect("a", "x", SECTION_PREPEND, 0, B "x\n" E "a\n");
	expect("a\nb\n", "x", SECTION_REPLACE, 0, B "x\n" E);
	expect("", "x", SECTION_APPEND, 0, "\n" B "x\n" E);
}

TEST("marker lines are recognised with other blanks, and END in any case")
{
	expect("p\n#---BEGIN PVE \nold\n# --- end pve --- foo\nq\n", "x", SECTION_APPEND, 0,
	       "p\n" B "x\n" E "q\n");
	expect("# --- begin pve ---\n# --- end pve ---\n", "x", SECTION_APPEND, 0,
	       "# --- begin pve ---\n# --- end pve ---\n" B "x\n" E);
	expect(" " B E, "x", SECTION_APPEND, 0, " " B E B "x\n" E);
}

TEST("an emptied section leaves its pair of markers and grows no lines")
{
	expect("a\n" B "x\n" E "\nb\n", "", SECTION_APPEND, 0, "a\n" B E "\nb\n");
	expect(B "x\n" E, "", SECTION_REPLACE, 0, "(unchanged)");
	expect(B "x\n" E "\n\n", "", SECTION_PREPEND, SECTION_DELETE, "(removed)");
	expect("a\n", "", SECTION_APPEND, SECTION_DELETE, "(unchanged)");
}

TEST("a BEGIN without END costs the user no line, also on the second run")
{
	expect(B "user\n", "x", SECTION_APPEND, 0, B "user\n" B "x\n" E);
	expect(B "user\n" B "old\n" E "tail\n", "x", SECTION_APPEND, 0,
	       B "user\n" B "x\n" E "tail\n");
	expect(E "user\n" B, "x", SECTION_APPEND, 0, E "user\n" B B "x\n" E);
}

TEST("of several sections only the first is kept up")
{
	expect(B "1\n" E "m\n" B "2\n" E, "x", SECTION_APPEND, 0,
	       B "x\n" E "m\n" B "2\n" E);
}

TEST("NUL bytes are data, and a million markers take linear time")
{
	auto_strbuf struct strbuf old = STRBUF_INIT, out = STRBUF_INIT;

	strbuf_add(&old, "a\0b\n", 4);
	for (int i = 0; i < 30000; i++)
		strbuf_adds(&old, B);
	EXPECT_INT(section_edit(strbuf_slice(&old), slice("x"), SECTION_APPEND, 0, &out),
		   SECTION_WRITE);
	EXPECT(memcmp(out.at, "a\0b\n" B, 4 + strlen(B)) == 0);
	EXPECT_INT(out.len, old.len + strlen(B "x\n" E));
}
