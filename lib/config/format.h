/*
 * Named formats of values: what a row's .format points to (pct-cli.md 2.3, 2.4;
 * ct-config.md 4, 5). Each check is pure and, on refusal, appends the reason to a
 * strbuf in the words of the specification. Rows with PROP_LIST use the format of one
 * item.
 */
#pragma once

#include "config/prop.h"

extern const struct prop_format format_dns_name;   /* www.example.org */
extern const struct prop_format format_nameserver; /* 10.0.0.1, fd00::1, fe80::1%eth0 */
extern const struct prop_format format_ipv4;
extern const struct prop_format format_ipv6;
extern const struct prop_format format_ipv4_config; /* 10.0.0.1/24, dhcp, manual */
extern const struct prop_format format_ipv6_config; /* fd00::1/64, auto, dhcp, manual */
extern const struct prop_format format_unicast_mac; /* BC:24:11:00:00:01 */
extern const struct prop_format format_mac_prefix;  /* BC:24:11: 1 to 5 bytes */
extern const struct prop_format format_tag;
extern const struct prop_format format_timezone; /* syntax only: host, UTC, Europe/Paris */
extern const struct prop_format format_startup;  /* order=1,up=10,down=20 */
extern const struct prop_format format_mount_path;  /* no "." and ".." parts */
extern const struct prop_format format_device_path; /* below /dev */
extern const struct prop_format format_idmap;     /* passthrough or u:0:1000:1;g:0:1000:1 */
extern const struct prop_format format_volume_id; /* local:100/vm-100-disk-0.raw */
extern const struct prop_format format_storage_id;
extern const struct prop_format format_vmid;
extern const struct prop_format format_config_id; /* keys and names of snapshots */
