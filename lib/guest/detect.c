#include "guest/detect.h"

#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "guest/elf.h"
#include "guest/files.h"
#include "guest/osrelease.h"

static bool has_id(const struct guest_type *type, const char *id)
{
	for (const char *const *known = type->ids; known && *known; known++)
		if (strcmp(*known, id) == 0)
			return true;
	return false;
}

static bool has_mark(const struct guest *guest, const struct guest_type *type)
{
	for (const char *const *mark = type->marks; mark && *mark; mark++)
		if (guest_has_file(guest->root, *mark))
			return true;
	return type->is_found && type->is_found(guest);
}

int detect_read_release(const struct guest *guest, struct strbuf *text, struct error *err)
{
	const char *path = guest_has_file(guest->root, "/etc/os-release")
				   ? "/etc/os-release"
				   : "/usr/lib/os-release";

	return guest_read(guest->root, path, text, err) < 0 ? -1 : 0;
}

/* The ID of os-release, "" without one; *found tells whether /etc has the file. */
static int read_id(const struct guest *guest, struct strbuf *id, bool *found,
		   struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	*found = guest_has_file(guest->root, "/etc/os-release");
	if (detect_read_release(guest, &text, err) < 0)
		return -1;
	osrelease_get(strbuf_slice(&text), "ID", id);
	return 0;
}

static const struct guest_type *find_by_id(const struct guest *guest,
					   const struct strbuf *id)
{
	if (id->len == 0)
		return NULL;
	for (const struct guest_type *const *type = guest_types; *type; type++)
		if (strlen(id->at) == id->len && has_id(*type, id->at))
			return *type;
	notes_add(guest->notes, "os-release has the unknown ID '%.100s'", id->at);
	return NULL;
}

static int find_type(struct guest *guest, struct error *err)
{
	auto_strbuf struct strbuf id = STRBUF_INIT;
	bool has_release;

	if (read_id(guest, &id, &has_release, err) < 0)
		return -1;
	guest->type = find_by_id(guest, &id);
	for (const struct guest_type *const *type = guest_types; *type && !guest->type;
	     type++)
		if (has_mark(guest, *type))
			guest->type = *type;
	if (guest->type)
		return 0;
	if (has_release)
		return fail(err, 0, "cannot tell which OS this is from '/etc/os-release'");
	guest->type = &guest_unmanaged;
	notes_add(guest->notes,
		  "the OS is not known: the container is treated as unmanaged");
	return 0;
}

static void compare(const struct guest *guest, const char *configured)
{
	if (!configured || strcmp(configured, guest->type->name) == 0)
		return;
	notes_add(guest->notes,
		  "the configured ostype is '%.100s', but the container is '%s'",
		  configured, guest->type->name);
	if (!guest_has_dir(guest->root, "/etc"))
		notes_add(guest->notes,
			  "there is no /etc: perhaps the root is not mounted");
}

int detect_type(struct guest *guest, const char *configured, struct error *err)
{
	if (find_type(guest, err) < 0)
		return -1;
	compare(guest, configured);
	return guest->type->detect_version ? guest->type->detect_version(guest, err) : 0;
}

/* The program that tells the architecture, or NULL with a note. */
static char *find_program(const struct guest *guest)
{
	auto_strbuf struct strbuf path = STRBUF_INIT;

	if (!guest->type->find_program)
		return xstrdup("/bin/sh");
	if (guest->type->find_program(guest, &path))
		return strbuf_take(&path);
	notes_add(guest->notes, "cannot detect the architecture: "
				"'/sbin/init' names no interpreter");
	return NULL;
}

const char *detect_arch(const struct guest *guest)
{
	auto_free char *path = find_program(guest);
	auto_close int fd = -1;
	const char *arch;
	struct error err;

	if (!path)
		return NULL;
	fd = guest_open(guest->root, path, &err);
	arch = fd < 0 ? NULL : elf_arch(fd);
	if (!arch && fd < 0)
		notes_add(guest->notes, "cannot detect the architecture: %s", err.text);
	else if (!arch)
		notes_add(guest->notes,
			  "cannot detect the architecture: '%.100s' is no "
			  "program of a known one",
			  path);
	return arch;
}
