/* /etc/hosts (guest-setup.md 6.2-6.4). The text functions are pure. */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/* The lines of our section for a file that now has this text. */
void hosts_section(struct slice old, const struct guest_wants *wants, struct strbuf *out);
int hosts_write(const struct guest *guest, struct error *err);

/* Without the line that a container builder left behind: "127.0.1.1 LXC_NAME". */
void hosts_clean(struct slice old, struct strbuf *out);
int hosts_clean_up(const struct guest *guest, struct error *err);
