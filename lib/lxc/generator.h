/*
 * What the parts of generate.c share: the configuration being written, one line after
 * the other. A builder that remembers its first failure lets each part read as a plain
 * list of lines; lxc_generate looks once at the end. Not for other rooms.
 */
#pragma once

#include "lxc/generate.h"

struct generator {
	const struct config *config;
	const struct lxc_host *host;
	struct features features;
	bool unprivileged;  /* rule U of runtime.md */
	const char *family; /* "lxc.cgroup2" or "lxc.cgroup", whichever the host obeys */
	struct strbuf *conf, *seccomp;
	struct notes *notes;
	struct error *err;
	bool failed;
};

/* Add "key = value". A control character in it is a failure: no value may open a
 * second line (runtime.md 13 item 24). */
void put(struct generator *g, const char *key, const char *fmt, ...) PRINTF(3, 4);

/* "lxc.cgroup2.<name> = value", in the family that the host obeys. */
void put_cgroup(struct generator *g, const char *name, const char *fmt, ...) PRINTF(3, 4);

/* Remember a failure. */
void put_failure(struct generator *g, const char *fmt, ...) PRINTF(2, 3);

/* True if the container's file has a raw entry of this key, old names included. */
bool has_raw(const struct generator *g, const char *key);

void generate_seccomp(struct generator *g);
void generate_apparmor(struct generator *g);
void generate_devices(struct generator *g);
void generate_memory(struct generator *g);
void generate_cpu(struct generator *g);
void generate_cpuset(struct generator *g);
void generate_nets(struct generator *g);
void generate_env(struct generator *g);
void generate_raw(struct generator *g);

/* The current name of a raw key: "lxc.uts.name" for "lxc.utsname"; NULL when LXC has no
 * such key any more. net_index counts the lxc.network.type lines seen so far, from -1. */
char *raw_key_now(const char *key, int *net_index);
