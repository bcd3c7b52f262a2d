/*
 * The facts about this host that generating needs, and the files that it makes. The
 * features of the installed liblxc come from PATH_RUN/lxc-features, which libexec
 * pct-monitor writes once per liblxc (short commands do not load liblxc).
 */
#pragma once

#include "lxc/generate.h"

struct lxc_facts; /* owns what struct lxc_host points to */

int lxc_facts_collect(const struct config *config, struct lxc_facts **facts,
		      const struct lxc_host **host, struct error *err);
void lxc_facts_free(struct lxc_facts **facts);
#define auto_lxc_facts __attribute__((cleanup(lxc_facts_free)))

/* The suffix of cgroup names under this PCT_ROOT: "" or ".<8 hex digits>". */
const char *lxc_cgroup_suffix(void);

/*
 * Generate and save PATH_LXC/<id>/config and rules.seccomp (0644, directory 0755),
 * atomically. A template's file is removed instead.
 */
int lxc_config_write(const struct config *config, struct notes *notes, struct error *err);

/* Remove config, rules.seccomp, apparmor/, hook/, passthrough/, rootfs and the directory;
 * and the lock file that liblxc keeps of it in /run/lxc/lock. */
int lxc_config_remove(unsigned vmid, struct error *err);
