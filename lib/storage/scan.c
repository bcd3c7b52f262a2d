#include "storage/scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "storage/diskname.h"
#include "storage/lvm.h"
#include "storage/program.h"
#include "storage/share.h"
#include "storage/zfs.h"

#define TIMEOUT_S     10
#define ISCSI_PACKAGE "open-iscsi"

static void add(struct scan *out, struct slice name, struct slice description)
{
	out->at = grow_array(out->at, out->count, sizeof(*out->at));
	out->at[out->count++] = (struct scan_row){ .name = slice_dup(name),
						   .description = slice_dup(description) };
}

void scan_done(struct scan *scan)
{
	for (size_t i = 0; i < scan->count; i++) {
		free(scan->at[i].name);
		free(scan->at[i].description);
	}
	free(scan->at);
	*scan = (struct scan){ 0 };
}

/* "/export  10.0.0.0/24,host" */
void scan_parse_exports(struct slice text, struct scan *out)
{
	struct slice line, path, rest;

	while (slice_line(&text, &line)) {
		path = slice_cut(slice_trim(line), ' ', &rest);
		if (slice_starts(path, "/"))
			add(out, path, slice_trim(rest));
	}
}

/* "Disk|share|description"; those for the system end with "$". */
void scan_parse_shares(struct slice text, struct scan *out)
{
	struct slice line, kind, name, rest;

	while (slice_line(&text, &line)) {
		kind = slice_cut(line, '|', &rest);
		name = slice_cut(rest, '|', &rest);
		if (slice_is(kind, "Disk") && name.len && !slice_ends(name, "$"))
			add(out, name, slice_trim(rest));
	}
}

static struct scan_row *find(const struct scan *scan, struct slice name)
{
	for (size_t i = 0; i < scan->count; i++)
		if (slice_is(name, scan->at[i].name))
			return &scan->at[i];
	return NULL;
}

/* "10.0.0.1:3260,1 iqn.2026-01.org:disk"; a target may have several portals. */
void scan_parse_targets(struct slice text, struct scan *out)
{
	struct slice line, portal, target, rest;

	while (slice_line(&text, &line)) {
		struct scan_row *row;
		char *before;

		portal = slice_cut(slice_cut(slice_trim(line), ' ', &target), ',', &rest);
		target = slice_trim(target);
		if (!portal.len || !rest.at || !target.len)
			continue;
		row = find(out, target);
		if (!row) {
			add(out, target, portal);
			continue;
		}
		before = row->description;
		row->description = xasprintf("%s," SLICE_FMT, before, SLICE_ARG(portal));
		free(before);
	}
}

void scan_parse_lines(struct slice text, struct scan *out)
{
	struct slice line;

	while (slice_line(&text, &line))
		if (slice_trim(line).len)
			add(out, slice_trim(line), slice(""));
}

/* "name:attr" */
void scan_parse_pools(struct slice text, struct scan *out)
{
	struct slice line, name, attr;

	while (slice_line(&text, &line)) {
		name = slice_cut(slice_trim(line), ':', &attr);
		if (slice_starts(attr, "t"))
			add(out, name, slice(""));
	}
}

/* Directories of guests are no place for a storage. */
static bool is_guest_volume(struct slice dataset)
{
	const char *prefix;
	size_t start = dataset.len;
	unsigned vmid;

	while (start > 0 && dataset.at[start - 1] != '/')
		start--;
	return start > 0 &&
	       disk_name_parse(slice_from(dataset, start), DISK_MARKS_ZFS, &prefix, &vmid);
}

void scan_parse_datasets(struct slice text, struct scan *out)
{
	struct slice line;

	while (slice_line(&text, &line))
		if (slice_trim(line).len && !is_guest_volume(slice_trim(line)))
			add(out, slice_trim(line), slice(""));
}

static int ask(const char *package, const char *const *argv, const char *const *env,
	       void (*parse)(struct slice text, struct scan *out), struct scan *out,
	       struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (program_run(&(struct storage_program){ .package = package,
						   .argv = argv,
						   .env = env,
						   .timeout_s = TIMEOUT_S,
						   .output = &text },
			err) < 0)
		return -1;
	parse(strbuf_slice(&text), out);
	return 0;
}

int scan_nfs(const char *server, struct scan *out, struct error *err)
{
	const char *const argv[] = { "showmount", "--no-headers", "--exports",
				     "--",        server,         NULL };

	return ask(NFS_PACKAGE, argv, NULL, scan_parse_exports, out, err);
}

/* The password goes by the environment: arguments are there for everybody to read. */
int scan_cifs(const char *server, const struct scan_login *login, struct scan *out,
	      struct error *err)
{
	auto_free char *target = xasprintf("//%s", server);
	auto_free char *user = xasprintf("%s%s%s", login->domain ? login->domain : "",
					 login->domain ? "\\" : "",
					 login->username ? login->username : "guest");
	auto_free char *password =
		xasprintf("PASSWD=%s", login->password ? login->password : "");
	const char *const env[] = { password, NULL };
	const char *const argv[] = { "smbclient", "-d", "0",
				     "-g",        "-L", target,
				     "-U",        user, login->password ? NULL : "-N",
				     NULL };

	return ask("smbclient", argv, env, scan_parse_shares, out, err);
}

/* Nothing is written down of the targets. */
int scan_iscsi(const char *portal, struct scan *out, struct error *err)
{
	const char *const argv[] = { "iscsiadm",      "--mode",   "discovery", "--type",
				     "sendtargets",   "--portal", portal,      "--op",
				     "nonpersistent", NULL };

	return ask(ISCSI_PACKAGE, argv, NULL, scan_parse_targets, out, err);
}

int scan_lvm(struct scan *out, struct error *err)
{
	const char *const argv[] = { "vgs", "--noheadings", "--options", "vg_name", NULL };

	return ask(LVM_PACKAGE, argv, NULL, scan_parse_lines, out, err);
}

int scan_lvmthin(const char *vg, struct scan *out, struct error *err)
{
	const char *const argv[] = { "lvs",       "--separator",     ":",  "--noheadings",
				     "--options", "lv_name,lv_attr", "--", vg,
				     NULL };

	return ask(LVM_PACKAGE, argv, NULL, scan_parse_pools, out, err);
}

int scan_zfs(struct scan *out, struct error *err)
{
	const char *const argv[] = { "zfs", "list", "-t",   "filesystem",
				     "-Hp", "-o",   "name", NULL };

	return ask(ZFS_PACKAGE, argv, NULL, scan_parse_datasets, out, err);
}
