/*
 * One member of an archive becomes one entry of the tree (templates.md 7): made new
 * and, but for layers, never over something that exists, below directories that are
 * resolved inside the root. Runs inside the sandbox, where ids are the container's.
 */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "template/later.h"
#include "template/mounts.h"
#include "template/places.h"

struct unpacker {
	bool can_make_devices;
	/*
	 * The members are those of an image's layer (templates.md 9.3): what is there gives
	 * way to them, but in mounts that are kept; devices that cannot be made are left
	 * out; what is below dev is not.
	 */
	bool is_layer;
	const struct mounts *kept; /* NULL: none */
	bool told_absolute;        /* the message about leading slashes was printed */
	uint64_t mount; /* id of the root's mount: other mounts' roots stay as they are */
	char **volumes; /* but these do not; NULL: all of them do. The caller's */
	struct places places;
	struct later later;
};

int unpacker_init(struct unpacker *unpacker, int root, bool can_make_devices,
		  struct error *err);
void unpacker_done(struct unpacker *unpacker);
#define auto_unpacker __attribute__((cleanup(unpacker_done)))

/* Make what entry says; its data is read from archive. A failure names the member. */
int member_put(struct unpacker *unpacker, struct archive *archive,
	       struct archive_entry *entry, struct error *err);
