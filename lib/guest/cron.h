/*
 * Minutes in a guest's crontabs (guest-setup.md 10.5), so that the containers of one
 * template do not all work at the same time. cron_edit is a pure function.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/*
 * The text with a minute from the generator state (erand48(3)) in each line of root
 * that has a numeric one; empty lines at the end vanish.
 */
void cron_edit(struct slice old, unsigned short state[3], struct strbuf *out);

/* /etc/crontab and the entries of /etc/cron.d. */
int cron_write(const struct guest *guest, struct error *err);
