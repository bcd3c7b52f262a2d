/*
 * What vzdump has put into the tree besides the guest's own files: etc/vzdump/pct.conf and
 * pct.fw (backup.md 5.1), read from a restored tree, which may be anybody's, and removed
 * from it. Confined: no symlink is followed, only regular files are opened.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/idmap.h"
#include "base/strbuf.h"

#define RESTORED_CONFIG_MAX   (1024 * 1024)
#define RESTORED_FIREWALL_MAX (16 * 1024 * 1024) /* as vzdump puts it in */

enum restored_kind {
	RESTORED_NONE, /* there is no such file */
	RESTORED_FILE,
	RESTORED_ODD, /* it is no regular file */
};

/*
 * Take etc/vzdump/<name> out of the tree: its bytes are appended to text if it is a regular
 * file of max bytes at most, and it is removed, whatever it is. The directory goes too when
 * it is empty then, and the times of those around it stay.
 */
int restored_file_take(int rootfd, const struct idmap *map, const char *name, size_t max,
		       enum restored_kind *kind, struct strbuf *text, struct error *err);
