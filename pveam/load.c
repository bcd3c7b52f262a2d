#include "base/log.h"
#include "commands.h"

void load_storages(struct storages *storages)
{
	auto_notes struct notes warnings = { 0 };

	storages_load(storages, &warnings);
	warn_notes(&warnings);
}
