/*
 * Container files on disk: PATH_CONFIG/<id>.conf. The only file of this room that
 * touches the system, through base.
 */
#pragma once

#include "base/digest.h"
#include "config/config.h"

#define VMID_MIN 100
#define VMID_MAX 999999999

/* "100".."999999999" without leading zero. */
bool vmid_parse(struct slice text, unsigned *vmid);

/*
 * Load a container. A missing file: "Configuration file 'nodes/<node>/lxc/<id>.conf'
 * does not exist", err->code ENOENT, err->status 2. Warnings of the reader go to
 * warnings (may be NULL).
 */
int config_load(unsigned vmid, struct config **out, struct notes *warnings,
		struct error *err);

/* As config_load; digest gets the SHA-1 of the file's bytes. */
int config_load_digest(unsigned vmid, struct config **out, char digest[DIGEST_SIZE],
		       struct notes *warnings, struct error *err);

/* As config_load, but only the main section (config_parse_main): for listings. */
int config_load_main(unsigned vmid, struct config **out, struct notes *warnings,
		     struct error *err);

/*
 * Replace the file: written, synced, renamed; mode 0640, or the old file's. Before
 * writing, unusedN entries whose volume rootfs or mpN uses are dropped (ct-config.md 2.2).
 * What writers of this file left that were killed a minute ago or more is removed.
 */
int config_save(const struct config *config, struct error *err);

/* The directory of container files and nodes/<node>/lxc, which is a link to it. */
int config_dir_prepare(struct error *err);

/*
 * Create it, and its directory if need be. Fails with "CT <id> already exists on node
 * '<node>'", err->code EEXIST, if it is there: exactly one of several creators wins, and
 * readers see the whole file or none.
 */
int config_create(const struct config *config, struct error *err);

/* Remove the file and what killed writers left of it; a missing one is fine. */
int config_remove(unsigned vmid, struct error *err);
bool config_exists(unsigned vmid);

/* The ids of all containers, ascending; *out is freed by the caller. */
int config_list(unsigned **out, size_t *count, struct error *err);
