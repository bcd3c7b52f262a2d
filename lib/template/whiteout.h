/*
 * Whiteouts: members of an image's layer that stand for what it takes away from the
 * layers below (image-spec layer.md "Whiteouts"; templates.md 9.3). Parsing is pure;
 * applying runs inside the sandbox.
 */
#pragma once

#include <archive_entry.h>
#include <stdbool.h>

#include "base/error.h"
#include "template/mounts.h"
#include "template/name.h"

enum whiteout_kind {
	WHITEOUT_NONE,  /* a member like any other */
	WHITEOUT_VOID,  /* none of the tree's files, and takes nothing away */
	WHITEOUT_ENTRY, /* takes away what name says, and all below it */
	WHITEOUT_INSIDE /* takes away all that is in the directory name, which stays */
};

struct whiteout {
	enum whiteout_kind kind;
	struct member_name name; /* of what is taken away; never the root of an ENTRY */
};

/* What a member's name says. Every name whose last part starts ".wh." is none of files. */
void whiteout_parse(const struct member_name *member, struct whiteout *out);

/*
 * Take it away, if it is there. Symbolic links on the way are resolved inside the root, a
 * link at the end goes itself. Mounts that are kept stay as they are.
 */
int whiteout_apply(const struct whiteout *whiteout, int root, const struct mounts *kept,
		   struct error *err);
