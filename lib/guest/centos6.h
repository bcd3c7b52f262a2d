/*
 * Upstart and the boot script of CentOS before version 7 (guest-setup.md 9.9). The edit
 * functions are pure; false: nothing to change.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/* tty.conf whose mingetty does not hang up a console that others use too. */
bool centos6_tty_edit(struct slice old, struct strbuf *out);

/* rc.sysinit that starts no udev. */
bool centos6_sysinit_edit(struct slice old, struct strbuf *out);

/* The jobs in /etc/init, and rc.sysinit, which has to exist. */
int centos6_fix_template(const struct guest *guest, struct error *err);
