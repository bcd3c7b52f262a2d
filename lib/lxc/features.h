/*
 * What the installed liblxc takes, kept in PATH_RUN/lxc-features together with the
 * identity of the files it was found out from, so that short commands need not load
 * liblxc. run.c probes and writes, host.c reads.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

struct lxc_features {
	int major; /* 5, 6, 7 */
	bool cgroup1_keys, apparmor_keys, runtime_env;
	bool apparmor_parser; /* installed */
	bool apparmor_parser_4;
};

/* Read the file; false when there is none or one of its files was replaced since. */
bool lxc_features_read(struct lxc_features *features);

/* Write the file. library: the path that liblxc was loaded from. */
int lxc_features_save(const struct lxc_features *features, const char *library,
		      struct error *err);

#define APPARMOR_PARSER "/usr/sbin/apparmor_parser"
