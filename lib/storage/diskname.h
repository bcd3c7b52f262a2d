/*
 * Names that volumes get (storage.md 4.2): the smallest N of which no "vm-<id>-disk-<N>"
 * exists under any prefix; and the names "vm-<id>-X" of the block types. Pure functions.
 */
#pragma once

#include "storage/storage.h"

#define DISKS_MAX 1024

/* Starts as { 0 }. */
struct taken_disks {
	bool at[DISKS_MAX];
};

/* Mark the N of "<prefix>-<vmid>-disk-<N>", whatever follows it; other names are fine. */
void disk_take(struct taken_disks *taken, struct slice name, unsigned vmid);

int disk_free_number(const struct storage *st, unsigned vmid,
		     const struct taken_disks *taken, unsigned *number, struct error *err);

/* What a name may hold beside letters and digits. */
#define DISK_MARKS_LVM "_.+-"
#define DISK_MARKS_ZFS "_.:-"

/*
 * "<prefix>-<id>-X" with the prefix "vm", "base", "subvol" or "basevol" and X of ASCII
 * letters, digits and the characters in marks: the owner, and the prefix as static text.
 * False when it is another kind of name, or one of more than 127 characters.
 */
bool disk_name_parse(struct slice name, const char *marks, const char **prefix,
		     unsigned *vmid);
