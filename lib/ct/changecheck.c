#include "ct/changecheck.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/idmap.h"
#include "base/own.h"
#include "config/volid.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "net/net.h"

#define ZONE_TAB "/usr/share/zoneinfo/zone.tab"

static int check_storage(const char *key, const char *volume,
			 const struct storages *storages, struct error *err)
{
	const struct storage *st;
	struct slice id, name;
	uint64_t size_kib;

	if (volume_kind(slice(volume)) != VOLUME_STORAGE)
		return 0;
	if (volid_parse(slice(volume), &id, &name, err) < 0 ||
	    storage_find(storages, id, &st, err) < 0)
		return -1;
	if (!(st->content & CONTENT_ROOTDIR))
		return fail(
			err, 0,
			"storage '%s' does not allow content type 'rootdir' (Container)",
			st->id);
	if (strcmp(key, "rootfs") == 0 && volume_is_new(slice(volume), "", &id, &size_kib))
		return fail(err, 0,
			    "rootfs: '%s' would be a new, empty volume: name one that "
			    "exists",
			    volume);
	return 0;
}

/* "u:0:1000:1;g:0:1000:1": ids of the container, ids on the disk, how many. */
static int check_idmap(const char *key, const char *text, struct error *err)
{
	auto_notes struct notes overlaps = { 0 };
	struct idmap map = { 0 };
	struct slice rest = slice(text), word;

	if (!text || strcmp(text, "passthrough") == 0)
		return 0;
	while (slice_word(&rest, &word)) {
		auto_free char *entry = slice_dup(word);

		for (char *c = entry; *c; c++)
			if (*c == ':')
				*c = ' ';
		if (idmap_add(&map, slice(entry), err) < 0)
			return fail_in(err, "%s", key);
	}
	idmap_check(&map, &overlaps);
	return overlaps.count ? fail(err, 0, "%s: idmap: %s", key, overlaps.text[0]) : 0;
}

static int check_mount(const char *key, const char *value, const struct prop *row,
		       const struct storages *storages, struct error *err)
{
	auto_mountpoint struct mountpoint mp = { 0 };

	if (group_parse(slice(value), row->members, &mp, err) < 0)
		return fail_in(err, "%s", key);
	return check_storage(key, mp.volume, storages, err) < 0
		       ? -1
		       : check_idmap(key, mp.idmap, err);
}

static int check_device(const char *key, const char *value, struct error *err)
{
	auto_device struct device device = { 0 };
	struct stat info;

	if (group_parse(slice(value), dev_props, &device, err) < 0)
		return fail_in(err, "%s", key);
	if (!device.path)
		return fail(err, 0, "Path is not defined for passthrough device %s", key);
	if (stat(device.path, &info) < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? fail(err, 0, "Device %s does not exist", device.path)
			       : fail(err, errno, "Error accessing device %s", device.path);
	if (!S_ISBLK(info.st_mode) && !S_ISCHR(info.st_mode))
		return fail(err, 0, "%s is not a device", device.path);
	return 0;
}

static int check_net(const char *key, const char *value, struct error *err)
{
	auto_net struct net net = { 0 };
	struct bridge_facts bridge = { 0 };

	if (group_parse(slice(value), net_props, &net, err) < 0)
		return fail_in(err, "%s", key);
	if (net.host_managed == 1 && net.ip6 && strcmp(net.ip6, "auto") == 0)
		return fail(err, 0,
			    "%s: SLAAC is not supported for host-managed network "
			    "configuration",
			    key);
	if (net.mtu < 0 || !net.bridge)
		return 0;
	if (net_bridge_facts(net.bridge, &bridge, err) < 0)
		return -1;
	if (!bridge.exists)
		return fail(err, 0, "bridge '%s' does not exist", net.bridge);
	if (net.mtu > bridge.mtu)
		return fail(err, 0, "%s: MTU size '%lld' is bigger than bridge MTU '%u'",
			    key, net.mtu, bridge.mtu);
	return 0;
}

int change_check(const char *key, const char *value, const struct storages *storages,
		 struct error *err)
{
	const struct prop *row = prop_find(container_props, slice(key));
	auto_free char *script = NULL;

	if (row && row->flags & PROP_MOUNT)
		return check_mount(key, value, row, storages, err);
	if (row && row->members == dev_props)
		return check_device(key, value, err);
	if (row && row->members == net_props)
		return check_net(key, value, err);
	if (strcmp(key, "hookscript") == 0)
		return ct_find_hookscript(value, &script, err);
	return 0;
}

/* A name of the table, whose third column it is; without a table every name may be one. */
static bool is_timezone(const char *name)
{
	auto_strbuf struct strbuf table = STRBUF_INIT;
	struct slice rest, line, column;
	struct error err;

	if (strcmp(name, "host") == 0 || strcmp(name, "UTC") == 0 ||
	    read_file(-1, ZONE_TAB, 1024 * 1024, &table, &err) < 0)
		return true;
	rest = strbuf_slice(&table);
	while (slice_line(&rest, &line)) {
		if (slice_starts(line, "#"))
			continue;
		slice_cut(line, '\t', &column);
		slice_cut(column, '\t', &column);
		if (slice_is(slice_cut(column, '\t', &line), name))
			return true;
	}
	return false;
}

void ct_check_value(const char *key, const char *value, struct problems *problems)
{
	if (strcmp(key, "timezone") == 0 && !is_timezone(value))
		problems_add(problems, key, "invalid format - invalid time zone '%s'\n",
			     value);
}
