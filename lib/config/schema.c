#include "config/schema.h"

#include <limits.h>

#include "config/format.h"

#define INTERFACE_PATTERN "[-_.A-Za-z0-9]+"
#define MOUNT_OPTION      "(discard|lazytime|noatime|nodev|noexec|nosuid)"
/* The C locale's control characters, without tab. */
#define TEXT_PATTERN "([^[:cntrl:]]|\t)+"
#define ENV_PATTERN  "[A-Za-z0-9_]+=([^[:cntrl:]]|\t)*"

static const char *const net_types[] = { "veth", NULL };

const struct prop net_props[] = {
	{ "name", PROP_TEXT, AT(net, name),
	  "Name of the interface as seen from inside the container.",
	  .pattern = INTERFACE_PATTERN, .flags = PROP_REQUIRED, .type_text = "<string>" },
	{ "bridge", PROP_TEXT, AT(net, bridge), "Bridge to attach the interface to.",
	  .pattern = INTERFACE_PATTERN, .type_text = "<bridge>" },
	{ "firewall", PROP_BOOL, AT(net, firewall),
	  .help = "Whether this interface's firewall rules are used." },
	{ "gw", PROP_TEXT, AT(net, gw), "Default gateway for IPv4 traffic.",
	  .format = &format_ipv4, .type_text = "<GatewayIPv4>" },
	{ "gw6", PROP_TEXT, AT(net, gw6), "Default gateway for IPv6 traffic.",
	  .format = &format_ipv6, .type_text = "<GatewayIPv6>" },
	{ "host-managed", PROP_BOOL, AT(net, host_managed),
	  .help = "Whether the host sets the addresses, for guests that do not do it." },
	{ "hwaddr", PROP_TEXT, AT(net, hwaddr),
	  "Unicast MAC address; a random one when it is missing.",
	  .format = &format_unicast_mac, .type_text = "<XX:XX:XX:XX:XX:XX>" },
	{ "ip", PROP_TEXT, AT(net, ip), "IPv4 address with prefix length, dhcp or manual.",
	  .format = &format_ipv4_config, .type_text = "<(IPv4/CIDR|dhcp|manual)>" },
	{ "ip6", PROP_TEXT, AT(net, ip6),
	  "IPv6 address with prefix length, auto, dhcp or manual.",
	  .format = &format_ipv6_config, .type_text = "<(IPv6/CIDR|auto|dhcp|manual)>" },
	{ "link_down", PROP_BOOL, AT(net, link_down),
	  .help = "Whether the interface is disconnected, like a pulled plug." },
	{ "mtu", PROP_INT, AT(net, mtu),
	  "Largest packet of the interface; the bridge's when it is missing.", .min = 64,
	  .max = 65535, .flags = PROP_PENDING },
	{ "rate", PROP_NUMBER, AT(net, rate), "Rate limit in MiB per second.",
	  .type_text = "<mbps>" },
	{ "tag", PROP_INT, AT(net, tag), "VLAN of the interface.", .min = 1, .max = 4094 },
	{ "trunks", PROP_TEXT, AT(net, trunks), "VLANs that pass through the interface.",
	  .pattern = "[0-9]+(;[0-9]+)*", .type_text = "<vlanid[;vlanid...]>" },
	{ "type", PROP_ENUM, AT(net, type), "Type of the interface.",
	  .choices = net_types },
	{ 0 }
};

/* What rootfs and mpN have in common. */
#define VOLUME_ROWS                                                                       \
	{ "volume",                                                                       \
	  PROP_TEXT,                                                                      \
	  AT(mountpoint, volume),                                                         \
	  "Volume, device or directory to mount.",                                        \
	  .format = &format_mount_path,                                                   \
	  .flags = PROP_REQUIRED | PROP_DEFAULT_KEY,                                      \
	  .type_text = "<volume>" },                                                      \
		{ "acl", PROP_BOOL, AT(mountpoint, acl),                                  \
		  .help = "Whether access control lists are supported; the file system "  \
			  "decides "                                                      \
			  "when it is missing." },                                        \
		{ "idmap",                                                                \
		  PROP_TEXT,                                                              \
		  AT(mountpoint, idmap),                                                  \
		  "Id mapping of this mount alone: passthrough, or "                      \
		  "type:container:disk:count "                                            \
		  "entries.",                                                             \
		  .format = &format_idmap,                                                \
		  .type_text =                                                            \
			  "<passthrough|type:ct:disk:count[;type:ct:disk:count...]>" },   \
		{ "mountoptions",                                                         \
		  PROP_TEXT,                                                              \
		  AT(mountpoint, mountoptions),                                           \
		  "Extra mount options.",                                                 \
		  .pattern = MOUNT_OPTION "(;" MOUNT_OPTION ")*",                         \
		  .type_text = "<opt[;opt...]>" },                                        \
		{ "quota", PROP_BOOL, AT(mountpoint, quota),                              \
		  "Whether user quotas can be used inside the container.",                \
		  .fallback = "0" },                                                      \
		{ "replicate", PROP_BOOL, AT(mountpoint, replicate),                      \
		  "Whether storage replication includes this volume.", .fallback = "1" }, \
		{ "ro", PROP_BOOL, AT(mountpoint, ro), "Whether the mount is read-only.", \
		  .fallback = "0" },                                                      \
		{ "shared", PROP_BOOL, AT(mountpoint, shared),                            \
		  "Whether a mount that is no volume is there on all nodes.",             \
		  .fallback = "0" },                                                      \
	{                                                                                 \
		"size", PROP_SIZE, AT(mountpoint, size),                                  \
			"Size of the volume, for information.", .type_text = "<DiskSize>" \
	}

const struct prop rootfs_props[] = { VOLUME_ROWS, { 0 } };

const struct prop mp_props[] = {
	VOLUME_ROWS,
	{ "backup", PROP_BOOL, AT(mountpoint, backup),
	  "Whether backups include this mount point.", .fallback = "0" },
	{ "keepattrs", PROP_BOOL, AT(mountpoint, keepattrs),
	  "Whether the volume takes owner and mode from the directory it is mounted on.",
	  .fallback = "0" },
	{ "mp", PROP_TEXT, AT(mountpoint, mp),
	  "Path of the mount point inside the container, without symbolic links.",
	  .format = &format_mount_path, .flags = PROP_REQUIRED, .type_text = "<Path>" },
	{ 0 }
};

const struct prop unused_props[] = {
	{ "volume", PROP_TEXT, AT(unused_volume, volume),
	  "The volume that is not used now.", .format = &format_volume_id,
	  .flags = PROP_REQUIRED | PROP_DEFAULT_KEY, .type_text = "<volume>" },
	{ 0 }
};

const struct prop dev_props[] = {
	{ "path", PROP_TEXT, AT(device, path), "Device of the host to pass through.",
	  .format = &format_device_path, .flags = PROP_DEFAULT_KEY, .type_text = "<Path>" },
	{ "deny-write", PROP_BOOL, AT(device, deny_write),
	  "Whether the container may only read the device.", .fallback = "0" },
	{ "gid", PROP_INT, AT(device, gid), "Group of the device node in the container.",
	  .min = 0, .max = LLONG_MAX, .fallback = "0" },
	{ "mode", PROP_TEXT, AT(device, mode), "Access mode of the device node.",
	  .pattern = "0[0-7]{3}", .type_text = "<Octal access mode>", .fallback = "0660" },
	{ "uid", PROP_INT, AT(device, uid), "Owner of the device node in the container.",
	  .min = 0, .max = LLONG_MAX, .fallback = "0" },
	{ 0 }
};

const struct prop features_props[] = {
	{ "force_rw_sys", PROP_BOOL, AT(features, force_rw_sys),
	  "Leave /sys writable in unprivileged containers.", .fallback = "0" },
	{ "fuse", PROP_BOOL, AT(features, fuse), "Allow FUSE file systems.",
	  .fallback = "0" },
	{ "keyctl", PROP_BOOL, AT(features, keyctl),
	  "Allow keyctl(2) in unprivileged containers; Docker wants it.", .fallback = "0" },
	{ "mknod", PROP_BOOL, AT(features, mknod),
	  "Allow unprivileged containers to make some device nodes.", .fallback = "0" },
	{ "mount", PROP_TEXT, AT(features, mount),
	  "File system types that may be mounted inside.", .pattern = "[a-zA-Z0-9_; ]+",
	  .type_text = "<fstype;fstype;...>" },
	{ "nesting", PROP_BOOL, AT(features, nesting),
	  "Allow containers inside the container; systemd wants it too.", .fallback = "0" },
	{ 0 }
};

static const char *const arches[] = { "amd64",   "i386",    "arm64", "armhf",
				      "riscv32", "riscv64", NULL };
static const char *const console_modes[] = { "shell", "console", "tty", NULL };
static const char *const locks[] = { "backup",   "create",          "destroyed", "disk",
				     "fstrim",   "migrate",         "mounted",   "rollback",
				     "snapshot", "snapshot-delete", NULL };
static const char *const ostypes[] = { "debian", "devuan",   "ubuntu",    "centos",
				       "fedora", "opensuse", "archlinux", "alpine",
				       "gentoo", "nixos",    "unmanaged", NULL };

const struct prop container_props[] = {
	{ "arch", PROP_ENUM, 0, "Architecture of the programs inside.", .choices = arches,
	  .fallback = "amd64", .flags = PROP_PENDING },
	{ "cmode", PROP_ENUM, 0,
	  "What the console command opens: a terminal, /dev/console or a shell.",
	  .choices = console_modes, .fallback = "tty", .flags = PROP_PENDING },
	{ "console", PROP_BOOL, 0, "Whether the container has a console device.",
	  .fallback = "1", .flags = PROP_PENDING },
	{ "cores", PROP_INT, 0, "Number of CPUs of the container; all when it is missing.",
	  .min = 1, .max = 8192, .flags = PROP_LIVE | PROP_NOW },
	{ "cpulimit", PROP_NUMBER, 0, "Limit of CPU time, in CPUs; 0 means no limit.",
	  .min = 0, .max = 8192, .fallback = "0", .flags = PROP_LIVE },
	{ "cpuunits", PROP_INT, 0,
	  "Weight of the container when containers compete for the CPUs.", .min = 0,
	  .max = 500000, .fallback = "100", .flags = PROP_LIVE },
	{ "debug", PROP_BOOL, 0, "Whether LXC logs on its debug level at start.",
	  .fallback = "0", .flags = PROP_PENDING },
	{ "description", PROP_TEXT, 0, "Notes about the container; comments of its file.",
	  .max = 8192, .flags = PROP_NOW },
	{ "dev", PROP_GROUP, 0, "Device of the host to pass through.", .members = dev_props,
	  .count = DEV_COUNT, .flags = PROP_LIVE_NEW },
	{ "entrypoint", PROP_TEXT, 0, "Command line to run as init.",
	  .pattern = TEXT_PATTERN, .fallback = "/sbin/init", .type_text = "<string>",
	  .flags = PROP_PENDING },
	{ "env", PROP_TEXT, 0, "Environment variable of init, NAME=value; may be repeated.",
	  .pattern = ENV_PATTERN, .flags = PROP_PENDING | PROP_REPEAT,
	  .type_text = "<string>" },
	{ "features", PROP_GROUP, 0, "Advanced features that the container may use.",
	  .members = features_props, .flags = PROP_PENDING },
	{ "hookscript", PROP_TEXT, 0,
	  "Script that is run at the steps of starting and stopping.",
	  .format = &format_volume_id, .flags = PROP_NOW },
	{ "hostname", PROP_TEXT, 0,
	  "Host name of the container, which takes it up when it starts.", .max = 255,
	  .format = &format_dns_name, .flags = PROP_NOW },
	{ "lock", PROP_ENUM, 0, "Lock of the container.", .choices = locks,
	  .flags = PROP_NOW },
	{ "memory", PROP_INT, 0, "Memory of the container in MiB.", .min = 16,
	  .max = LLONG_MAX, .fallback = "512", .flags = PROP_LIVE | PROP_UNDELETABLE },
	{ "mp", PROP_GROUP, 0,
	  "Mount point. STORAGE:SIZE makes a new volume of that many GiB.",
	  .members = mp_props, .count = MP_COUNT,
	  .flags = PROP_LIVE_NEW | PROP_VOLUME | PROP_MOUNT },
	{ "nameserver", PROP_TEXT, 0,
	  "DNS servers of the container; the host's when it is missing.",
	  .format = &format_nameserver, .flags = PROP_PENDING | PROP_LIST },
	{ "net", PROP_GROUP, 0, "Network interface.", .members = net_props,
	  .count = NET_COUNT, .flags = PROP_LIVE },
	{ "onboot", PROP_BOOL, 0, "Whether the container is meant to be started at boot.",
	  .fallback = "0", .flags = PROP_NOW },
	{ "ostype", PROP_ENUM, 0,
	  "Distribution inside, which decides how it is configured; unmanaged leaves it "
	  "alone.",
	  .choices = ostypes, .kept = "openeuler",
	  .flags = PROP_PENDING | PROP_UNDELETABLE },
	{ "parent", PROP_TEXT, 0, "Newest snapshot that the present state descends from.",
	  .max = 40, .format = &format_config_id, .flags = PROP_INTERNAL },
	{ "protection", PROP_BOOL, 0,
	  "Whether the container and its volumes are kept from removal.", .fallback = "0",
	  .flags = PROP_NOW },
	{ "rootfs", PROP_GROUP, 0, "Volume of the root file system.",
	  .members = rootfs_props,
	  .flags = PROP_PENDING | PROP_VOLUME | PROP_MOUNT | PROP_UNDELETABLE },
	{ "searchdomain", PROP_TEXT, 0,
	  "DNS search domains of the container; the host's when it is missing.",
	  .format = &format_dns_name, .flags = PROP_PENDING | PROP_LIST },
	{ "snaptime", PROP_INT, 0, "When the snapshot was made, in seconds of the epoch.",
	  .min = 0, .max = LLONG_MAX, .flags = PROP_INTERNAL },
	{ "startup", PROP_TEXT, 0,
	  "Order of start and reverse order of shutdown, and the seconds to wait after "
	  "either.",
	  .format = &format_startup, .flags = PROP_NOW,
	  .type_text = "[[order=]\\d+] [,up=\\d+] [,down=\\d+] " },
	{ "swap", PROP_INT, 0, "Swap space of the container in MiB.", .min = 0,
	  .max = LLONG_MAX, .fallback = "0", .flags = PROP_LIVE },
	{ "tags", PROP_TEXT, 0, "Tags of the container.", .format = &format_tag,
	  .flags = PROP_LIST | PROP_NOW },
	{ "template", PROP_BOOL, 0, "Whether the container is a template.", .fallback = "0",
	  .flags = PROP_PENDING },
	{ "timezone", PROP_TEXT, 0,
	  "Time zone of the container: host, UTC or a name like Europe/Paris.",
	  .format = &format_timezone, .flags = PROP_PENDING },
	{ "tty", PROP_INT, 0, "Number of terminals of the container.", .min = 0, .max = 6,
	  .fallback = "2", .flags = PROP_PENDING },
	{ "unprivileged", PROP_BOOL, 0, "Whether root inside is an ordinary user outside.",
	  .fallback = "0", .flags = PROP_CREATE_ONLY },
	{ "unused", PROP_GROUP, 0,
	  "Volume that the container has but does not use; deleting the key frees it.",
	  .members = unused_props, .count = 256, .flags = PROP_PENDING | PROP_VOLUME },
	{ 0 }
};

void net_done(struct net *net)
{
	view_done(net_props, net);
}

/* rootfs_props is part of mp_props. */
void mountpoint_done(struct mountpoint *mp)
{
	view_done(mp_props, mp);
}

void device_done(struct device *device)
{
	view_done(dev_props, device);
}

void features_done(struct features *features)
{
	view_done(features_props, features);
}
