#include "ct/backuptmp.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "base/tree.h"
#include "ct/backuplock.h"

/* statfs(2). On the first ones a copy keeps all that it should. */
static const struct {
	unsigned long magic;
	const char *name;
	bool is_good;
} types[] = {
	{ 0xef53, "ext4", true },         { 0x6969, "nfs", true },
	{ 0x52654973, "reiserfs", true }, { 0x58465342, "xfs", true },
	{ 0x9123683e, "btrfs", false },   { 0x2fc12fc1, "zfs", false },
	{ 0xff534d42, "cifs", false },    { 0xfe534d42, "smb2", false },
	{ 0x01021994, "tmpfs", false },   { 0x794c7630, "overlay", false },
	{ 0x00c36400, "ceph", false },    { 0x65735546, "fuse", false },
};

/* NULL: a good one; else the name of its type. */
static const char *bad_type(const char *dir)
{
	struct statfs fs;

	if (statfs(dir, &fs) < 0)
		return "an unknown file system";
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].magic == (unsigned long)fs.f_type)
			return types[i].is_good ? NULL : types[i].name;
	return "an unknown file system";
}

static char *own_name(const struct backup_guest *guest, const char *dir)
{
	return xasprintf("%s/vzdumptmp%d_%u", dir, (int)getpid(), guest->vmid);
}

static char *choose(const struct backup_guest *guest)
{
	const struct backup_job *job = guest->job;
	auto_free char *fallback = path_in(PATH_HOST, "var/tmp");
	const char *type;

	if (job->options->tmpdir)
		return own_name(guest, job->options->tmpdir);
	if (!job->dumpdir)
		return own_name(guest, fallback);
	type = bad_type(job->dumpdir);
	if (!type)
		return xasprintf("%s/%s.tmp", job->dumpdir, guest->stem);
	backup_log(&job->log, BACKUP_INFO,
		   "dump directory is on %s, temporary files go to '%s'", type, fallback);
	return own_name(guest, fallback);
}

int backup_tmp_make(struct backup_guest *guest, struct error *err)
{
	auto_free char *parent = path_in(PATH_HOST, "var/tmp");

	guest->tmpdir = choose(guest);
	if (backup_note(guest, err) < 0 || make_dirs(parent, 0755, err) < 0 ||
	    tree_remove(AT_FDCWD, guest->tmpdir, err) < 0)
		return -1;
	if (mkdir(guest->tmpdir, 0700) < 0)
		return fail(err, errno, "cannot create directory '%s'", guest->tmpdir);
	return 0;
}
