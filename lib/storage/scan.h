/*
 * What storages there could be (storage.md 9.1, scan): exports and targets of servers,
 * volume groups, thin pools, datasets. Each scan asks a program with a deadline; reading
 * its output is pure.
 */
#pragma once

#include "base/error.h"
#include "base/strbuf.h"

/* Two columns of one answer; description may be empty. */
struct scan_row {
	char *name, *description; /* owned */
};
struct scan {
	struct scan_row *at;
	size_t count;
};

/* Login for a cifs server; NULL members: as guest. */
struct scan_login {
	const char *username, *password, *domain;
};

int scan_nfs(const char *server, struct scan *out, struct error *err);
int scan_cifs(const char *server, const struct scan_login *login, struct scan *out,
	      struct error *err);
int scan_iscsi(const char *portal, struct scan *out, struct error *err);
int scan_lvm(struct scan *out, struct error *err);
int scan_lvmthin(const char *vg, struct scan *out, struct error *err);
int scan_zfs(struct scan *out, struct error *err);
void scan_done(struct scan *scan);
#define auto_scan __attribute__((cleanup(scan_done)))

/* Output of showmount, "smbclient -g -L", iscsiadm, vgs or lvs and zfs list. Pure. */
void scan_parse_exports(struct slice text, struct scan *out);
void scan_parse_shares(struct slice text, struct scan *out);
void scan_parse_targets(struct slice text, struct scan *out);
void scan_parse_lines(struct slice text, struct scan *out);
void scan_parse_pools(struct slice text, struct scan *out);
void scan_parse_datasets(struct slice text, struct scan *out);
