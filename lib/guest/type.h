/*
 * Distributions as rows: how one is recognised, and what it does differently in the
 * steps of an event (guest-setup.md 3, 4). Generic code asks the row, never its name.
 * The operations run inside the sandbox, on the guest's root.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/notes.h"
#include "base/strbuf.h"
#include "guest/guest.h"
#include "guest/place.h"
#include "guest/wants.h"

struct guest_version {
	unsigned major, minor; /* both 0: unknown */
};

static inline bool version_is_least(struct guest_version have, struct guest_version want)
{
	return have.major > want.major ||
	       (have.major == want.major && have.minor >= want.minor);
}

struct guest_type;

/* One guest while its event runs. */
struct guest {
	const struct guest_root *root; /* its "/" */
	const struct guest_type *type;
	struct guest_version version;
	const struct guest_job *job;
	const struct guest_wants *wants;
	struct notes *notes;
};

enum guest_type_flags {
	GUEST_UNMANAGED = 1,   /* nothing is read or written */
	GUEST_NO_TIMEZONE = 2, /* keeps its time zone elsewhere */
	GUEST_ANY_CGROUP = 4,  /* its init knows a pure cgroup v2 in every version */
	GUEST_TTY_DIR = 8,     /* its consoles are below /dev/lxc; see guest_tty_prefix */
};

struct guest_type {
	const char *name;       /* the value of ostype */
	const char *const *ids; /* os-release IDs, exact; NULL at the end */

	/*
	 * Without a known ID: any of these regular files, or the question, tells the
	 * type. Rows are asked in their order.
	 */
	const char *const *marks;
	bool (*is_found)(const struct guest *guest);

	/* Fill guest->version; one that is not supported is an error. */
	int (*detect_version)(struct guest *guest, struct error *err);

	/*
	 * Append the path of a program that tells the architecture; false: it has none.
	 * NULL: it is /bin/sh.
	 */
	bool (*find_program)(const struct guest *guest, struct strbuf *path);

	/* The steps of the type; NULL: there is nothing to do. */
	int (*hostname)(const struct guest *guest, struct error *err);
	int (*network)(const struct guest *guest, struct error *err);
	int (*init)(const struct guest *guest, struct error *err);
	int (*fix_template)(const struct guest *guest, struct error *err);
	int (*fix_certificates)(const struct guest *guest, struct error *err);
	unsigned flags;
};

/*
 * What goes in front of "tty1" in the files of this guest: "lxc/", or nothing (9.1). As
 * lxc.tty.dir of the generated configuration has it: without a console there is no
 * /dev/lxc.
 */
static inline const char *guest_tty_prefix(const struct guest *guest)
{
	bool has_dir = guest->type->flags & GUEST_TTY_DIR && guest->wants->console &&
		       !guest->wants->unprivileged;

	return has_dir ? "lxc/" : "";
}

/* All rows in the order of the questions; NULL at the end. */
extern const struct guest_type *const guest_types[];

extern const struct guest_type guest_ubuntu, guest_debian, guest_devuan, guest_opensuse,
	guest_fedora, guest_centos, guest_archlinux, guest_alpine, guest_gentoo,
	guest_nixos, guest_openeuler, guest_unmanaged;
