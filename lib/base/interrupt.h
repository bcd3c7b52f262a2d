/*
 * INT, QUIT, TERM and HUP as a question that long work asks between its steps, so that
 * its cleanup runs (pct-cli.md 1.1: "received interrupt").
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* Catch them from now on, HUP unless it is ignored; blocking calls then return EINTR. */
void interrupt_catch(void);
bool interrupt_seen(void);

/* 0, or -1 with "received interrupt". */
int interrupt_check(struct error *err);
