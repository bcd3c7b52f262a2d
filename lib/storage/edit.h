/*
 * Changes of storage.cfg as text (storage.md 2.2, 9.1): what stands in the file before,
 * and what will. Pure functions. Sections keep their order, a new one comes last; each is
 * written anew from what the parser understood. Sections that the parser skips, and those
 * of types that are not checked, keep their text. What the parser warns of goes to notes:
 * such lines are not written again.
 */
#pragma once

#include "config/keyvals.h"
#include "storage/cfg.h"
#include "storage/type.h"

/* "TYPE: ID" and its properties, TAB-indented; no empty line behind. */
void cfg_format_section(const struct storage_type *type, const char *id,
			const struct keyvals *props, struct strbuf *out);

/*
 * Check the values that a user gives for a storage of that type, and store them in normal
 * form in props. Errors name the property: "unexpected property '<p>'", "content: content
 * type 'iso' is not for type 'lvm'". Warnings go to notes.
 */
int cfg_check_values(const struct storage_type *type, const struct keyvals *values,
		     struct keyvals *props, struct notes *notes, struct error *err);

/* "storage ID '<id>' already defined", "missing value for required option '<p>'". */
int cfg_add(struct slice text, const struct cfg_host *host, const struct storage_type *type,
	    const char *id, const struct keyvals *values, struct strbuf *out,
	    struct notes *notes, struct error *err);

/*
 * Set values and unset those of the list delete (NULL: none). "local" gets a section if it
 * has none, or one that does not hold. "storage '<id>' does not
 * exist", "can't change value of fixed parameter '<p>'", "unable to delete required
 * option '<p>'", "unable to set and delete '<p>' at the same time".
 */
int cfg_set(struct slice text, const struct cfg_host *host, const char *id,
	    const struct keyvals *values, const char *delete, struct strbuf *out,
	    struct notes *notes, struct error *err);

/* Refused while another storage has a volume of it as its base. */
int cfg_remove(struct slice text, const struct cfg_host *host, const char *id,
	       struct strbuf *out, struct notes *notes, struct error *err);
