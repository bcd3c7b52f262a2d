/* Which distribution a guest is (guest-setup.md 3). Runs inside the sandbox. */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/*
 * Set guest->type and guest->version. What is odd but no reason to stop is a note;
 * with configured, the ostype in the configuration, also that it is another.
 */
int detect_type(struct guest *guest, const char *configured, struct error *err);

/* Append the text of os-release(5): that of /etc if it is a file there, else /usr/lib. */
int detect_read_release(const struct guest *guest, struct strbuf *text, struct error *err);

/* The architecture, or NULL with a note. */
const char *detect_arch(const struct guest *guest);
