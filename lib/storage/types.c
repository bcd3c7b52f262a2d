#include "storage/types.h"

#include <string.h>

#define GUEST (CONTENT_IMAGES | CONTENT_ROOTDIR)
#define FILES \
	(CONTENT_VZTMPL | CONTENT_ISO | CONTENT_BACKUP | CONTENT_SNIPPETS | CONTENT_IMPORT)
#define RAW    (1U << FORMAT_RAW)
#define SUBVOL (1U << FORMAT_SUBVOL)
#define OTHER  (1U << FORMAT_OTHER)

static const struct storage_type named_only[] = {
	{ .name = "btrfs",
	  .kind = KIND_BTRFS,
	  .content = GUEST | FILES,
	  .default_content = GUEST,
	  .formats = RAW | SUBVOL },
	{ .name = "zfspool",
	  .kind = KIND_ZFSPOOL,
	  .content = GUEST,
	  .default_content = GUEST,
	  .formats = RAW | SUBVOL },
	{ .name = "lvmthin",
	  .kind = KIND_LVMTHIN,
	  .content = GUEST,
	  .default_content = GUEST,
	  .formats = RAW },
	{ .name = "lvm",
	  .kind = KIND_LVM,
	  .content = GUEST,
	  .default_content = CONTENT_IMAGES,
	  .formats = RAW },
	{ .name = "nfs",
	  .kind = KIND_NFS,
	  .always_shared = true,
	  .content = GUEST | FILES,
	  .default_content = CONTENT_IMAGES,
	  .formats = RAW | OTHER },
	{ .name = "cifs",
	  .kind = KIND_CIFS,
	  .always_shared = true,
	  .content = GUEST | FILES,
	  .default_content = CONTENT_IMAGES,
	  .formats = RAW | OTHER },
	{ .name = "cephfs",
	  .kind = KIND_CEPHFS,
	  .always_shared = true,
	  .content = FILES,
	  .default_content = CONTENT_BACKUP },
	{ .name = "rbd",
	  .kind = KIND_RBD,
	  .always_shared = true,
	  .content = GUEST,
	  .default_content = CONTENT_IMAGES,
	  .formats = RAW },
	{ .name = "iscsi", .kind = KIND_FOREIGN },
	{ .name = "iscsidirect", .kind = KIND_FOREIGN },
	{ .name = "zfs", .kind = KIND_FOREIGN },
	{ .name = "pbs", .kind = KIND_FOREIGN },
	{ .name = "esxi", .kind = KIND_FOREIGN },
	{ 0 },
};

static const struct storage_type *const backends[] = { &storage_dir, NULL };

const struct storage_type *storage_type_find(const char *name)
{
	for (const struct storage_type *const *type = backends; *type; type++)
		if (strcmp((*type)->name, name) == 0)
			return *type;
	for (const struct storage_type *type = named_only; type->name; type++)
		if (strcmp(type->name, name) == 0)
			return type;
	return NULL;
}

bool storage_type_is_usable(const struct storage_type *type)
{
	return type->activate != NULL;
}
