/*
 * The guest's own files (guest-setup.md): what events of a container write inside a root
 * file system that its owner controls. Every access is confined: a helper in the
 * container's id map and root, with a deadline (lib/base/sandbox.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/idmap.h"
#include "base/notes.h"
#include "base/strbuf.h"
#include "config/config.h"

/* Collected on the host before the guest is entered (guest-setup.md 1.2). */
struct guest_facts {
	char *search;      /* host search domain; NULL: none */
	char *nameservers; /* blank-separated; NULL: none */
	char *zone_name;   /* "Europe/Vienna"; NULL: unknown */
	char *localtime;   /* "/usr/share/zoneinfo/Europe/Vienna"; NULL: unknown */
	long long days;    /* since 1970-01-01 UTC, for shadow */
	uint64_t seed;     /* of the random numbers that files get; 0: from the kernel */
	int cgroup_v2;     /* the host has a pure unified hierarchy */
};
void guest_facts_collect(struct guest_facts *facts);
void guest_facts_done(struct guest_facts *facts);
#define auto_guest_facts __attribute__((cleanup(guest_facts_done)))

enum guest_event {
	GUEST_CREATE,
	GUEST_RESTORE,
	GUEST_CLONE,
	GUEST_START,
	GUEST_NETWORK, /* a netN of a running container has changed */
};

/* What detection found. */
struct guest_os {
	char ostype[16];   /* "debian"; "unmanaged" */
	char arch[16];     /* "amd64" */
	int arch_detected; /* 0: arch is the configured one, or the fallback (a note says
			      so) */
};

struct guest_job {
	/* The root, all volumes mounted; of a running container a pidfd of its init. */
	int rootfd;
	bool is_running;
	const struct idmap *map;     /* not used if it runs */
	const struct config *config; /* ostype "unmanaged" disables everything */
	const struct guest_facts *facts;
	enum guest_event event;
	unsigned timeout_s; /* of the helper; 0: 60 */
	/* Only for GUEST_CREATE: */
	const char *password_hash; /* crypt string, or "*" */
	const char *ssh_keys;      /* text of the key file; NULL: none */
};

/* Detect OS type and, if the config has no arch, the architecture (3, 9.12). */
int guest_detect(int rootfd, const struct idmap *map, const struct config *config,
		 struct guest_os *os, struct notes *notes, struct error *err);

/*
 * All steps of the event (2), idempotent; warnings in notes, also on failure. Its own
 * detection first, whose notes at GUEST_CREATE, GUEST_RESTORE and GUEST_CLONE are left to
 * guest_detect. Nothing is written when a value of the configuration may not get into a
 * guest file.
 */
int guest_setup(const struct guest_job *job, struct notes *notes, struct error *err);

/*
 * What guest_setup would change, as a unified diff with git's extended headers, fit for a
 * terminal; nothing is changed. Directories that would be made are not told.
 */
int guest_preview(const struct guest_job *job, struct strbuf *diff, struct notes *notes,
		  struct error *err);

/* Whom the guest's first program runs as. */
struct guest_user {
	bool has_uid, has_gid; /* false: root, as it is without being told */
	uint32_t uid, gid;     /* as the guest counts */
	struct strbuf groups;  /* numbers with commas between them */
};
void guest_user_done(struct guest_user *user);
#define auto_guest_user __attribute__((cleanup(guest_user_done)))

/*
 * Look "user" or "user:group" up in the guest's passwd and group (14). What is not there
 * is left out with a note; what has another form, or is no id of the container, is an
 * error.
 */
int guest_find_user(int rootfd, const struct idmap *map, const char *wanted,
		    struct guest_user *out, struct notes *notes, struct error *err);

/* What a DHCP lease says of DNS; names and addresses that were checked. */
struct guest_dns {
	const char *domain;   /* NULL: none */
	char *const *search;  /* NULL at the end */
	char *const *servers; /* the same */
};

/*
 * Replace /etc/resolv.conf of a running container, whatever its distribution: the host
 * manages its network (guest-setup.md 8.12). Without servers the old file's stay. init: a
 * pidfd of its init. Confined as guest_setup.
 */
int guest_write_dns(int init, const struct guest_dns *dns, struct error *err);

/* The configuration asks for a guest that is left alone. */
bool guest_is_unmanaged(const struct config *config);

/*
 * The crypt string for a password: itself if it is one already (10.2, and also yescrypt,
 * $2b$ and rounds=), else SHA-512 crypt with 16 random salt characters. The caller
 * frees it.
 */
int password_hash(const char *password, char **hash, struct error *err);

/*
 * Every non-empty line must pass "ssh-keygen -l -f": "SSH public key validation error".
 * A missing ssh-keygen is an error that names its package.
 */
int ssh_keys_check(const char *keys, struct error *err);

/*
 * New ssh host keys (10.4) if the guest has /etc/ssh: start generates on the host in
 * the background (it takes a while: call it before unpacking), finish writes them
 * confined and prints the lines of 10.4 on stdout; it may be called in a child of the
 * process that called start. free kills what still runs and removes what was made. The
 * keys wait in PATH_RUN/ct-<id>.keys, which a new start for the same id clears.
 */
struct host_keys;
int host_keys_start(const struct config *config, struct host_keys **keys,
		    struct error *err);
int host_keys_finish(struct host_keys *keys, int rootfd, const struct idmap *map,
		     struct error *err);
void host_keys_free(struct host_keys **keys);
#define auto_host_keys __attribute__((cleanup(host_keys_free)))
