/*
 * Versions as the release files of distributions tell them (guest-setup.md 3.3). The
 * helpers of the rows that go by VERSION_ID of os-release(5).
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/* Take "N.N" or else "N" off the front of *text; false: no number is there. Pure. */
bool release_take(struct slice *text, struct guest_version *version);

/* Append the value of a name in os-release; nothing when it is not set. */
int release_read(const struct guest *guest, const char *name, struct strbuf *value,
		 struct error *err);

/* The error of a version that the guest's type does not know how to set up; -1. */
int release_refuse(const struct guest *guest, const struct strbuf *version,
		   struct error *err);

/* Set guest->version to VERSION_ID, which has to be a number of at least oldest. */
int release_detect(struct guest *guest, unsigned oldest, struct error *err);
