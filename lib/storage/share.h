/*
 * The types nfs and cifs: a directory of files (storage/dir.h) on a file system that is
 * mounted at activation (storage.md 6.1). The server is asked before every activation,
 * and each program has a deadline, so that a server that is gone hangs nobody. The
 * functions here are pure, but for share_activate.
 */
#pragma once

#include "storage/commands.h"
#include "storage/dir.h"
#include "storage/dirchange.h"
#include "storage/dirlist.h"
#include "storage/dirvolume.h"
#include "storage/layout.h"
#include "storage/type.h"

#define NFS_PACKAGE  "nfs-common"
#define CIFS_PACKAGE "cifs-utils"

/* "server:/export", "//server/share/subdir"; the caller frees it. */
char *nfs_source(const struct storage *st);
char *cifs_source(const struct storage *st);

/* Whether a file system whose type starts so is mounted from source at target. */
bool share_is_mounted(struct slice mountinfo, const char *fstype, const char *source,
		      const char *target);

void nfs_plan_mount(const struct storage *st, struct commands *commands);
/* rpcinfo for version 4, else showmount. */
void nfs_plan_check(const struct storage *st, struct commands *commands);
/* Whether the mount options ask for version 4; *port is the one that they name, or 2049. */
bool nfs_is_version_4(const struct storage *st, unsigned *port);

/* credentials: the file with the password; NULL: there is none. */
void cifs_plan_mount(const struct storage *st, const char *credentials,
		     struct commands *commands);
void cifs_plan_check(const struct storage *st, const char *credentials,
		     struct commands *commands);

/* Mount it unless it is mounted, and make its directories. */
int share_activate(const struct storage *st, const char *fstype, const char *source,
		   const struct commands *mount, struct error *err);

/* The row of either type, but for its name, its kind and its activation. */
#define SHARE_TYPE_ROW                                            \
	.always_shared = true, .default_content = CONTENT_IMAGES, \
	.formats = 1U << FORMAT_RAW | 1U << FORMAT_OTHER, FILE_TYPE_ROW
