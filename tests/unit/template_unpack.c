#include <linux/capability.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/xattr.h>

#include "base/process.h"

#include "unpacking.h"

TEST("owners are shifted into the id map, modes and times are the archive's")
{
	auto_unpacking struct unpacking u = { 0 };
	auto_strbuf struct strbuf pax = STRBUF_INIT;
	struct stat st;

	if (!can_unpack())
		return;
	unpacking_init(&u, "owners", false);
	tar_pax(&pax, "mtime", "1234567890.123456789", 20);
	tar_add(&u.tar, &(struct tar_member){ .name = "./", .type = '5', .mode = 0711 });
	tar_add(&u.tar, &(struct tar_member){ .name = "./d/",
					      .type = '5',
					      .mode = 0700,
					      .uid = 33,
					      .gid = 44,
					      .pax = &pax });
	tar_add(&u.tar, &(struct tar_member){ .name = "./d/su",
					      .mode = 06755,
					      .uid = 1000,
					      .gid = 65534,
					      .data = "x",
					      .pax = &pax });
	tar_add(&u.tar, &(struct tar_member){ .name = "./d/l",
					      .type = '2',
					      .mode = 0777,
					      .uid = 5,
					      .link = "su",
					      .pax = &pax });
	tar_add(&u.tar, &(struct tar_member){ .name = "./t", .type = '5', .mode = 03777 });
	tar_add(&u.tar, &(struct tar_member){ .name = "./t/in", .mode = 0, .data = "y" });
	EXPECT_INT(unpack_tar(&u), 0);
	EXPECT_TEXT(u.err.text, "");
	st = look_at(&u, "d/su");
	EXPECT_INT(st.st_mode, S_IFREG | 06755);
	EXPECT_INT(st.st_uid, MAPPED + 1000);
	EXPECT_INT(st.st_gid, MAPPED + 65534);
	EXPECT_INT(st.st_mtim.tv_sec, 1234567890);
	EXPECT_INT(st.st_mtim.tv_nsec, 123456789);
	st = look_at(&u, "d");
	EXPECT_INT(st.st_mode, S_IFDIR | 0700);
	EXPECT_INT(st.st_uid, MAPPED + 33);
	EXPECT_INT(st.st_mtim.tv_nsec, 123456789);
	st = look_at(&u, "d/l");
	EXPECT_INT(st.st_uid, MAPPED + 5);
	EXPECT_INT(st.st_mtim.tv_nsec, 123456789);
	EXPECT_INT(look_at(&u, "").st_mode, S_IFDIR | 0711);
	EXPECT_INT(look_at(&u, "t").st_mode, S_IFDIR | 03777);
	EXPECT_INT(look_at(&u, "t/in").st_mode, S_IFREG);
	EXPECT_INT(look_at(&u, "t/in").st_gid, MAPPED);
}

TEST("an owner outside the id map is an error that names the member")
{
	auto_unpacking struct unpacking u = { 0 };

	if (!can_unpack())
		return;
	unpacking_init(&u, "unmapped", false);
	tar_add(&u.tar, &(struct tar_member){ .name = "a", .mode = 0644, .uid = 70000 });
	EXPECT(unpack_tar(&u) < 0);
	EXPECT_TEXT(reason(&u),
		    "member 'a': owner 70000:0 is outside the container's id map");
}

TEST("only user.* attributes and file capabilities are taken, and the latter shifted")
{
	static const struct vfs_cap_data caps = {
		.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
		.data = { { .permitted = 1U << CAP_NET_RAW } },
	};
	auto_unpacking struct unpacking u = { 0 };
	auto_strbuf struct strbuf pax = STRBUF_INIT;
	auto_free char *path = NULL;
	struct vfs_ns_cap_data got = { 0 };
	char value[16];

	if (!can_unpack())
		return;
	unpacking_init(&u, "attrs", false);
	tar_pax(&pax, "SCHILY.xattr.security.capability", &caps, sizeof(caps));
	tar_pax(&pax, "SCHILY.xattr.user.note", "a\0b", 3);
	tar_pax(&pax, "SCHILY.xattr.trusted.x", "x", 1);
	tar_pax(&pax, "SCHILY.xattr.security.other", "x", 1);
	tar_add(&u.tar, &(struct tar_member){ .name = "ping",
					      .mode = 0755,
					      .uid = 7,
					      .data = "elf",
					      .pax = &pax });
	EXPECT_INT(unpack_tar(&u), 0);
	path = xasprintf("%s/ping", u.root);
	EXPECT_INT(getxattr(path, "security.capability", &got, sizeof(got)), sizeof(got));
	EXPECT_INT(got.magic_etc, VFS_CAP_REVISION_3 | VFS_CAP_FLAGS_EFFECTIVE);
	EXPECT_INT(got.rootid, MAPPED);
	EXPECT_INT(got.data[0].permitted, 1U << CAP_NET_RAW);
	EXPECT_INT(getxattr(path, "user.note", value, sizeof(value)), 3);
	EXPECT(getxattr(path, "trusted.x", value, sizeof(value)) < 0);
	EXPECT(getxattr(path, "security.other", value, sizeof(value)) < 0);
}

/* The id of the first named user or group entry of an ACL. */
static long acl_id(const struct unpacking *u, const char *name, const char *attribute)
{
	auto_free char *path = xasprintf("%s/%s", u->root, name);
	_Alignas(4) char value[256];
	ssize_t len = getxattr(path, attribute, value, sizeof(value));

	for (ssize_t at = sizeof(struct posix_acl_xattr_header); at + 8 <= len; at += 8) {
		const struct posix_acl_xattr_entry *entry = (const void *)(value + at);

		if (entry->e_tag == ACL_USER || entry->e_tag == ACL_GROUP)
			return entry->e_id;
	}
	return -1;
}

TEST("ACLs are set with shifted ids, and a default one is not inherited on the way")
{
	static const char access[] =
		"user::rw-,user:1000:rw-,group::r--,mask::rw-,other::---";
	static const char fallback[] =
		"user::rwx,group::r-x,group:4:r-x,mask::r-x,other::r-x";
	auto_unpacking struct unpacking u = { 0 };
	auto_strbuf struct strbuf file = STRBUF_INIT, dir = STRBUF_INIT;

	if (!can_unpack())
		return;
	unpacking_init(&u, "acls", false);
	tar_pax(&file, "SCHILY.acl.access", access, sizeof(access) - 1);
	tar_pax(&dir, "SCHILY.acl.access", fallback, sizeof(fallback) - 1);
	tar_pax(&dir, "SCHILY.acl.default", fallback, sizeof(fallback) - 1);
	tar_add(&u.tar,
		&(struct tar_member){
			.name = "d/", .type = '5', .mode = 02755, .gid = 9, .pax = &dir });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "d/plain", .mode = 0600, .data = "x" });
	tar_add(&u.tar, &(struct tar_member){
				.name = "d/acl", .mode = 0660, .data = "x", .pax = &file });
	EXPECT_INT(unpack_tar(&u), 0);
	EXPECT_TEXT(u.err.text, "");
	EXPECT_INT(acl_id(&u, "d/acl", "system.posix_acl_access"), MAPPED + 1000);
	EXPECT_INT(acl_id(&u, "d", "system.posix_acl_access"), MAPPED + 4);
	EXPECT_INT(acl_id(&u, "d", "system.posix_acl_default"), MAPPED + 4);
	EXPECT_INT(acl_id(&u, "d/plain", "system.posix_acl_access"), -1);
	EXPECT_INT(look_at(&u, "d").st_mode, S_IFDIR | 02755);
	EXPECT_INT(look_at(&u, "d/acl").st_mode, S_IFREG | 0660);
	EXPECT_INT(look_at(&u, "d/plain").st_mode, S_IFREG | 0600);
	EXPECT_INT(look_at(&u, "d/plain").st_gid, MAPPED);
}

TEST("an ACL entry that has only a name is an error: names are never looked up")
{
	static const char text[] =
		"user::rw-,user:daemon:rw-,group::r--,mask::rw-,other::---";
	auto_unpacking struct unpacking u = { 0 };
	auto_strbuf struct strbuf pax = STRBUF_INIT;

	if (!can_unpack())
		return;
	unpacking_init(&u, "aclname", false);
	tar_pax(&pax, "SCHILY.acl.access", text, sizeof(text) - 1);
	tar_add(&u.tar, &(struct tar_member){ .name = "a", .mode = 0644, .pax = &pax });
	EXPECT(unpack_tar(&u) < 0);
	EXPECT_TEXT(reason(&u), "member 'a': the ACL names a user without its number");
}

TEST("hard links share their inode, also through a linked directory")
{
	auto_unpacking struct unpacking u = { 0 };

	if (!can_unpack())
		return;
	unpacking_init(&u, "hardlinks", false);
	tar_add(&u.tar,
		&(struct tar_member){ .name = "./lib", .type = '2', .link = "usr/lib" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "./usr/lib/", .type = '5', .mode = 0755 });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "./usr/lib/a", .mode = 0644, .data = "x" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "./lib/b", .type = '1', .link = "lib/a" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "/c", .type = '1', .link = "/lib/b" });
	EXPECT_INT(unpack_tar(&u), 0);
	EXPECT_TEXT(u.err.text, "");
	EXPECT_INT(look_at(&u, "usr/lib/a").st_nlink, 3);
	EXPECT(look_at(&u, "c").st_ino == look_at(&u, "usr/lib/b").st_ino);
}

TEST("members below a linked directory land where the link points inside the root")
{
	auto_unpacking struct unpacking u = { 0 };

	if (!can_unpack())
		return;
	unpacking_init(&u, "usrmerge", false);
	tar_add(&u.tar,
		&(struct tar_member){ .name = "usr/lib/", .type = '5', .mode = 0755 });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "lib", .type = '2', .link = "usr/lib" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "abs", .type = '2', .link = "/usr/lib" });
	tar_add(&u.tar, &(struct tar_member){ .name = "lib/x", .mode = 0644, .data = "x" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "abs/y/z", .mode = 0644, .data = "y" });
	tar_add(&u.tar, &(struct tar_member){ .name = "lib/", .type = '5', .mode = 0700 });
	EXPECT_INT(unpack_tar(&u), 0);
	EXPECT(text_is(&u, "usr/lib/x", "x") && text_is(&u, "usr/lib/y/z", "y"));
	EXPECT_INT(look_at(&u, "lib").st_mode & S_IFMT, S_IFLNK);
	EXPECT_INT(look_at(&u, "usr/lib").st_mode, S_IFDIR | 0755);
}

TEST("what exists is kept, but a directory made on the way gets its own attributes later")
{
	auto_unpacking struct unpacking u = { 0 };

	if (!can_unpack())
		return;
	unpacking_init(&u, "existing", false);
	tar_add(&u.tar,
		&(struct tar_member){ .name = "d/e/f", .mode = 0644, .data = "first" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "d/e/f", .mode = 0600, .data = "second" });
	tar_add(&u.tar, &(struct tar_member){ .name = "d/e/f", .type = '2', .link = "x" });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "d/e/f/", .type = '5', .mode = 0755 });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "d/", .type = '5', .mode = 01711, .uid = 8 });
	EXPECT_INT(unpack_tar(&u), 0);
	EXPECT_TEXT(u.err.text, "");
	EXPECT(text_is(&u, "d/e/f", "first"));
	EXPECT_INT(look_at(&u, "d/e/f").st_mode, S_IFREG | 0644);
	EXPECT_INT(look_at(&u, "d").st_mode, S_IFDIR | 01711);
	EXPECT_INT(look_at(&u, "d").st_uid, MAPPED + 8);
	EXPECT_INT(look_at(&u, "d").st_mtim.tv_sec, 1000000000);
	EXPECT_INT(look_at(&u, "d/e").st_mode, S_IFDIR | 0755);
	EXPECT_INT(look_at(&u, "d/e").st_uid, MAPPED);
}

TEST("dev is made and stays empty, whatever spelling its members have")
{
	auto_unpacking struct unpacking u = { 0 };
	auto_free char *path = NULL;

	if (!can_unpack())
		return;
	unpacking_init(&u, "dev", false);
	tar_add(&u.tar,
		&(struct tar_member){ .name = "./dev/", .type = '5', .mode = 0755 });
	tar_add(&u.tar, &(struct tar_member){ .name = "./dev/null",
					      .type = '3',
					      .mode = 0666,
					      .major = 1,
					      .minor = 3 });
	tar_add(&u.tar, &(struct tar_member){ .name = "dev/zero",
					      .type = '3',
					      .mode = 0666,
					      .major = 1,
					      .minor = 5 });
	tar_add(&u.tar,
		&(struct tar_member){ .name = "/dev/a/b", .mode = 0666, .data = "x" });
	EXPECT_INT(unpack_tar(&u), 0);
	path = xasprintf("%s/dev", u.root);
	EXPECT(rmdir(path) == 0);
}

TEST("FIFOs are made for all, device nodes only for privileged containers")
{
	auto_unpacking struct unpacking u = { 0 }, p = { 0 };
	const struct tar_member fifo = {
		.name = "fifo", .type = '6', .mode = 0620, .uid = 3
	};
	const struct tar_member node = {
		.name = "x/null", .type = '3', .mode = 0666, .major = 1, .minor = 3
	};

	if (!can_unpack())
		return;
	unpacking_init(&u, "nodes", false);
	tar_add(&u.tar, &fifo);
	tar_add(&u.tar, &node);
	EXPECT(unpack_tar(&u) < 0);
	EXPECT_TEXT(
		reason(&u),
		"member 'x/null': cannot create a device node: Operation not permitted");
	EXPECT_INT(look_at(&u, "fifo").st_mode, S_IFIFO | 0620);
	EXPECT_INT(look_at(&u, "fifo").st_uid, MAPPED + 3);
	unpacking_init(&p, "pnodes", true);
	tar_add(&p.tar, &fifo);
	tar_add(&p.tar, &node);
	EXPECT_INT(unpack_tar(&p), 0);
	EXPECT_INT(look_at(&p, "x/null").st_mode, S_IFCHR | 0666);
	EXPECT_INT(look_at(&p, "x/null").st_rdev, 0x103);
	EXPECT_INT(look_at(&p, "fifo").st_uid, 3);
}

TEST("a privileged container keeps the archive's ids and capabilities")
{
	static const struct vfs_cap_data caps = {
		.magic_etc = VFS_CAP_REVISION_2,
		.data = { { .permitted = 1U << CAP_NET_RAW } },
	};
	auto_unpacking struct unpacking u = { 0 };
	auto_strbuf struct strbuf pax = STRBUF_INIT;
	auto_free char *path = NULL;
	struct vfs_cap_data got = { 0 };

	if (!can_unpack())
		return;
	unpacking_init(&u, "privileged", true);
	tar_pax(&pax, "SCHILY.xattr.security.capability", &caps, sizeof(caps));
	tar_add(&u.tar, &(struct tar_member){ .name = "d/ping",
					      .mode = 04711,
					      .uid = 70000,
					      .gid = 5,
					      .data = "x",
					      .pax = &pax });
	EXPECT_INT(unpack_tar(&u), 0);
	EXPECT_INT(look_at(&u, "d/ping").st_uid, 70000);
	EXPECT_INT(look_at(&u, "d/ping").st_mode, S_IFREG | 04711);
	path = xasprintf("%s/d/ping", u.root);
	EXPECT_INT(getxattr(path, "security.capability", &got, sizeof(got)), sizeof(got));
	EXPECT_INT(got.magic_etc, VFS_CAP_REVISION_2);
}

/* Run a program in the case's directory. */
static bool in_dir(struct unpacking *u, const char *const *argv)
{
	bool ok =
		process_run(&(struct process){ .argv = argv, .dir = u->dir }, &u->err) == 0;

	if (!ok)
		EXPECT_TEXT(u->err.text, "");
	return ok;
}

TEST("holes of sparse members are holes again, in all of GNU tar's formats")
{
	static const char *const versions[] = { "0.0", "0.1", "1.0", NULL };
	auto_unpacking struct unpacking u = { 0 };
	auto_free char *archive = NULL;

	if (!can_unpack())
		return;
	unpacking_init(&u, "sparse", false);
	archive = xasprintf("%s/s.tar", u.dir);
	for (size_t i = 0; i < 4; i++) {
		auto_free char *name = xasprintf("big%zu", i);
		auto_free char *file = xasprintf("%s/%s", u.dir, name);
		auto_free char *option =
			versions[i] ? xasprintf("--sparse-version=%s", versions[i])
				    : xstrdup("--format=gnu");
		const char *const argv[] = { "tar", "-Scf", "s.tar", option, name, NULL };
		auto_close int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

		EXPECT(pwrite(fd, "middle", 6, 10 << 20) == 6 &&
		       ftruncate(fd, 64 << 20) == 0);
		if (!in_dir(&u, argv))
			return;
		EXPECT_INT(unpack_file(&u, archive), 0);
		EXPECT_TEXT(u.err.text, "");
		EXPECT_INT(look_at(&u, name).st_size, 64 << 20);
		EXPECT(look_at(&u, name).st_blocks < 100);
	}
}

TEST("every compression is read, and an archive in another one than its name says is "
     "refused")
{
	static const char *const programs[][2] = {
		{ "gzip", "gz" }, { "bzip2", "bz2" }, { "xz", "xz" }, { "zstd", "zst" }
	};
	auto_unpacking struct unpacking u = { 0 };

	if (!can_unpack())
		return;
	unpacking_init(&u, "compressed", false);
	for (size_t i = 0; i < 4; i++) {
		auto_free char *name = xasprintf("f%zu", i);
		auto_free char *path = xasprintf("%s/a.tar.%s", u.dir, programs[i][1]);
		auto_free char *plain = xasprintf("%s/a.tar", u.dir);
		auto_free char *wrong =
			xasprintf("%s/w%zu.tar.%s", u.dir, i, programs[(i + 1) % 4][1]);
		const char *const argv[] = { programs[i][0], "-q", "-k", "a.tar", NULL };

		strbuf_cut(&u.tar, 0);
		tar_add(&u.tar,
			&(struct tar_member){ .name = name, .mode = 0644, .data = "x" });
		tar_end(&u.tar);
		tar_save(&u.tar, plain);
		if (!in_dir(&u, argv))
			return;
		EXPECT_INT(unpack_file(&u, path), 0);
		EXPECT_TEXT(u.err.text, "");
		EXPECT(text_is(&u, name, "x"));
		EXPECT(rename(path, wrong) == 0);
		EXPECT(unpack_file(&u, wrong) < 0);
	}
}

TEST("an lzo archive is unpacked by the host's lzop, or its absence is named")
{
	auto_unpacking struct unpacking u = { 0 };
	auto_free char *path = NULL;
	static const char *const argv[] = { "lzop", "a.tar", "-o", "a.tar.lzo", NULL };

	if (!can_unpack())
		return;
	unpacking_init(&u, "lzo", false);
	path = xasprintf("%s/a.tar.lzo", u.dir);
	tar_add(&u.tar, &(struct tar_member){ .name = "f", .mode = 0644, .data = "x" });
	EXPECT_INT(unpack_tar(&u), 0);
	if (access("/usr/bin/lzop", X_OK) < 0) {
		tar_save(&u.tar, path);
		EXPECT(unpack_file(&u, path) < 0);
		EXPECT(strstr(u.err.text, "program 'lzop' is not installed") != NULL);
		return;
	}
	EXPECT(in_dir(&u, argv));
	EXPECT_INT(unpack_file(&u, path), 0);
	EXPECT_TEXT(u.err.text, "");
}

TEST("names that are not ASCII come through byte for byte")
{
	static const char *const names[] = { "e\314\201", "\303\251", "latin\351" };
	auto_unpacking struct unpacking u = { 0 };

	if (!can_unpack())
		return;
	unpacking_init(&u, "names", false);
	for (size_t i = 0; i < 3; i++) {
		auto_strbuf struct strbuf pax = STRBUF_INIT;
		auto_free char *link = xasprintf("%s.link", names[i]);

		tar_pax(&pax, "path", names[i], strlen(names[i]));
		tar_add(&u.tar,
			&(struct tar_member){
				.name = "x", .mode = 0644, .data = "x", .pax = &pax });
		strbuf_cut(&pax, 0);
		tar_pax(&pax, "path", link, strlen(link));
		tar_pax(&pax, "linkpath", names[i], strlen(names[i]));
		tar_add(&u.tar,
			&(struct tar_member){
				.name = "y", .type = '1', .link = "z", .pax = &pax });
	}
	EXPECT_INT(unpack_tar(&u), 0);
	EXPECT_TEXT(u.err.text, "");
	for (size_t i = 0; i < 3; i++)
		EXPECT_INT(look_at(&u, names[i]).st_nlink, 2);
}
