/* What creating and restoring a container have in common. */
#pragma once

#include "config/config.h"
#include "config/keyvals.h"
#include "guest/guest.h"
#include "storage/storage.h"

/* What the values of options need on this host; volumes have questions of their own. */
int create_check_options(const struct keyvals *options, const struct storages *storages,
			 struct error *err);

/* The id is ours from the moment that its file with "lock: create" is there. */
int create_claim(unsigned vmid, struct error *err);

/* PATH_LXC/<id>, in which its volumes are mounted while they are filled. */
int create_mount_directory(unsigned vmid, struct error *err);

/* What detection found, and a hostname, memory and swap when there are none. */
void create_complete(struct config *config, const struct guest_os *os);
