/*
 * The volumes of a new container: rootfs and mpN as the user asked for them, made in
 * order, written down before they are made, and freed again unless kept.
 */
#pragma once

#include "base/idmap.h"
#include "config/config.h"
#include "storage/volume.h"

struct wanted_volume {
	char *key;     /* "rootfs", "mp0" */
	char *value;   /* the whole property string as given */
	char *storage; /* NULL: an existing volume, directory or device */
	uint64_t size_kib;
	bool made; /* allocated here: freed again on failure */
};

struct allocation {
	struct wanted_volume *at;
	size_t count;
	bool keep;
	/* Stores the configuration each time that it has learnt of a volume; NULL: as the
	 * container's own. */
	int (*save)(void *arg, struct error *err);
	void *arg;
};

/*
 * Read rootfs and mpN of the options; without rootfs "<storage>:4". Checks what can be
 * checked before anything changes: storages exist and take containers, values parse.
 */
int allocation_plan(const struct keyvals *options, const char *default_storage,
		    const struct storages *storages, struct allocation *allocation,
		    struct error *err);

/* One volume more, of which all is known; storage NULL: it exists. */
void allocation_add(struct allocation *allocation, const char *key, const char *value,
		    const char *storage, uint64_t size_kib);

/*
 * Make the volumes. Each volume's id stands in the saved config before the volume is
 * made, so that a destroy after a crash finds it.
 */
int allocation_make(struct allocation *allocation, const struct storages *storages,
		    const struct idmap *map, struct config *config, struct error *err);

/* Free what was made unless keep is set; what cannot be freed is a warning, and stays
 * "made". */
void allocation_undo(struct allocation *allocation, const struct config *config,
		     const struct storages *storages);
void allocation_done(struct allocation *allocation);
#define auto_allocation __attribute__((cleanup(allocation_done)))

/* One new volume for a container. */
struct volume_order {
	unsigned vmid;
	const char *storage;
	uint64_t size_kib; /* 0: a plain directory */
	const struct idmap *map;
	const char *idmap; /* of the mount that it is for; or NULL */
	/* Is told the volume's id, and stores it where a destroy will find it. */
	int (*write_down)(void *arg, const char *volid, struct error *err);
	void *arg;
};

/* Write down, make, format. *made tells whether there is something to free now. */
int volume_make(const struct storages *storages, const struct volume_order *order,
		bool *made, struct error *err);

/*
 * The same for a copy of the volume source, as large as that is: *bytes is its size in
 * whole KiB, set before write_down is called, which order's size_kib is ignored for.
 */
int volume_make_like(const struct storages *storages, const char *source,
		     const struct volume_order *order, uint64_t *bytes, bool *made,
		     struct error *err);

/* The value of rootfs or mpN with this volume and size in it. */
int volume_value(const char *key, const char *value, const char *volume, uint64_t bytes,
		 struct strbuf *out, struct error *err);
