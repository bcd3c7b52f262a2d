#include "guest/ifupdown.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ascii.h"
#include "base/own.h"
#include "guest/address.h"
#include "guest/files.h"
#include "guest/sections.h"

struct interface {
	const struct guest_nic *nic;
	bool has_auto, seen[2]; /* inet, inet6 */
};

struct editor {
	struct interface list[GUEST_NICS]; /* by name */
	size_t count;
	bool lo_has_auto;
	enum ifupdown_form form;

	struct interface *open; /* whose stanza is being collected, or NULL */
	int family;
	struct slice *options; /* of the open stanza; owned */
	size_t option_count, option_room;

	struct strbuf *out;
};

/* The next word between white space; false at the end. */
static bool next_word(struct slice *text, struct slice *word)
{
	size_t len = 0;

	while (text->len && is_space(text->at[0]))
		*text = slice_from(*text, 1);
	while (len < text->len && !is_space(text->at[len]))
		len++;
	*word = slice_of(text->at, len);
	*text = slice_from(*text, len);
	return len > 0;
}

static struct interface *find(struct editor *editor, struct slice name)
{
	for (size_t i = 0; i < editor->count; i++)
		if (slice_is(name, editor->list[i].nic->name))
			return &editor->list[i];
	return NULL;
}

static void emit(struct editor *editor, struct slice line)
{
	strbuf_add_slice(editor->out, line);
	strbuf_addc(editor->out, '\n');
}

static void remember(struct editor *editor, struct slice option)
{
	if (editor->option_count == editor->option_room) {
		editor->option_room = editor->option_room ? 2 * editor->option_room : 16;
		editor->options = xreallocarray(editor->options, editor->option_room,
						sizeof(*editor->options));
	}
	editor->options[editor->option_count++] = option;
}

static const char *const route_lines[] = {
	"post-up ip route add %s dev %s",
	"post-up ip route add default via %s dev %s",
	"pre-down ip route del default via %s dev %s",
	"pre-down ip route del %s dev %s",
};

#define ROUTE_LINES (sizeof(route_lines) / sizeof(route_lines[0]))

/* Is option the pattern's text around two words? *gateway and *name get the words. */
static bool read_route_line(struct slice option, const char *pattern, struct slice *gateway,
			    struct slice *name)
{
	struct slice words = slice(pattern), word, got;

	*gateway = *name = slice(NULL);
	while (next_word(&words, &word)) {
		if (!next_word(&option, &got))
			return false;
		if (!slice_is(word, "%s") &&
		    (word.len != got.len || memcmp(word.at, got.at, got.len) != 0))
			return false;
		if (slice_is(word, "%s") && !gateway->at)
			*gateway = got;
		else if (slice_is(word, "%s"))
			*name = got;
	}
	return !next_word(&option, &got);
}

static bool same(struct slice left, struct slice right)
{
	return left.len == right.len && memcmp(left.at, right.at, left.len) == 0;
}

/* The four lines as they were written before there were markers around them. */
static bool is_bare_route_block(const struct slice *option)
{
	struct slice gateway = { 0 }, name = { 0 }, first_gateway = { 0 },
		     first_name = { 0 };

	for (size_t i = 0; i < ROUTE_LINES; i++) {
		if (!read_route_line(option[i], route_lines[i], &gateway, &name))
			return false;
		if (i == 0) {
			first_gateway = gateway;
			first_name = name;
		} else if (!same(gateway, first_gateway) || !same(name, first_name)) {
			return false;
		}
	}
	return true;
}

/* From a BEGIN line through its END line, or else through the end of the stanza. */
static bool drop_marked_routes(struct editor *editor)
{
	bool inside = false, had_marker = false;
	size_t kept = 0;

	for (size_t i = 0; i < editor->option_count; i++) {
		struct slice option = editor->options[i];

		if (slice_is(option, SECTION_BEGIN))
			inside = had_marker = true;
		if (!inside)
			editor->options[kept++] = option;
		if (slice_is(option, SECTION_END))
			inside = false;
	}
	editor->option_count = kept;
	return had_marker;
}

static void drop_routes(struct editor *editor)
{
	size_t kept = 0;

	if (drop_marked_routes(editor))
		return;
	for (size_t i = 0; i < editor->option_count;) {
		if (i + ROUTE_LINES <= editor->option_count &&
		    is_bare_route_block(&editor->options[i]))
			i += ROUTE_LINES;
		else
			editor->options[kept++] = editor->options[i++];
	}
	editor->option_count = kept;
}

static void emit_address(struct editor *editor, const struct cidr *cidr, const char *text)
{
	if (editor->form == IFUPDOWN_CIDR) {
		strbuf_addf(editor->out, "\taddress %s\n", text);
		return;
	}
	strbuf_addf(editor->out, "\taddress " SLICE_FMT "\n\tnetmask ",
		    SLICE_ARG(cidr->address));
	if (cidr->family == AF_INET)
		netmask_format(cidr, editor->out);
	else
		strbuf_addf(editor->out, "%u", cidr->prefix);
	strbuf_addc(editor->out, '\n');
}

static void emit_gateway(struct editor *editor, const char *addr, const char *gateway,
			 const char *name, int family)
{
	if (!gateway)
		return;
	if (!needs_route(addr, gateway, family)) {
		strbuf_addf(editor->out, "\tgateway %s\n", gateway);
		return;
	}
	strbuf_addf(editor->out, "%s\n", SECTION_BEGIN);
	strbuf_addf(editor->out, "\tpost-up ip route add %s dev %s\n", gateway, name);
	strbuf_addf(editor->out, "\tpost-up ip route add default via %s dev %s\n", gateway,
		    name);
	strbuf_addf(editor->out, "\tpre-down ip route del default via %s dev %s\n", gateway,
		    name);
	strbuf_addf(editor->out, "\tpre-down ip route del %s dev %s\n", gateway, name);
	strbuf_addf(editor->out, "%s\n", SECTION_END);
}

static void emit_static(struct editor *editor, const char *addr, const char *gateway,
			const char *name, int family)
{
	struct cidr cidr;

	if (!cidr_parse(addr, family, &cidr))
		return;
	drop_routes(editor);
	emit_address(editor, &cidr, addr);
	emit_gateway(editor, addr, gateway, name, family);
	for (size_t i = 0; i < editor->option_count; i++)
		strbuf_addf(editor->out, "\t" SLICE_FMT "\n",
			    SLICE_ARG(editor->options[i]));
}

/* The whole stanza as the configuration wants it, with the options collected so far. */
static void emit_stanza(struct editor *editor, struct interface *interface, int family)
{
	const struct guest_nic *nic = interface->nic;
	const char *value = family == AF_INET ? nic->ip : nic->ip6;
	const char *gateway = family == AF_INET ? nic->gw : nic->gw6;
	bool fixed = is_static(value, family);

	interface->seen[family == AF_INET6] = true;
	if (!interface->has_auto)
		strbuf_addf(editor->out, "auto %s\n", nic->name);
	interface->has_auto = true;
	if (!value)
		return;
	strbuf_addf(editor->out, "iface %s %s %s\n", nic->name,
		    family == AF_INET ? "inet" : "inet6", fixed ? "static" : value);
	if (fixed)
		emit_static(editor, value, gateway, nic->name, family);
	strbuf_addc(editor->out, '\n');
}

static void flush(struct editor *editor)
{
	struct interface *interface = editor->open;

	editor->open = NULL;
	if (interface)
		emit_stanza(editor, interface, editor->family);
	editor->option_count = 0;
}

static bool is_blank_line(struct slice line)
{
	return slice_trim(line).len == 0;
}

/* "iface IF inet METHOD" and nothing more; *family is AF_INET or AF_INET6. */
static bool read_iface(struct slice line, struct slice *name, int *family)
{
	struct slice word;

	if (!next_word(&line, &word) || !slice_is(word, "iface") ||
	    !next_word(&line, name) || !next_word(&line, &word))
		return false;
	if (!slice_is(word, "inet") && !slice_is(word, "inet6"))
		return false;
	*family = slice_is(word, "inet") ? AF_INET : AF_INET6;
	return next_word(&line, &word) && !next_word(&line, &word);
}

static bool is_auto(struct slice line)
{
	struct slice word;

	return next_word(&line, &word) && slice_is(word, "auto");
}

static void mark_auto(struct editor *editor, struct slice line)
{
	struct interface *interface;
	struct slice word;

	next_word(&line, &word);
	while (next_word(&line, &word)) {
		interface = find(editor, word);
		if (interface)
			interface->has_auto = true;
		if (slice_is(word, "lo"))
			editor->lo_has_auto = true;
	}
}

static bool ends_stanza(struct slice line)
{
	return slice_starts(line, "mapping ") || slice_starts(line, "allow-") ||
	       slice_starts(line, "source ") || slice_starts(line, "source-directory ");
}

/* A word and white space behind it. */
static bool is_option(struct slice line)
{
	struct slice word;

	return next_word(&line, &word) && line.len > 0;
}

static bool is_ours(struct slice option)
{
	struct slice word;

	next_word(&option, &word);
	return slice_is(word, "address") || slice_is(word, "netmask") ||
	       slice_is(word, "gateway") || slice_is(word, "broadcast");
}

static void read_option(struct editor *editor, struct slice line)
{
	while (line.len && is_space(line.at[0]))
		line = slice_from(line, 1);
	if (!is_ours(line))
		remember(editor, line);
}

static void open_or_emit(struct editor *editor, struct slice line, struct slice name,
			 int family)
{
	struct interface *interface = find(editor, name);

	flush(editor);
	if (!interface) {
		emit(editor, line);
		return;
	}
	editor->open = interface;
	editor->family = family;
}

/* The rules of 8.2 in their order; the first that fits is the line's. */
static void read_line(struct editor *editor, struct slice line)
{
	struct slice name;
	int family;

	if (slice_starts(line, SECTION_BEGIN) || slice_starts(line, SECTION_END)) {
		if (editor->open)
			remember(editor, line);
	} else if (slice_starts(line, "#")) {
		emit(editor, line);
	} else if (is_blank_line(line)) {
		if (editor->open)
			flush(editor);
		else
			emit(editor, line);
	} else if (read_iface(line, &name, &family)) {
		open_or_emit(editor, line, name, family);
	} else if (is_auto(line)) {
		mark_auto(editor, line);
		flush(editor);
		emit(editor, line);
	} else if (ends_stanza(line)) {
		flush(editor);
		emit(editor, line);
	} else if (editor->open && is_option(line)) {
		read_option(editor, line);
	} else {
		emit(editor, line);
	}
}

static void append_missing(struct editor *editor)
{
	struct strbuf *out = editor->out;
	bool first = true;

	for (size_t i = 0; i < 2 * editor->count; i++) {
		struct interface *interface = &editor->list[i / 2];
		bool six = i % 2;

		if (interface->seen[six] ||
		    !(six ? interface->nic->ip6 : interface->nic->ip))
			continue;
		if (first && out->len && !slice_is(strbuf_slice(out), "\n") &&
		    !slice_ends(strbuf_slice(out), "\n\n"))
			strbuf_addc(out, '\n');
		first = false;
		emit_stanza(editor, interface, six ? AF_INET6 : AF_INET);
	}
}

static int by_name(const void *left, const void *right)
{
	const struct interface *a = left, *b = right;

	return strcmp(a->nic->name, b->nic->name);
}

bool ifupdown_edit(struct slice old, const struct guest_nic *nics, size_t count,
		   enum ifupdown_form form, struct strbuf *out)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct editor editor = { .form = form, .out = &text };
	struct slice line;

	for (size_t i = 0; i < count; i++)
		if (nics[i].ip || nics[i].gw || nics[i].ip6 || nics[i].gw6)
			editor.list[editor.count++].nic = &nics[i];
	if (editor.count == 0)
		return false;
	qsort(editor.list, editor.count, sizeof(editor.list[0]), by_name);
	while (slice_line(&old, &line))
		read_line(&editor, line);
	flush(&editor);
	append_missing(&editor);
	free(editor.options);
	if (!editor.lo_has_auto)
		strbuf_adds(out,
			    "auto lo\niface lo inet loopback\niface lo inet6 loopback\n\n");
	strbuf_add(out, text.at, text.len);
	return true;
}

int ifupdown_write(const struct guest *guest, const struct guest_nic *nics, size_t count,
		   enum ifupdown_form form, struct error *err)
{
	static const char path[] = "/etc/network/interfaces";
	auto_strbuf struct strbuf old = STRBUF_INIT, text = STRBUF_INIT;
	int found = guest_read(guest->root, path, &old, err);

	if (found < 0)
		return -1;
	if (!ifupdown_edit(found ? strbuf_slice(&old) : slice(NULL), nics, count, form,
			   &text))
		return 0;
	if (guest_mkdirs(guest->root, "/etc/network", err) < 0)
		return -1;
	return guest_write(guest->root, path, strbuf_slice(&text), 0644, 0, err);
}
