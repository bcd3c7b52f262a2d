/* The backups that are there, as retention looks at them (config/backupkeep.h). */
#pragma once

#include "config/backupkeep.h"
#include "storage/storage.h"

/* Those of an activated storage; vmid 0: of all guests. */
int backup_list_storage(const struct storages *all, const struct storage *st, unsigned vmid,
			struct backup_list *out, struct error *err);

/* Those of one guest in a plain directory; other names are left out. */
int backup_list_directory(const char *dir, unsigned vmid, struct backup_list *out,
			  struct error *err);
