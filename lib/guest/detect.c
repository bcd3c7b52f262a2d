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

/* The ID of os-release, "" without one; *found tells whether /etc has the file. */
static int read_id(const struct guest *guest, struct strbuf *id, bool *found,
		   struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	*found = guest_has_file(guest->root, "/etc/os-release");
	if (guest_read(guest->root, *found ? "/etc/os-release" : "/usr/lib/os-release",
		       &text, err) < 0)
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

const char *detect_arch(const struct guest *guest)
{
	struct error err;
	auto_close int fd = guest_open(guest->root, "/bin/sh", &err);
	const char *arch = fd < 0 ? NULL : elf_arch(fd);

	if (!arch && fd < 0)
		notes_add(guest->notes, "cannot detect the architecture: %s", err.text);
	else if (!arch)
		notes_add(guest->notes, "cannot detect the architecture: '/bin/sh' is no "
					"program of a known one");
	return arch;
}
