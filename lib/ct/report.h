/*
 * What the hooks have to say to the command that starts the container: they run below
 * liblxc, whose log swallows their output. PATH_RUN/ct-<id>.warnings has one warning
 * on each line, PATH_RUN/ct-<id>.error the one sentence why the start failed.
 */
#pragma once

#include "base/error.h"
#include "base/notes.h"

/* Empty both for a new start; later hooks of the same start add to the warnings. */
int report_begin(unsigned vmid, struct error *err);

/* A descriptor that appends to the warnings. */
int report_open(unsigned vmid, struct error *err);

/* One line each; control characters become '?'. */
void report_notes(int fd, const struct notes *notes);

void report_error(unsigned vmid, const char *text);
