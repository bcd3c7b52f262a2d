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

enum confine_flags {
	CONFINE_READ_ONLY = 1,   /* nothing in the guest can be changed */
	CONFINE_LONG_RESULT = 2, /* up to 16 MiB instead of 64 KiB, the notes included */
};

/*
 * Run body on guest, whose job tells where; guest->root and guest->notes are set for it.
 * What it adds to result (text in lines) and its notes reach the caller, the notes also
 * when it fails; all text is made fit for a terminal on the way. result may be NULL.
 */
int guest_confine(struct guest *guest, unsigned flags,
		  int (*body)(struct guest *guest, struct strbuf *result,
			      struct error *err),
		  struct strbuf *result, struct notes *notes, struct error *err);
