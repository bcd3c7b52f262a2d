/*
 * Directories of the host that several containers reach with the same ids (runtime.md 13,
 * item 35): by default all unprivileged containers use one range, so a user of one owns
 * the files there of the same user of another.
 */
#pragma once

#include "base/notes.h"
#include "config/config.h"

/*
 * Whether both reach files of this bind mount (key: mpN) of config with the same ids of
 * the default range, and one of them may write there. Pure: paths are compared as text,
 * and one may lie below the other.
 */
bool bind_is_shared(const struct config *config, const char *key,
		    const struct config *other);

/*
 * For each bind mount that other containers of this host share so, a note with their ids.
 * Reads their configurations if there is a bind mount at all.
 */
void shared_bind_notes(const struct config *config, struct notes *notes);
