/* /etc/locale.conf of the templates that lack one (guest-setup.md 9.9). */
#pragma once

#include "base/error.h"
#include "guest/type.h"

/* A locale that knows UTF-8 and is in every libc; a file that is there stays. */
int locale_write(const struct guest *guest, struct error *err);
