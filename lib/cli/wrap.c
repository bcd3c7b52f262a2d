#include "cli/wrap.h"

#include <stdbool.h>

#define WIDTH 76

static void add_blanks(unsigned count, struct strbuf *out)
{
	strbuf_addf(out, "%*s", (int)count, "");
}

struct paragraph {
	struct strbuf *out;
	unsigned indent; /* of every line but the first */
	size_t column;
};

static void break_line(struct paragraph *p)
{
	strbuf_addc(p->out, '\n');
	add_blanks(p->indent, p->out);
	p->column = p->indent;
}

/* What does not fit even into a whole line is cut. */
static void add_word(struct paragraph *p, struct slice word)
{
	while (p->column + word.len > WIDTH) {
		size_t room = WIDTH - p->column;

		strbuf_add(p->out, word.at, room);
		word = slice_from(word, room);
		break_line(p);
	}
	strbuf_add_slice(p->out, word);
	p->column += word.len;
}

static size_t count_blanks(struct slice text)
{
	size_t count = 0;

	while (count < text.len && text.at[count] == ' ')
		count++;
	return count;
}

/* A run of blanks either stays as it is or becomes the line break. */
static void wrap_line(struct slice text, unsigned first, unsigned rest, struct strbuf *out)
{
	struct paragraph p = { .out = out, .indent = rest, .column = first };
	bool at_start = true;

	add_blanks(first, out);
	while (text.len) {
		size_t blanks = count_blanks(text);
		struct slice word, after = slice_from(text, blanks);

		word = slice_cut(after, ' ', &after);
		if (!at_start && p.column + blanks + word.len > WIDTH) {
			break_line(&p);
		} else {
			add_blanks((unsigned)blanks, out);
			p.column += blanks;
		}
		add_word(&p, word);
		at_start = false;
		text = slice_from(text, blanks + word.len);
	}
	strbuf_addc(out, '\n');
}

void wrap_text(const char *text, unsigned first, unsigned rest, struct strbuf *out)
{
	struct slice left = slice(text), line;

	while (slice_line(&left, &line)) {
		wrap_line(line, first, rest, out);
		first = rest;
	}
}
