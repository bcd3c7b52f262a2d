/*
 * Template archives and images: unpacking into a container's root in a confined child
 * with the container's id map, and building archives from recipes (templates.md 6-9).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/idmap.h"
#include "base/notes.h"
#include "base/strbuf.h"
#include "template/image.h"

enum unpack_flags {
	UNPACK_IGNORE_ERRORS = 1, /* --ignore-unpack-errors */
};

struct unpack {
	const char *archive; /* path on the host; its suffix tells the compression. NULL: an
				uncompressed one on standard input */
	int rootfd;          /* where to; all mount points are mounted below it */
	const struct idmap *map; /* count 0: privileged */
	unsigned flags;
	uint64_t bwlimit_kib; /* KiB/s of the archive file; 0: none */
	struct notes *notes;  /* gets what the user is to be warned of; or NULL */
	/*
	 * Where volumes of the container are mounted, "/srv/data", NULL at the end; or
	 * NULL. Their topmost directories get what the archive has of them, as all others
	 * do; those of other mounts stay as they are.
	 */
	const char *const *volumes;
	/*
	 * Images only: paths in the root, ended by NULL, where volumes or directories are
	 * mounted that had contents before: no layer takes any of it away. Or NULL.
	 */
	char **kept;
};

/*
 * The compression that the suffix names; an error for anything but .tar, .tar.gz,
 * .tar.bz2, .tar.xz, .tar.lzo, .tar.zst, .tgz: "file does not look like a template
 * archive: <path>".
 */
int template_check_name(const char *path, struct error *err);

/*
 * Unpack by running libexec pct-unpack. Prints "extracting archive '<path>'" (or
 * "extracting archive from STDIN") and then "Total bytes read: <n> (<MiB>, <MiB/s>)" on
 * stdout, warnings per member on stdout. Stops soon after TERM (interrupt.h). Semantics:
 * templates.md 7, with its SHOULDs.
 */
int template_unpack(const struct unpack *unpack, struct error *err);

/*
 * The configuration that a backup archive holds, 1 MiB at most: the first member named
 * exactly "./etc/vzdump/pct.conf", or vps.conf in its place, which is one of OpenVZ
 * (backup.md 10.4). Only the head of the archive is read as a rule, by pct-unpack, confined
 * to nothing. Without such a member: "archive contains no configuration file".
 */
int template_backup_config(const char *archive, bool *is_openvz, struct strbuf *text,
			   struct error *err);

/*
 * Is the archive an OCI image (templates.md 9)? Only one whose name ends ".tar" can be.
 * An image in the form of "docker save" without an OCI index is an error.
 */
int template_is_image(const struct unpack *unpack, bool *is_image, struct error *err);

/*
 * Unpack an image's layers, one on the other, and make the directories that it asks for;
 * *image gets what else it says, which the caller ends with image_done. Every digest of
 * the image is checked. Prints "Detected OCI archive", and a line for each directory. No
 * limit but the volume's size holds for what it unpacks to. Stops soon after TERM.
 */
int template_unpack_image(const struct unpack *unpack, struct image *image,
			  struct error *err);

/* The recipe of that name among path_share("templates"); the caller frees the path. */
int recipe_find(const char *name, char **path, struct error *err);

/*
 * Names of all recipes, the executable files there, sorted, NULL at the end; the caller
 * frees them with free_words.
 */
int recipe_list(char ***names, struct error *err);

/*
 * Run a recipe (a path from recipe_find) in a private work directory below dir
 * (".pct-build-XXXXXXXX", removed in every case; what a killed run left is removed by the
 * next), with processes and mounts of its own and its output on stdout and stderr, and
 * rename the archive that it left in out/ to dir/<its name>. *name is the file name,
 * which the caller frees. A file of that name is replaced. An interrupt (interrupt.h)
 * kills the recipe at once.
 */
int recipe_build(const char *recipe, const char *dir, char **name, struct error *err);
