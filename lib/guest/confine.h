/*
 * One helper process per event: it runs in the container's id map with the guest's
 * root as "/" and nothing else in reach (guest-setup.md 15.2).
 */
#pragma once

#include "base/error.h"
#include "base/idmap.h"
#include "base/notes.h"
#include "base/strbuf.h"
#include "guest/type.h"

/*
 * Run body on guest, with guest->root and guest->notes set. What it adds to result
 * (text in lines) and its notes reach the caller, the notes also when it fails; all
 * text is made fit for a terminal on the way. result may be NULL.
 */
int guest_confine(int rootfd, const struct idmap *map, struct guest *guest,
		  int (*body)(struct guest *guest, struct strbuf *result,
			      struct error *err),
		  struct strbuf *result, struct notes *notes, struct error *err);
