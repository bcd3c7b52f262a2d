/*
 * From the configuration in a backup and the options of the command line to that of the
 * restored container (backup.md 10.1, 10.3). What a backup brings is checked here, as its
 * file may come from anywhere. Pure but for random MACs.
 */
#pragma once

#include "base/notes.h"
#include "config/config.h"
#include "config/settings.h"
#include "ct/allocate.h"

struct restore_wish {
	const struct config *archived; /* its main section counts; NULL: there is none */
	const struct config *options;  /* without volumes */
	const struct settings *settings;
	bool unique;      /* archived interfaces get new MAC addresses */
	int unprivileged; /* 1 or 0 */
};

/*
 * What the new container has, without volumes and lock, and not yet a template. Keys that
 * nobody knows are left out; the reader of the file has told of them. A control character
 * in a value is an error that names the key.
 */
int restore_merge(const struct restore_wish *wish, struct config **out, struct error *err);

/*
 * The volumes of the archived configuration: each is to be made anew on this storage, with
 * the archived size, and everything else that its entry says. Mounts of directories and
 * devices of the host go to later instead, as they are; those that are in the backup are
 * told in notes. Errors: a volume without size, a rootfs of the host.
 */
int restore_volumes(const struct config *archived, const char *storage,
		    struct allocation *volumes, struct keyvals *later, struct notes *notes,
		    struct error *err);

/*
 * The keys by which a merged configuration reaches the host and which the command line did
 * not give: programs that run there, files and devices of it. "hookscript, dev0,
 * lxc.hook.start"; empty: there are none.
 */
void restore_host_keys(const struct config *config, const struct config *options,
		       const struct keyvals *later, struct strbuf *out);
