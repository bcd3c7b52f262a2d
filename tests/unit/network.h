/* A network namespace of the test's own, and commands of the shell in it. */
#pragma once

#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "base/process.h"
#include "test.h"

static inline bool shell(const char *words)
{
	const char *const argv[] = { "sh", "-c", words, NULL };
	struct error err;

	if (process_run(&(struct process){ .argv = argv, .timeout_s = 20 }, &err) == 0)
		return true;
	printf("# %s\n", err.text);
	return false;
}

static inline bool new_network(void)
{
	if (geteuid() == 0 && unshare(CLONE_NEWNET) == 0)
		return true;
	test_skip("needs root");
	return false;
}
