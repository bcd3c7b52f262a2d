/* passwd and shadow of a guest (guest-setup.md 10.2, 10.3). The text functions are pure. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

/* passwd with root's second field replaced; lines of others stay byte for byte. */
void passwd_edit(struct slice old, const char *field, struct strbuf *out);

/* shadow with root's hash and the day it was set. */
void shadow_edit(struct slice old, const char *hash, long long days, struct strbuf *out);

/* root's home in passwd; false: there is no line of root with six fields. */
bool passwd_home(struct slice text, struct slice *home);

/* Root's password as the job wants it. */
int passwd_write(const struct guest *guest, struct error *err);

/* The job's ssh keys in root's authorized_keys. */
int passwd_write_keys(const struct guest *guest, struct error *err);
