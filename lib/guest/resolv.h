/* /etc/resolv.conf (guest-setup.md 7). resolv_section is a pure function. */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

void resolv_section(const struct guest_wants *wants, struct strbuf *out);
int resolv_write(const struct guest *guest, struct error *err);
