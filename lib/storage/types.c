#include "storage/type.h"

#include <string.h>

#define GUEST (CONTENT_IMAGES | CONTENT_ROOTDIR)
#define FILES \
	(CONTENT_VZTMPL | CONTENT_ISO | CONTENT_BACKUP | CONTENT_SNIPPETS | CONTENT_IMPORT)

static const struct storage_type named_only[] = {
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
	  .formats = 1U << FORMAT_RAW },
	{ .name = "iscsi", .kind = KIND_FOREIGN },
	{ .name = "iscsidirect", .kind = KIND_FOREIGN },
	{ .name = "zfs", .kind = KIND_FOREIGN },
	{ .name = "pbs", .kind = KIND_FOREIGN },
	{ .name = "esxi", .kind = KIND_FOREIGN },
	{ 0 },
};

static const struct storage_type *const backends[] = {
	&storage_dir, &storage_btrfs, &storage_zfspool, &storage_lvmthin,
	&storage_lvm, &storage_nfs,   &storage_cifs,    NULL,
};

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
