#include "storage/share.h"

#include <string.h>

#include "base/own.h"
#include "storage/program.h"
#include "storage/scan.h"
#include "test.h"

static struct storage nas(const char *server)
{
	static char id[] = "nas", path[] = "/mnt/pve/nas";
	struct storage st = { .id = id, .path = path, .type = &storage_nfs };

	keyvals_set(&st.props, "server", server);
	return st;
}

static void expect_plan(struct commands *commands, const char *want)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	commands_format(commands, &text);
	EXPECT_TEXT(text.at, want);
	commands_done(commands);
}

TEST("a share counts as mounted with its type, its source and its place")
{
	struct slice text = slice(
		"40 1 0:50 / /mnt/pve/nas rw shared:1 - nfs4 10.0.0.1:/data/ rw,vers=4.2\n"
		"41 1 0:51 / /mnt/pve/a\\040b rw - cifs //srv/my\\040share rw\n");

	EXPECT(share_is_mounted(text, "nfs", "10.0.0.1:/data", "/mnt/pve/nas"));
	EXPECT(share_is_mounted(text, "nfs", "10.0.0.1:/data/", "/mnt/pve/nas"));
	EXPECT(share_is_mounted(text, "cifs", "//srv/my share", "/mnt/pve/a b"));
	EXPECT(!share_is_mounted(text, "cifs", "10.0.0.1:/data", "/mnt/pve/nas"));
	EXPECT(!share_is_mounted(text, "nfs", "10.0.0.1:/dat", "/mnt/pve/nas"));
	EXPECT(!share_is_mounted(text, "nfs", "10.0.0.1:/data", "/mnt/pve"));
}

TEST("nfs is mounted with its options, an IPv6 server stands in brackets")
{
	struct commands commands = { .package = NFS_PACKAGE };
	struct storage v4 = nas("10.0.0.1"), v6 = nas("fd00::1");

	keyvals_set(&v4.props, "export", "/data");
	keyvals_set(&v6.props, "export", "/data");
	keyvals_set(&v6.props, "options", "vers=4.2,soft");
	nfs_plan_mount(&v4, &commands);
	nfs_plan_mount(&v6, &commands);
	expect_plan(&commands,
		    "mount -t nfs 10.0.0.1:/data /mnt/pve/nas\n"
		    "mount -t nfs [fd00::1]:/data /mnt/pve/nas -o vers=4.2,soft\n");
	keyvals_done(&v4.props);
	keyvals_done(&v6.props);
}

TEST("a server of version 4 is asked by rpcinfo, another one by showmount")
{
	struct commands commands = { .package = NFS_PACKAGE };
	struct storage v4 = nas("10.0.0.1"), v6 = nas("fd00::1"), old = nas("srv");
	unsigned port = 0;

	keyvals_set(&v4.props, "options", "soft,vers=4.1,port=2050");
	keyvals_set(&v6.props, "options", "nfsvers=4");
	keyvals_set(&old.props, "options", "vers=3,port=70000");
	nfs_plan_check(&v4, &commands);
	nfs_plan_check(&v6, &commands);
	nfs_plan_check(&old, &commands);
	expect_plan(&commands, "rpcinfo -T tcp 10.0.0.1 nfs 4\n"
			       "rpcinfo -T tcp6 fd00::1 nfs 4\n"
			       "showmount --no-headers --exports srv\n");
	EXPECT(nfs_is_version_4(&v4, &port));
	EXPECT_INT(port, 2050);
	EXPECT(!nfs_is_version_4(&old, &port));
	EXPECT_INT(port, 2049);
	keyvals_done(&v4.props);
	keyvals_done(&v6.props);
	keyvals_done(&old.props);
}

TEST("cifs is mounted as a guest, with a ticket, or with the file that has the password")
{
	struct commands commands = { .package = CIFS_PACKAGE };
	struct storage st = nas("srv");

	keyvals_set(&st.props, "share", "data");
	cifs_plan_mount(&st, NULL, &commands);
	cifs_plan_check(&st, NULL, &commands);
	keyvals_set(&st.props, "subdir", "/ct");
	keyvals_set(&st.props, "username", "bob");
	keyvals_set(&st.props, "domain", "work");
	keyvals_set(&st.props, "smbversion", "3.11");
	keyvals_set(&st.props, "options", "noserverino");
	cifs_plan_mount(&st, "/etc/pve/priv/storage/nas.pw", &commands);
	cifs_plan_check(&st, "/etc/pve/priv/storage/nas.pw", &commands);
	keyvals_set(&st.props, "options", "sec=krb5i");
	cifs_plan_mount(&st, NULL, &commands);
	cifs_plan_check(&st, NULL, &commands);
	expect_plan(
		&commands,
		"mount -t cifs //srv/data /mnt/pve/nas -o "
		"soft,guest,username=guest,vers=default\n"
		"smbclient //srv/data -d 0 -U guest -N -c 'echo 1 0'\n"
		"mount -t cifs //srv/data/ct /mnt/pve/nas -o soft,username=bob,"
		"credentials=/etc/pve/priv/storage/nas.pw,domain=work,vers=3.11,"
		"noserverino\n"
		"smbclient //srv/data -d 0 -U work\\bob -A /etc/pve/priv/storage/nas.pw "
		"-c 'echo 1 0'\n"
		"mount -t cifs //srv/data/ct /mnt/pve/nas -o "
		"soft,vers=3.11,sec=krb5i\n"
		"smbclient //srv/data -d 0 --use-kerberos=required -c 'echo 1 0'\n");
	keyvals_done(&st.props);
}

TEST("a program that is missing is told with the package that has it")
{
	const char *const argv[] = { "no-such-program", NULL };
	struct error err;

	EXPECT(program_run(&(struct storage_program){ .package = "pkg", .argv = argv },
			   &err) < 0);
	EXPECT_TEXT(err.text,
		    "program 'no-such-program' is not installed (Debian package 'pkg')");
}

TEST("a program that hangs is killed at its deadline, one that fails says why")
{
	const char *const hang[] = { "sleep", "60", NULL };
	const char *const bad[] = { "ls", "/no/such/file", NULL };
	struct error err;

	EXPECT(program_run(&(struct storage_program){ .package = "coreutils",
						      .argv = hang,
						      .timeout_s = 1 },
			   &err) < 0);
	EXPECT_TEXT(err.text, "'sleep' failed: got timeout");
	EXPECT(program_run(&(struct storage_program){ .package = "coreutils", .argv = bad },
			   &err) < 0);
	EXPECT(strstr(err.text, "'ls' failed: exit code 2: ls: cannot access "
				"'/no/such/file'"));
}

TEST("a list of commands ends at the first that must not fail, others leave a note")
{
	auto_commands struct commands commands = { .package = "coreutils" };
	auto_notes struct notes notes = { 0 };
	struct error err;

	commands_add(&commands, COMMAND_SHOULD, WORDS("false"));
	commands_add(&commands, COMMAND_MUST, WORDS("true"));
	EXPECT(commands_run(&commands, 5, &notes, &err) == 0);
	EXPECT_INT(notes.count, 1);
	EXPECT_TEXT(notes.text[0], "'false' failed: exit code 1");
	commands_add(&commands, COMMAND_MUST, WORDS("false"));
	commands_add(&commands, COMMAND_SHOULD, WORDS("false"));
	EXPECT(commands_run(&commands, 5, NULL, &err) < 0);
	EXPECT_TEXT(err.text, "'false' failed: exit code 1");
}

static void expect_row(const struct scan *scan, size_t at, const char *name,
		       const char *description)
{
	EXPECT(scan->count > at);
	if (scan->count <= at)
		return;
	EXPECT_TEXT(scan->at[at].name, name);
	EXPECT_TEXT(scan->at[at].description, description);
}

TEST("scans read what the programs print")
{
	auto_scan struct scan nfs = { 0 }, cifs = { 0 }, iscsi = { 0 }, vgs = { 0 },
			      pools = { 0 }, zfs = { 0 };

	scan_parse_exports(slice("/srv/data   10.0.0.0/24,host\n/x *\nno path\n"), &nfs);
	EXPECT_INT(nfs.count, 2);
	expect_row(&nfs, 0, "/srv/data", "10.0.0.0/24,host");
	expect_row(&nfs, 1, "/x", "*");
	scan_parse_shares(slice("Disk|print$|Drivers\nDisk|data|My files\nIPC|IPC$|\n"
				"Disk|bare|\nServer|SRV|x\n"),
			  &cifs);
	EXPECT_INT(cifs.count, 2);
	expect_row(&cifs, 0, "data", "My files");
	expect_row(&cifs, 1, "bare", "");
	scan_parse_targets(slice("10.0.0.1:3260,1 iqn.2026-01.org:one\nno target\n"
				 "[fd00::1]:3260,1 iqn.2026-01.org:two\n"
				 "10.0.0.2:3260,2 iqn.2026-01.org:one\nx:1,1 \n"),
			   &iscsi);
	EXPECT_INT(iscsi.count, 2);
	expect_row(&iscsi, 0, "iqn.2026-01.org:one", "10.0.0.1:3260,10.0.0.2:3260");
	expect_row(&iscsi, 1, "iqn.2026-01.org:two", "[fd00::1]:3260");
	scan_parse_lines(slice("  pve\n  vg2\n\n"), &vgs);
	EXPECT_INT(vgs.count, 2);
	expect_row(&vgs, 1, "vg2", "");
	scan_parse_pools(slice("  data:twi-aotz--\n  root:-wi-ao----\n"), &pools);
	EXPECT_INT(pools.count, 1);
	expect_row(&pools, 0, "data", "");
	scan_parse_datasets(slice("tank\ntank/ct\ntank/ct/subvol-100-disk-0\n"
				  "tank/basevol-1-a\ntank/subvol-x\n"),
			    &zfs);
	EXPECT_INT(zfs.count, 3);
	expect_row(&zfs, 2, "tank/subvol-x", "");
}
