#include "template/member.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/tree.h"
#include "template/attrs.h"
#include "template/name.h"

#define SPECIAL_BITS (S_ISUID | S_ISGID)

/* A member on its way: where it goes, and what it shall have. */
struct member {
	struct member_name name;
	const char *base;
	const struct place *dir; /* NULL for the root itself */
	struct archive *archive;
	struct archive_entry *entry;
	mode_t mode; /* twelve bits */
	uid_t uid;
	gid_t gid;
	struct timespec times[2];
};

int unpacker_init(struct unpacker *unpacker, int root, bool can_make_devices,
		  struct error *err)
{
	*unpacker = (struct unpacker){ .can_make_devices = can_make_devices };
	places_init(&unpacker->places, root);
	later_init(&unpacker->later, root);
	return mount_id(root, &unpacker->mount, err);
}

void unpacker_done(struct unpacker *unpacker)
{
	places_done(&unpacker->places);
	later_done(&unpacker->later);
}

/* New entries belong to the container's root already, as a rule. */
static bool needs_owner(const struct member *member)
{
	return member->uid || member->gid || !member->dir || member->dir->gives_group;
}

static int fail_owner(const struct member *member, struct error *err)
{
	if (errno == EINVAL || errno == EOVERFLOW)
		return fail(err, 0, "owner %u:%u is outside the container's id map",
			    member->uid, member->gid);
	return fail(err, errno, "cannot give it to %u:%u", member->uid, member->gid);
}

static int give_owner_at(const struct member *member, struct error *err)
{
	if (needs_owner(member) && fchownat(member->dir->fd, member->base, member->uid,
					    member->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return fail_owner(member, err);
	return 0;
}

static int set_time_at(const struct member *member, struct error *err)
{
	if (utimensat(member->dir->fd, member->base, member->times, AT_SYMLINK_NOFOLLOW) <
	    0)
		return fail(err, errno, "cannot set the time");
	return 0;
}

static int write_at(int fd, const char *bytes, size_t len, off_t offset, struct error *err)
{
	while (len > 0) {
		ssize_t put = pwrite(fd, bytes, len, offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fail(err, errno, "cannot write");
		bytes += put;
		offset += put;
		len -= (size_t)put;
	}
	return 0;
}

/* Blocks come with their offsets: what lies between them stays a hole. */
static int copy_data(const struct member *member, int fd, struct error *err)
{
	off_t size = archive_entry_size(member->entry), end = 0;
	const void *bytes;
	size_t len;
	la_int64_t offset;
	int code;

	for (;;) {
		code = archive_read_data_block(member->archive, &bytes, &len, &offset);
		if (code == ARCHIVE_EOF)
			break;
		if (code != ARCHIVE_OK)
			return fail(err, 0, "archive is damaged or truncated: %s",
				    archive_error_string(member->archive));
		if (write_at(fd, bytes, len, offset, err) < 0)
			return -1;
		if (len > 0)
			end = offset + (off_t)len;
	}
	if (end < size && ftruncate(fd, size) < 0)
		return fail(err, errno, "cannot set the size");
	return 0;
}

/*
 * The order matters: a change of owner takes away the special bits and capabilities,
 * a change of mode alters the ACL.
 */
static int finish_file(const struct member *member, int fd, struct error *err)
{
	auto_strbuf struct strbuf acl = STRBUF_INIT;

	if (needs_owner(member) && fchown(fd, member->uid, member->gid) < 0)
		return fail_owner(member, err);
	if (member->mode & SPECIAL_BITS && fchmod(fd, member->mode) < 0)
		return fail(err, errno, "cannot set the mode");
	attrs_set(fd, member->entry);
	if (acl_read(member->entry, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, &acl, err) < 0 ||
	    acl_set(fd, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, strbuf_slice(&acl), err) < 0)
		return -1;
	if (futimens(fd, member->times) < 0)
		return fail(err, errno, "cannot set the time");
	return 0;
}

static int put_file(const struct member *member, struct error *err)
{
	auto_close int fd = openat(member->dir->fd, member->base,
				   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				   member->mode & ~(mode_t)SPECIAL_BITS);

	if (fd < 0)
		return errno == EEXIST ? 0 : fail(err, errno, "cannot create");
	if (copy_data(member, fd, err) < 0 || finish_file(member, fd, err) < 0)
		return -1;
	/* Some file systems tell only now that they had no room. */
	return close(take_fd(&fd)) < 0 ? fail(err, errno, "cannot write") : 0;
}

static int put_symlink(const struct member *member, struct error *err)
{
	const char *target = archive_entry_symlink(member->entry);

	if (!target || !target[0])
		return fail(err, 0, "the symbolic link has no target");
	if (symlinkat(target, member->dir->fd, member->base) < 0)
		return errno == EEXIST ? 0 : fail(err, errno, "cannot create");
	if (give_owner_at(member, err) < 0)
		return -1;
	return set_time_at(member, err);
}

static int put_hardlink(struct unpacker *unpacker, const struct member *member,
			struct error *err)
{
	const char *text = archive_entry_hardlink(member->entry);
	const struct place *dir;
	struct member_name target;
	char shown[256];

	printable(text, shown, sizeof(shown));
	if (member_name_parse(text, &target, err) < 0)
		return fail_in(err, "link target '%s'", shown);
	dir = places_open(&unpacker->places, target.text, member_name_parent(&target), err);
	if (!dir)
		return fail_in(err, "link target '%s'", shown);
	if (linkat(dir->fd, member_name_base(&target), member->dir->fd, member->base, 0) <
	    0)
		return errno == EEXIST ? 0 : fail(err, errno, "cannot link to '%s'", shown);
	return 0;
}

/* A FIFO, or a device for those who may. Attributes need an open file: there are none. */
static int put_node(const struct member *member, struct error *err)
{
	mode_t type = archive_entry_filetype(member->entry);
	dev_t device = type == AE_IFIFO ? 0 : archive_entry_rdev(member->entry);

	if (mknodat(member->dir->fd, member->base, type | member->mode, device) < 0)
		return errno == EEXIST ? 0 : fail(err, errno, "cannot create");
	if (give_owner_at(member, err) < 0)
		return -1;
	return set_time_at(member, err);
}

static bool is_volume(const struct unpacker *unpacker, const struct member_name *name)
{
	struct member_name volume;
	struct error ignored;

	for (size_t i = 0; unpacker->volumes && unpacker->volumes[i]; i++)
		if (member_name_parse(unpacker->volumes[i], &volume, &ignored) == 0 &&
		    strcmp(volume.text, name->text) == 0)
			return true;
	return false;
}

/* What else is mounted into the tree may be the host's: its directories stay as they are.
 */
static bool is_own(const struct unpacker *unpacker, const struct member_name *name, int fd)
{
	struct error ignored;
	uint64_t mount = 0;

	return (mount_id(fd, &mount, &ignored) == 0 && mount == unpacker->mount) ||
	       is_volume(unpacker, name);
}

static int remember_directory(struct unpacker *unpacker, const struct member *member,
			      bool is_new, struct error *err)
{
	auto_strbuf struct strbuf access = STRBUF_INIT, fallback = STRBUF_INIT;
	struct later_directory later = {
		.path = member->name.text,
		.mtime = member->times[1],
		.mode = member->mode,
	};

	if (acl_read(member->entry, ARCHIVE_ENTRY_ACL_TYPE_ACCESS, &access, err) < 0 ||
	    acl_read(member->entry, ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, &fallback, err) < 0)
		return -1;
	if (is_new && !(member->mode & SPECIAL_BITS) && !member->dir->gives_group)
		later.mode = LATER_KEEP_MODE;
	later.access = strbuf_slice(&access);
	later.fallback = strbuf_slice(&fallback);
	return later_add(&unpacker->later, &later, err);
}

static int open_directory(const struct unpacker *unpacker, const struct member *member)
{
	return openat(member->dir ? member->dir->fd : unpacker->places.root,
		      member->dir ? member->base : ".",
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Also one that was there: the root itself, or made for a member that came earlier. */
static int put_directory(struct unpacker *unpacker, const struct member *member,
			 struct error *err)
{
	bool is_new = member->dir && mkdirat(member->dir->fd, member->base,
					     member->mode & ~(mode_t)SPECIAL_BITS) == 0;
	auto_close int fd = -1;

	if (member->dir && !is_new && errno != EEXIST)
		return fail(err, errno, "cannot create");
	if (!is_new || archive_entry_xattr_count(member->entry) > 0) {
		fd = open_directory(unpacker, member);
		/* EACCES: it is outside the id map, as is the lost+found that mkfs made. */
		if (fd < 0 && !is_new &&
		    (errno == ENOTDIR || errno == ELOOP || errno == EACCES))
			return 0;
		if (fd < 0)
			return fail(err, errno, "cannot open");
		if (!is_new && !is_own(unpacker, &member->name, fd))
			return 0;
		if (fchown(fd, member->uid, member->gid) < 0)
			return fail_owner(member, err);
		attrs_set(fd, member->entry);
	} else if (give_owner_at(member, err) < 0) {
		return -1;
	}
	return remember_directory(unpacker, member, is_new, err);
}

static int put_by_type(struct unpacker *unpacker, const struct member *member,
		       struct error *err)
{
	mode_t type = archive_entry_filetype(member->entry);

	if (type == AE_IFDIR && !archive_entry_hardlink(member->entry))
		return put_directory(unpacker, member, err);
	if (!member->dir)
		return fail(err, 0, "the root is not a directory");
	if (archive_entry_hardlink(member->entry))
		return put_hardlink(unpacker, member, err);
	switch (type) {
	case AE_IFREG: return put_file(member, err);
	case AE_IFLNK: return put_symlink(member, err);
	case AE_IFCHR:
	case AE_IFBLK:
		if (!unpacker->can_make_devices)
			return unpacker->is_layer
				       ? 0
				       : fail(err, EPERM, "cannot create a device node");
		return put_node(member, err);
	case AE_IFIFO: return put_node(member, err);
	default: return fail(err, 0, "unknown type of member");
	}
}

static int read_owner(struct member *member, struct error *err)
{
	la_int64_t uid = archive_entry_uid(member->entry);
	la_int64_t gid = archive_entry_gid(member->entry);

	/* The highest number means "leave as it is" to the kernel. */
	if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
		return fail(err, 0, "owner %lld:%lld is not possible", (long long)uid,
			    (long long)gid);
	member->uid = (uid_t)uid;
	member->gid = (gid_t)gid;
	return 0;
}

static void tell_absolute(struct unpacker *unpacker)
{
	if (!unpacker->told_absolute)
		dprintf(STDOUT_FILENO, "removing leading '/' from member names\n");
	unpacker->told_absolute = true;
}

/* A hard link to what is at its place already: taking that away would lose it. */
static bool is_same_file(struct unpacker *unpacker, const struct member *member,
			 const struct stat *there)
{
	const char *text = archive_entry_hardlink(member->entry);
	struct member_name target;
	struct error ignored;
	auto_close int fd = -1;
	struct stat st;

	if (!text || member_name_parse(text, &target, &ignored) < 0 || target.len == 0)
		return false;
	fd = open_in_root(unpacker->places.root, target.text, O_PATH | O_NOFOLLOW, 0,
			  &ignored);
	return fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == there->st_dev &&
	       st.st_ino == there->st_ino;
}

/* 1: what was there is gone, and paths may lead elsewhere; 0: nothing has changed. */
static int clear_place(struct unpacker *unpacker, const struct member *member,
		       struct error *err)
{
	bool is_dir = archive_entry_filetype(member->entry) == AE_IFDIR &&
		      !archive_entry_hardlink(member->entry);
	struct stat st;

	if (fstatat(member->dir->fd, member->base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fail(err, errno, "cannot look at it");
	if ((is_dir && S_ISDIR(st.st_mode)) ||
	    mounts_have(unpacker->kept, member->dir->fd) ||
	    is_same_file(unpacker, member, &st))
		return 0;
	if (tree_remove(member->dir->fd, member->base, err) < 0)
		return -1;
	return S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode);
}

static int find_dir(struct unpacker *unpacker, struct member *member, struct error *err)
{
	member->base = member_name_base(&member->name);
	member->dir = places_open(&unpacker->places, member->name.text,
				  member_name_parent(&member->name), err);
	return member->dir ? 0 : -1;
}

/* The directory that the member goes to, and in a layer room for it there. */
static int find_place(struct unpacker *unpacker, struct member *member, struct error *err)
{
	int cleared;

	if (find_dir(unpacker, member, err) < 0)
		return -1;
	cleared = unpacker->is_layer ? clear_place(unpacker, member, err) : 0;
	if (cleared <= 0)
		return cleared;
	places_forget(&unpacker->places);
	return find_dir(unpacker, member, err);
}

static int put(struct unpacker *unpacker, struct member *member, const char *path,
	       struct error *err)
{
	if (member_name_parse(path, &member->name, err) < 0)
		return -1;
	if (member->name.was_absolute)
		tell_absolute(unpacker);
	if (!unpacker->is_layer && member_name_is_device(&member->name))
		return 0;
	if (read_owner(member, err) < 0)
		return -1;
	if (member->name.len > 0 && find_place(unpacker, member, err) < 0)
		return -1;
	return put_by_type(unpacker, member, err);
}

int member_put(struct unpacker *unpacker, struct archive *archive,
	       struct archive_entry *entry, struct error *err)
{
	const char *path = archive_entry_pathname(entry);
	struct member member = {
		.archive = archive,
		.entry = entry,
		.mode = archive_entry_perm(entry) & 07777,
		.times = { { .tv_nsec = UTIME_OMIT }, { .tv_nsec = UTIME_OMIT } },
	};
	char shown[256];

	if (archive_entry_mtime_is_set(entry))
		member.times[1] =
			(struct timespec){ .tv_sec = archive_entry_mtime(entry),
					   .tv_nsec = archive_entry_mtime_nsec(entry) };
	if (put(unpacker, &member, path ? path : "", err) < 0)
		return fail_in(err, "member '%s'",
			       printable(path ? path : "", shown, sizeof(shown)));
	return 0;
}
