/*
 * INT, QUIT, TERM and HUP as a question that long work asks between its steps, so that
 * its cleanup runs (pct-cli.md 1.1: "received interrupt").
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* Catch them from now on, HUP unless it is ignored; blocking calls then return EINTR. */
void interrupt_catch(void);
/* This one, too. */
void interrupt_catch_signal(int sig);
/*
 * From now on who writes to a pipe that nobody reads gets EPIPE and goes on. Programs that
 * are started, a container's init among them, are ended by such a pipe as ever.
 */
void interrupt_outlive_readers(void);
bool interrupt_seen(void);

/*
 * Between the two no signal counts: for cleaning up, which has to come to its end. What
 * was seen before counts again afterwards, as does what came meanwhile.
 */
void interrupt_defer(void);
void interrupt_resume(void);

/* 0, or -1 with "received interrupt". */
int interrupt_check(struct error *err);
