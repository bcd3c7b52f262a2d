/*
 * What a move of a volume needs of the containers' files, and what it makes of them
 * (storage.md 8.8). Pure.
 */
#pragma once

#include <stdint.h>

#include "config/config.h"
#include "ct/ct.h"

/* The parameters for themselves: each that is wrong is a problem under its name. */
void move_check(const struct move_request *request, struct problems *problems);

/* The key in the other container. */
const char *move_target_key(const struct move_request *request);

/*
 * The volume id that is to be moved to a storage, which the caller frees; or what of the
 * file is against it.
 */
int move_source(const struct config *config, const struct move_request *request,
		char **volid, struct error *err);

/*
 * The key has the new volume in place of the old one, which is remembered as unusedN. It
 * fails when the key has another volume by now.
 */
int move_switch(struct config *config, const char *key, const char *old,
		const char *new_volid, uint64_t bytes, struct error *err);

/* The same question for a volume that another container gets; done: it has it already,
 * from a try that was killed. */
int move_handed(const struct config *source, const struct config *target,
		const struct move_request *request, const char *done, char **volid,
		struct error *err);

/* The entry of the other container, for this volume id. */
int move_target_value(const struct config *source, const struct move_request *request,
		      const char *volid, struct strbuf *out, struct error *err);
