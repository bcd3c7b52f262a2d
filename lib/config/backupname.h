/*
 * Names of backups and the texts about them (backup.md 4, 7, 9). Pure functions; times
 * are those of the local clock.
 */
#pragma once

#include <stdint.h>
#include <time.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"

struct backup_name {
	const char *type; /* "lxc", "openvz", "qemu" */
	unsigned vmid;
	time_t time;
	size_t stem; /* length without ".tar.zst" */
};

/* A standard name, "vzdump-lxc-100-2026_01_05-02_00_01.tar.zst"; false: it is none. */
bool backup_name_parse(struct slice name, struct backup_name *out);

/* "vzdump-lxc-100-2026_01_05-02_00_01"; the caller frees it. */
char *backup_stem(unsigned vmid, time_t start);

/* "2026-01-05 02:00:01". */
void backup_time(time_t time, char out[20]);

/* "205MB", "1.21GB". */
void backup_size(uint64_t bytes, struct strbuf *out);

/* "612.31M bytes": as rsync -h has it, in units of 1000. */
void backup_amount(uint64_t bytes, struct strbuf *out);

/* "00:00:26". */
void backup_duration(int64_t seconds, struct strbuf *out);

struct backup_subject {
	const char *guestname, *node;
	unsigned vmid;
};

/*
 * The text of a notes-template: {{guestname}}, {{vmid}}, {{node}} and {{cluster}} replaced,
 * "\n" and "\\" undone. Any other escape, a line break and an unknown {{word}} are errors;
 * out is half done then.
 */
int backup_notes(struct slice template, const struct backup_subject *subject,
		 struct strbuf *out, struct error *err);
