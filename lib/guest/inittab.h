/* Consoles in /etc/inittab (guest-setup.md 9.7). inittab_edit is a pure function. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "guest/type.h"

struct inittab_style {
	bool (*is_dropped)(struct slice line);
	const char *head; /* lines in front of the consoles; "" for none */
	/* Append the line of console number tty. */
	void (*add_tty)(struct strbuf *out, unsigned tty, struct guest_version version);
};

/* "ID:LEVELS:ACTION:...getty...", the id being prefix and digits. */
bool inittab_is_getty(struct slice line, const char *prefix);

/* The new text: without the lines that are dropped, consoles 1..ttys behind the rest. */
void inittab_edit(struct slice old, const struct inittab_style *style, unsigned ttys,
		  struct guest_version version, struct strbuf *out);

/* inittab_edit on the guest's file; a missing one stays missing (17, D1). */
int inittab_write(const struct guest *guest, const struct inittab_style *style,
		  struct error *err);
