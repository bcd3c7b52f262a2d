/*
 * The id map of a container: which host ids its users and groups have
 * (user_namespaces(7), ct-config.md 6, runtime.md 2.12). A plain value without
 * memory of its own; count 0 means privileged: ids are the host's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/notes.h"
#include "base/slice.h"
#include "base/strbuf.h"

#define IDMAP_MAX 64

struct idmap_range {
	char type; /* 'u' or 'g' */
	uint32_t ct, host, count;
};

struct idmap {
	struct idmap_range range[IDMAP_MAX];
	size_t count;
};

/* The map of "unprivileged: 1": u and g, 0 -> 100000, 65536 ids. */
void idmap_default(struct idmap *map);

/* Add an entry "u 0 100000 65536"; an error is "failed to parse idmap: <text>". */
int idmap_add(struct idmap *map, struct slice text, struct error *err);

/*
 * Overlapping entries, as sentences "invalid map entry 'u 5 7 2': container uid 5 is
 * also mapped by entry 'u 0 100000 65536'". Nothing added: the map is sound.
 */
void idmap_check(const struct idmap *map, struct notes *problems);

/* The host id of container id 0; 0 when nothing maps it. type 'u' or 'g'. */
uint32_t idmap_root(const struct idmap *map, char type);
bool idmap_has_root(const struct idmap *map);

/* Has the container this id? One that is privileged has all. */
bool idmap_has(const struct idmap *map, char type, uint32_t id);

/* The host id of a container id; an id outside every range stays as it is. */
uint32_t idmap_to_host(const struct idmap *map, char type, uint32_t id);

/* The lines of /proc/PID/uid_map ('u') or gid_map ('g'): "0 100000 65536\n". */
void idmap_format(const struct idmap *map, char type, struct strbuf *out);
