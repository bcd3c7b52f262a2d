/*
 * One member of an archive becomes one entry of the tree (templates.md 7): made new
 * and never over something that exists, below directories that are resolved inside the
 * root. Runs inside the sandbox, where ids are the container's.
 */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "template/later.h"
#include "template/places.h"

struct unpacker {
	bool can_make_devices;
	bool told_absolute; /* the message about leading slashes was printed */
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
