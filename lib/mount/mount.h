/*
 * Mounting a container's volumes (runtime.md 4, storage.md 7.3): a pure plan, and a
 * short half that carries it out with the new mount API, every path walked without
 * following symlinks. Only mount and loop calls happen here, in the caller's mount
 * namespace.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/idmap.h"
#include "base/notes.h"
#include "config/schema.h"

enum mount_kind {
	MOUNT_SUBVOL,  /* a directory of a storage */
	MOUNT_IMAGE,   /* an ext4 image file, on a loop device */
	MOUNT_BIND,    /* a directory of the host */
	MOUNT_DEVICE,  /* a block device of the host */
	MOUNT_DATASET, /* a snapshot of a dataset, by its name: "tank/x@snap" */
};

struct mount_step {
	char *key; /* "rootfs", "mp0" */
	enum mount_kind kind;
	char *source;  /* path on the host */
	char *target;  /* path inside; "/" for rootfs */
	char *options; /* comma list for the file system (image, device); or NULL */
	unsigned long attributes; /* MOUNT_ATTR_..., MOUNT_ATTR_RDONLY among them */
	struct idmap *idmap;      /* ids on disk -> ids of the host; NULL: as they are */
	bool ro, keepattrs, is_base;
};

struct mount_plan {
	struct mount_step *at;
	size_t count;
	struct idmap map; /* the container's; its root owns the directories that are made */
	bool is_read_only;
};

enum mount_plan_flags {
	MOUNT_IGNORE_RO = 1, /* create and restore write to ro mount points too */
	MOUNT_HOTPLUG = 2,   /* alone, into a container whose root is mounted */
};

/*
 * Add the step for one key. Errors as specified ("<v> contains illegal character
 * sequences", ...); options that have no effect are notes.
 */
int mount_plan_add(struct mount_plan *plan, const char *key, const struct mountpoint *mp,
		   enum mount_kind kind, const char *source, bool is_base, unsigned flags,
		   struct notes *notes, struct error *err);

/*
 * To look at the volumes only: all are mounted read-only, and those whose mount point is
 * missing are left out instead of making it.
 */
void mount_plan_read_only(struct mount_plan *plan);

void mount_plan_done(struct mount_plan *plan);
#define auto_mount_plan __attribute__((cleanup(mount_plan_done)))

/*
 * A mount namespace of this process's own, whose mounts never reach the host: what is
 * mounted afterwards is gone when the process is, also after kill -9.
 */
int mount_private(struct error *err);

/*
 * Carry the plan out with the first step (rootfs) at the directory root (made if
 * missing). Returns a descriptor of the mounted root; on failure everything that was
 * mounted is unmounted. Every volume is mounted twice: the original below
 * PATH_LXC/.pve-staged-mounts/<key>, which pins its device until this namespace ends,
 * and a clone where the guest sees it (runtime.md 4.4).
 */
int mount_apply(const struct mount_plan *plan, const char *root, struct error *err);

/*
 * Of the tree that mount_apply has returned: what is unmounted in this namespace is
 * unmounted in the container's, too, which is copied from it (mount_take_out). Nothing
 * comes back, as the copy is a slave.
 */
int mount_share(int rootfd, struct error *err);

/*
 * Mount the one volume of a MOUNT_HOTPLUG plan into a running container: staged in the
 * namespace of its monitor as above, and cloned into that of its init, where no symlink
 * is followed on the way to the target (runtime.md 5.4). For a child of its own, which
 * these namespaces keep. What fails leaves the staged original: mount_unplug.
 */
int mount_plug(const struct mount_plan *plan, int monitor_pidfd, int init_pidfd,
	       struct error *err);

/*
 * For such a child: a mount of the device node of that name in the directory, attached
 * nowhere yet; and the way from the monitor's namespace into the container's, where it is
 * attached at target, no symlink followed. What is missing there is made for root of map.
 */
int mount_copy_node(int dirfd, const char *name, struct error *err);
int mount_plug_node(int node, const char *target, const struct idmap *map, int init_pidfd,
		    struct error *err);

/* The same: into the mount namespace of a process, working directory "/". */
int mount_enter(int pidfd, const char *whose, struct error *err);

/* In such a child: let go of the staged original of a key; none is fine. */
int mount_unplug(const char *key, int monitor_pidfd, struct error *err);

/* A volume of the same container, and where the guest sees it. */
struct mount_place {
	char *key, *target; /* owned */
};

/*
 * Take the one volume of a MOUNT_HOTPLUG plan out of a running container, whose tree the
 * monitor has at root, and whose other volumes may show the same directory: in the
 * container, and then the staged original. Only what is our mount is unmounted, not lazily:
 * one that is in use, or that the guest has moved, covered or mounted a second time, stays.
 * For a child of its own. When there is no original an earlier try came that far, and
 * nothing is done.
 */
int mount_take_out(const struct mount_plan *plan, const char *root,
		   const struct mount_place *others, size_t other_count, int monitor_pidfd,
		   int init_pidfd, struct error *err);

/* Then: the volume's image or device has no user any more; waits 2 s at most. */
int mount_wait_free(const struct mount_plan *plan, struct error *err);

/*
 * For a child of its own: the same tree in the host's namespace, where no device of it
 * works and no program of it gets rights. All of it is there, or nothing.
 */
int mount_on_host(const struct mount_plan *plan, const char *root, struct error *err);

/* Unmount what is mounted at or below root in this namespace, and the staged
 * originals; nothing there is fine. */
int mount_remove(const char *root, struct error *err);

/* Attach a free loop device with autoclear to the image: its path (freed by the
 * caller) and an open descriptor that keeps it until the mount holds it. */
int loop_attach(const char *image, bool ro, char **path, int *fd, struct error *err);

/* The device that has the image already: 1 and as above; 0 when there is none. */
int loop_find(const char *image, char **path, int *fd, struct error *err);

/*
 * For a child of its own: grow the ext4 of a running container to the size that its
 * image, or with is_device its block device, has got. The output of resize2fs is ours.
 */
int mount_grow(const char *source, bool is_device, struct error *err);

/* A tmpfs of that size on the directory (made if missing), mode 0755, device nodes
 * allowed. */
int mount_tmpfs(const char *dir, unsigned size_kib, struct error *err);

/* Unmount all layers on this directory; one that is no mount point is fine. */
int mount_detach(const char *dir, struct error *err);
