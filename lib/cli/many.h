/*
 * A command for several containers: the program runs itself once for each, several at a
 * time, and tells one result line for each as it ends.
 */
#pragma once

#include "cli/command.h"

/*
 * Run call->command with the given options for each of call->ids, at most as many at once
 * as there are CPUs, but four in any case. stdout gets "100: ok" or "100: <error>", stderr
 * whatever else a command printed, with "100: " in front. INT, QUIT, TERM and HUP reach
 * those that run; the others are not started then ("received interrupt"). Returns the exit
 * status: CLI_OK if all succeeded, else CLI_FAILED.
 */
int many_run(struct call *call);
