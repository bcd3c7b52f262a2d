/*
 * The archive of one guest (backup.md 5): its volumes or the copy of them, packed by a
 * confined process, compressed by a program, under its name only when it is whole.
 */
#pragma once

#include "ct/backupjob.h"

/* ".tar.zst" and the like, for the option compress; static text. */
const char *backup_extension(const struct backup_options *options);

/* "program 'lzop' is not installed (package 'lzop')". */
int backup_program_check(const char *program, const char *package, struct error *err);

/* The same for the compressor that the options want. */
int backup_compressor_check(const struct backup_options *options, struct error *err);

/* Write the archive, or stream it to --stdout. */
int backup_archive(const struct backup_guest *guest, struct error *err);
