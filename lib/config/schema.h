/*
 * The rows of CTID.conf (ct-config.md 4, 5): one row per key, and the views of its
 * property strings. No key is listed anywhere else.
 */
#pragma once

#include "config/prop.h"

/* How many there may be: net0 to net31, dev0 to dev255, mp0 to mp255. */
#define NET_COUNT 32
#define DEV_COUNT 256
#define MP_COUNT  256

extern const struct prop container_props[]; /* every key of ct-config.md 4 */

struct net {
	char *name, *bridge, *type, *hwaddr, *ip, *gw, *ip6, *gw6, *trunks;
	long long mtu, tag;
	double rate;
	int firewall, link_down, host_managed;
};
extern const struct prop net_props[];

/* rootfs and mpN; rootfs has no mp, backup and keepattrs (absent values there). */
struct mountpoint {
	char *volume, *mp, *mountoptions, *idmap;
	long long size; /* bytes */
	int acl, ro, quota, replicate, shared, backup, keepattrs;
};
extern const struct prop rootfs_props[];
extern const struct prop mp_props[];

struct unused_volume {
	char *volume;
};
extern const struct prop unused_props[];

struct device {
	char *path, *mode;
	long long uid, gid;
	int deny_write;
};
extern const struct prop dev_props[];

struct features {
	int force_rw_sys, fuse, keyctl, mknod, nesting;
	char *mount;
};
extern const struct prop features_props[];

#define auto_net        __attribute__((cleanup(net_done)))
#define auto_mountpoint __attribute__((cleanup(mountpoint_done)))
#define auto_device     __attribute__((cleanup(device_done)))
#define auto_features   __attribute__((cleanup(features_done)))
void net_done(struct net *net);
void mountpoint_done(struct mountpoint *mp);
void device_done(struct device *device);
void features_done(struct features *features);
