/*
 * Whom a program of the guest runs as: the "user" or "user:group" of an image, looked up
 * in the guest's own passwd and group (guest-setup.md 14). user_find is pure.
 */
#pragma once

#include "base/error.h"
#include "base/notes.h"
#include "base/slice.h"
#include "guest/guest.h"

/*
 * Numbers are taken as they are, names looked up; what is not found is left out with a
 * note. Without a group it is the user's own, and groups are all that list the user. An
 * empty part, more than one colon and numbers that are no ids are errors.
 */
int user_find(struct slice wanted, struct slice passwd, struct slice group,
	      struct guest_user *out, struct notes *notes, struct error *err);
