/* Which distribution and version a tree is: the tables of guest-setup.md 3 and 9.12. */
#include <string.h>

#include "guest/detect.h"
#include "guest_tree.h"
#include "test.h"

/* A tree and what is told of it: type, version and note, or type and error. */
struct row {
	const char *tree, *type;
	unsigned major, minor;
	const char *note, *error;
};

/* A guest to look at: a tree, and what is noted of it. */
struct subject {
	struct guest_root root;
	struct notes notes;
	struct guest guest;
};

static void subject_done(struct subject *subject)
{
	close_fd(&subject->root.fd);
	notes_done(&subject->notes);
}

#define auto_subject __attribute__((cleanup(subject_done)))

static void subject_init(struct subject *subject, const char *tree)
{
	*subject = (struct subject){
		.root = { .fd = tree_new(test_dir(), "root") },
		.guest = { .root = &subject->root, .notes = &subject->notes },
	};
	tree_make(subject->root.fd, slice(tree));
}

/* What is told of it, in one line. */
static char *detect(struct subject *subject)
{
	struct guest *guest = &subject->guest;
	struct error err;

	if (detect_type(guest, NULL, &err) < 0)
		return xasprintf("%s: %s", guest->type ? guest->type->name : "?", err.text);
	return xasprintf("%s %u.%u, %zu: %s", guest->type->name, guest->version.major,
			 guest->version.minor, subject->notes.count,
			 subject->notes.count ? subject->notes.text[0] : "");
}

static void check_row(const struct row *row)
{
	auto_free char *told = NULL, *got = NULL, *want = NULL;
	auto_subject struct subject subject;

	subject_init(&subject, row->tree);
	told = detect(&subject);
	got = xasprintf("%s%s", row->tree, told);
	if (row->error)
		want = xasprintf("%s%s: %s", row->tree, row->type, row->error);
	else
		want = xasprintf("%s%s %u.%u, %d: %s", row->tree, row->type, row->major,
				 row->minor, row->note != NULL, row->note ? row->note : "");
	EXPECT_TEXT(got, want);
}

#define CHECK_ROWS(rows)                                                  \
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) \
	check_row(&(rows)[row])

#define ID(id) "== etc/os-release\nID=\"" id "\"\nVERSION_ID=\"24.03\"\n"

TEST("each ID of os-release leads to its type, exactly as it is written")
{
	static const struct row rows[] = {
		{ ID("alpine"), "alpine", 0, 0, NULL, NULL },
		{ ID("archlinux"), "archlinux", 0, 0, NULL, NULL },
		{ ID("arch"), "archlinux", 0, 0, NULL, NULL },
		{ ID("centos") "== etc/redhat-release\nx release 9\n", "centos", 9, 0, NULL,
		  NULL },
		{ ID("rocky") "== etc/redhat-release\nx release 9\n", "centos", 9, 0, NULL,
		  NULL },
		{ ID("almalinux") "== etc/redhat-release\nx release 9\n", "centos", 9, 0,
		  NULL, NULL },
		{ ID("debian") "== etc/debian_version\n12.7\n", "debian", 12, 0, NULL,
		  NULL },
		{ ID("devuan") "== etc/devuan_version\njessie\n", "devuan", 8, 0, NULL,
		  NULL },
		{ "== etc/os-release\nID=fedora\nVERSION_ID=40\n", "fedora", 40, 0, NULL,
		  NULL },
		{ ID("gentoo") "== etc/gentoo-release\nGentoo Base System release 2\n",
		  "gentoo", 0, 0, NULL, NULL },
		{ ID("nixos"), "nixos", 0, 0, NULL, NULL },
		{ ID("openeuler"), "openeuler", 24, 3, NULL, NULL },
		{ ID("openEuler"), "openeuler", 24, 3, NULL, NULL },
		{ "== etc/os-release\nID=\"opensuse\"\nVERSION_ID=\"42.3\"\n", "opensuse",
		  42, 3, NULL, NULL },
		{ "== etc/os-release\nID=\"opensuse-leap\"\nVERSION_ID=\"15.6\"\n",
		  "opensuse", 15, 6, NULL, NULL },
		{ "== etc/os-release\nID=\"opensuse-tumbleweed\"\nVERSION_ID=\"20240131\"\n",
		  "opensuse", 20240131, 0, NULL, NULL },
		{ "== etc/os-release\nID=\"opensuse-slowroll\"\nVERSION_ID=\"20250101\"\n",
		  "opensuse", 20250101, 0, NULL, NULL },
		{ "== etc/os-release\nID=\"sles\"\nVERSION_ID=\"12.5\"\n", "opensuse", 12,
		  5, NULL, NULL },
		{ ID("ubuntu") "== etc/lsb-release\nDISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=24.04\n",
		  "ubuntu", 24, 4, NULL, NULL },
		{ ID("Debian") "== etc/debian_version\n12.7\n", "debian", 12, 0,
		  "os-release has the unknown ID 'Debian'", NULL },
		{ ID("debian ") "== etc/arch-release\n", "archlinux", 0, 0,
		  "os-release has the unknown ID 'debian '", NULL },
		{ ID("") "== etc/arch-release\n", "archlinux", 0, 0, NULL, NULL },
		{ "== etc/os-release\nNAME=x\n== etc/arch-release\n", "archlinux", 0, 0,
		  NULL, NULL },
		{ "== etc/os-release -> ../usr/lib/os-release\n== usr/lib/os-release\nID=arch\n",
		  "archlinux", 0, 0, NULL, NULL },
		{ "== etc/os-release -> gone\n== usr/lib/os-release\nID=arch\n",
		  "archlinux", 0, 0, NULL, NULL },
		{ "== etc/os-release\nID=arch\n== usr/lib/os-release\nID=nixos\n",
		  "archlinux", 0, 0, NULL, NULL },
	};

	CHECK_ROWS(rows);
}

/* Each row has the marks of all that are asked later as well. */
#define LAST                                        \
	"== etc/openEuler-release\n== nix/store/\n" \
	"== etc/gentoo-release\nGentoo Base System release 2\n"
#define FROM_ALPINE LAST "== etc/alpine-release\n3.20.1\n"
#define FROM_ARCH   FROM_ALPINE "== etc/arch-release\n"
#define FROM_REDHAT FROM_ARCH "== etc/redhat-release\nx release 7.9.2009 (Core)\n"
#define FROM_CENTOS FROM_REDHAT "== etc/centos-release\n"
#define FROM_FEDORA FROM_CENTOS "== etc/fedora-release\n== etc/os-release\nVERSION_ID=40\n"
#define FROM_SUSE                                                  \
	FROM_CENTOS "== etc/fedora-release\n== etc/SuSE-release\n" \
		    "== etc/os-release\nVERSION_ID=\"15.5\"\n"
#define FROM_DEVUAN FROM_SUSE "== etc/devuan_version\nDaedalus\n"
#define FROM_DEBIAN FROM_DEVUAN "== etc/debian_version\n12.7\n"
#define FROM_UBUNTU \
	FROM_DEBIAN "== etc/lsb-release\nx\nDISTRIB_id=UBUNTU\nDISTRIB_RELEASE=24.04\n"

TEST("without a known ID the marks tell the type, in their order")
{
	static const struct row rows[] = {
		{ FROM_UBUNTU, "ubuntu", 24, 4, NULL, NULL },
		{ FROM_DEBIAN, "debian", 12, 0, NULL, NULL },
		{ FROM_DEBIAN "== etc/lsb-release\n DISTRIB_ID=Ubuntu\n", "debian", 12, 0,
		  NULL, NULL },
		{ FROM_DEVUAN, "devuan", 12, 0, NULL, NULL },
		{ FROM_SUSE, "opensuse", 15, 5, NULL, NULL },
		{ "== etc/SuSE-brand\n== etc/os-release\nVERSION_ID=\"15.5\"\n", "opensuse",
		  15, 5, NULL, NULL },
		{ FROM_FEDORA, "fedora", 40, 0, NULL, NULL },
		{ FROM_CENTOS, "centos", 7, 9, NULL, NULL },
		{ FROM_REDHAT, "centos", 7, 9, NULL, NULL },
		{ FROM_ARCH, "archlinux", 0, 0, NULL, NULL },
		{ FROM_ALPINE, "alpine", 3, 20, NULL, NULL },
		{ LAST, "gentoo", 0, 0, NULL, NULL },
		{ "== nix/store/\n", "nixos", 0, 0, NULL, NULL },
		{ "== etc/openEuler-release\n== usr/lib/os-release\nVERSION_ID=\"24.03\"\n",
		  "openeuler", 24, 3, NULL, NULL },
		{ "== nix/store\n", "unmanaged", 0, 0,
		  "the OS is not known: the container is treated as unmanaged", NULL },
		{ "== etc/arch-release/\n== etc/alpine-release fifo\n", "unmanaged", 0, 0,
		  "the OS is not known: the container is treated as unmanaged", NULL },
		{ "== etc/os-release\nNAME=x\n", "?", 0, 0, NULL,
		  "cannot tell which OS this is from '/etc/os-release'" },
		{ "== etc/os-release/\n", "unmanaged", 0, 0,
		  "the OS is not known: the container is treated as unmanaged", NULL },
	};

	CHECK_ROWS(rows);
}

#define DEBIAN(text) "== etc/debian_version\n" text "\n"

TEST("debian versions are numbers, or names of what becomes one")
{
	static const struct row rows[] = {
		{ DEBIAN("4.0"), "debian", 4, 0, NULL, NULL },
		{ DEBIAN("12.7"), "debian", 12, 0, NULL, NULL },
		{ DEBIAN("14.1rc2"), "debian", 14, 0, NULL, NULL },
		{ DEBIAN("stretch/sid"), "debian", 9, 0, NULL, NULL },
		{ DEBIAN("buster/sid"), "debian", 10, 0, NULL, NULL },
		{ DEBIAN("bullseye/sid"), "debian", 11, 0, NULL, NULL },
		{ DEBIAN("bookworm/sid"), "debian", 12, 0, NULL, NULL },
		{ DEBIAN("trixie/sid"), "debian", 13, 0, NULL, NULL },
		{ DEBIAN("forky/sid"), "debian", 14, 0, NULL, NULL },
		{ DEBIAN("kali-rolling"), "debian", 12, 0, NULL, NULL },
		{ DEBIAN("15.0"), "debian", 15, 0,
		  "debian version '15.0' is newer than 14, the last that is known", NULL },
		{ DEBIAN("duke/sid"), "debian", 15, 0,
		  "debian version 'duke/sid' is newer than 14, the last that is known",
		  NULL },
		{ DEBIAN("3.1"), "debian", 0, 0, NULL, "unsupported debian version '3.1'" },
		{ DEBIAN("sid"), "debian", 0, 0, NULL, "unsupported debian version 'sid'" },
		{ DEBIAN("Forky/sid"), "debian", 0, 0, NULL,
		  "unsupported debian version 'Forky/sid'" },
		{ DEBIAN("-12"), "debian", 0, 0, NULL, "unsupported debian version '-12'" },
		{ DEBIAN(""), "debian", 0, 0, NULL,
		  "the guest's release file has no debian version" },
		{ ID("debian"), "debian", 0, 0, NULL,
		  "the file '/etc/debian_version' is missing" },
	};

	CHECK_ROWS(rows);
}

#define DEVUAN(text) "== etc/devuan_version\n" text "\n"

TEST("devuan versions are names, with or without ceres, in any case of letters")
{
	static const struct row rows[] = {
		{ DEVUAN("jessie"), "devuan", 8, 0, NULL, NULL },
		{ DEVUAN("ascii"), "devuan", 9, 0, NULL, NULL },
		{ DEVUAN("ascii/ceres"), "devuan", 9, 0, NULL, NULL },
		{ DEVUAN("beowulf"), "devuan", 10, 0, NULL, NULL },
		{ DEVUAN("beowulf/ceres"), "devuan", 10, 0, NULL, NULL },
		{ DEVUAN("chimaera"), "devuan", 11, 0, NULL, NULL },
		{ DEVUAN("chimaera/ceres"), "devuan", 11, 0, NULL, NULL },
		{ DEVUAN("daedalus"), "devuan", 12, 0, NULL, NULL },
		{ DEVUAN("daedalus/ceres"), "devuan", 12, 0, NULL, NULL },
		{ DEVUAN("Excalibur"), "devuan", 13, 0, NULL, NULL },
		{ DEVUAN("EXCALIBUR/Ceres"), "devuan", 13, 0, NULL, NULL },
		{ DEVUAN("jessie/ceres"), "devuan", 0, 0, NULL,
		  "unsupported devuan version 'jessie/ceres'" },
		{ DEVUAN("ceres"), "devuan", 0, 0, NULL,
		  "unsupported devuan version 'ceres'" },
		{ DEVUAN("12"), "devuan", 0, 0, NULL, "unsupported devuan version '12'" },
	};

	CHECK_ROWS(rows);
}

#define REDHAT(text) ID("centos") "== etc/redhat-release\n" text "\n"

TEST("centos versions from 5 to 10 stand behind the word release")
{
	static const struct row rows[] = {
		{ REDHAT("CentOS release 5"), "centos", 5, 0, NULL, NULL },
		{ REDHAT("CentOS release 6.10 (Final)"), "centos", 6, 10, NULL, NULL },
		{ REDHAT("CentOS Linux release 7.9.2009 (Core)"), "centos", 7, 9, NULL,
		  NULL },
		{ REDHAT("CentOS Stream release 10 (Coughlan)"), "centos", 10, 0, NULL,
		  NULL },
		{ REDHAT("AlmaLinux release\t10.1"), "centos", 10, 1, NULL, NULL },
		{ REDHAT("CentOS release 4.9"), "centos", 0, 0, NULL,
		  "unsupported centos version 'CentOS release 4.9'" },
		{ REDHAT("CentOS release 11"), "centos", 0, 0, NULL,
		  "unsupported centos version 'CentOS release 11'" },
		{ REDHAT("CentOS 7"), "centos", 0, 0, NULL,
		  "unsupported centos version 'CentOS 7'" },
		{ ID("rocky"), "centos", 0, 0, NULL,
		  "the file '/etc/redhat-release' is missing" },
	};

	CHECK_ROWS(rows);
}

#define RELEASE(id, version) "== etc/os-release\nID=\"" id "\"\nVERSION_ID=" version "\n"

TEST("fedora from 22 and openeuler from 24 go by VERSION_ID")
{
	static const struct row rows[] = {
		{ RELEASE("fedora", "22"), "fedora", 22, 0, NULL, NULL },
		{ RELEASE("fedora", "99"), "fedora", 99, 0, NULL, NULL },
		{ RELEASE("fedora", "21"), "fedora", 0, 0, NULL,
		  "unsupported fedora version '21'" },
		{ "== etc/os-release\nID=fedora\n", "fedora", 0, 0, NULL,
		  "the guest's release file has no fedora version" },
		{ RELEASE("openEuler", "\"24.03\""), "openeuler", 24, 3, NULL, NULL },
		{ RELEASE("openEuler", "\"25.09\""), "openeuler", 25, 9, NULL, NULL },
		{ RELEASE("openEuler", "\"22.03\""), "openeuler", 0, 0, NULL,
		  "unsupported openeuler version '22.03'" },
		{ ID("openEuler") "VERSION_ID=\"open\n", "openeuler", 0, 0, NULL,
		  "the guest's release file has no openeuler version" },
	};

	CHECK_ROWS(rows);
}

#define REFUSED(id, version)                                            \
	{                                                               \
		RELEASE(id, "\"" version "\""), "opensuse", 0, 0, NULL, \
			"unsupported opensuse version '" version "'"    \
	}

TEST("opensuse versions are those of Leap, dates, and of SLES")
{
	static const struct row rows[] = {
		{ RELEASE("opensuse-leap", "\"42.1\""), "opensuse", 42, 1, NULL, NULL },
		{ RELEASE("opensuse", "\"13.2\""), "opensuse", 13, 2, NULL, NULL },
		{ RELEASE("opensuse-leap", "\"15.0\""), "opensuse", 15, 0, NULL, NULL },
		{ RELEASE("opensuse-leap", "\"16.0\""), "opensuse", 16, 0, NULL, NULL },
		{ RELEASE("opensuse-tumbleweed", "\"20171231\""), "opensuse", 20171231, 0,
		  NULL, NULL },
		{ RELEASE("sles", "\"12.5\""), "opensuse", 12, 5, NULL, NULL },
		REFUSED("opensuse", "13.3"),
		REFUSED("opensuse", "12.5"),
		REFUSED("opensuse-leap", "14.0"),
		REFUSED("opensuse-leap", "41.9"),
		REFUSED("opensuse-leap", "15"),
		REFUSED("opensuse-tumbleweed", "20161231"),
		REFUSED("opensuse-tumbleweed", "20241301"),
		REFUSED("opensuse-tumbleweed", "20241232"),
		REFUSED("opensuse-tumbleweed", "2024"),
		/* Without quotes only the leading letters and digits are the value. */
		{ RELEASE("opensuse-leap", "15.5"), "opensuse", 0, 0, NULL,
		  "unsupported opensuse version '15'" },
	};

	CHECK_ROWS(rows);
}

#define UBUNTU(version) \
	"== etc/lsb-release\nDISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=" version "\n"

TEST("ubuntu versions compare as decimal numbers, those from 17 on may be unknown")
{
	static const struct row rows[] = {
		{ UBUNTU("12.04"), "ubuntu", 12, 4, NULL, NULL },
		{ UBUNTU("14.04"), "ubuntu", 14, 4, NULL, NULL },
		{ UBUNTU("15.04"), "ubuntu", 15, 4, NULL, NULL },
		{ UBUNTU("15.10"), "ubuntu", 15, 10, NULL, NULL },
		{ UBUNTU("16.10"), "ubuntu", 16, 10, NULL, NULL },
		{ UBUNTU("17.04"), "ubuntu", 17, 4, NULL, NULL },
		{ UBUNTU("26.10"), "ubuntu", 26, 10, NULL, NULL },
		{ UBUNTU("23.1"), "ubuntu", 23, 10,
		  "ubuntu version '23.1' is not one that is known", NULL },
		{ UBUNTU("23.039"), "ubuntu", 23, 3,
		  "ubuntu version '23.039' is not one that is known", NULL },
		{ UBUNTU("100.04"), "ubuntu", 100, 4,
		  "ubuntu version '100.04' is not one that is known", NULL },
		{ UBUNTU("12.10"), "ubuntu", 0, 0, NULL,
		  "unsupported ubuntu version '12.10'" },
		{ UBUNTU("13.04"), "ubuntu", 0, 0, NULL,
		  "unsupported ubuntu version '13.04'" },
		{ UBUNTU("14.10"), "ubuntu", 0, 0, NULL,
		  "unsupported ubuntu version '14.10'" },
		{ UBUNTU("16.4"), "ubuntu", 0, 0, NULL,
		  "unsupported ubuntu version '16.4'" },
		{ UBUNTU("24"), "ubuntu", 0, 0, NULL,
		  "'/etc/lsb-release' tells no version" },
		{ UBUNTU("24.04 "), "ubuntu", 0, 0, NULL,
		  "'/etc/lsb-release' tells no version" },
		{ UBUNTU("24.x") "DISTRIB_RELEASE=22.04\nDISTRIB_RELEASE=24.04\n", "ubuntu",
		  22, 4, NULL, NULL },
	};

	CHECK_ROWS(rows);
}

TEST("alpine may have any version, and none")
{
	static const struct row rows[] = {
		{ ID("alpine") "== etc/alpine-release\n3.9.6\n", "alpine", 3, 9, NULL,
		  NULL },
		{ ID("alpine") "== etc/alpine-release\n3.23_alpha20250612\n", "alpine", 3,
		  23, NULL, NULL },
		{ ID("alpine") "== etc/alpine-release\nedge\n", "alpine", 0, 0, NULL,
		  NULL },
		{ ID("alpine") "== etc/alpine-release\n", "alpine", 0, 0, NULL, NULL },
	};

	CHECK_ROWS(rows);
}

/* The architecture of a tree of this type, and the note. */
static void expect_arch(const struct guest_type *type, const char *tree, const char *want)
{
	auto_subject struct subject subject;
	const char *arch;

	subject_init(&subject, tree);
	subject.guest.type = type;
	arch = detect_arch(&subject.guest);
	EXPECT_TEXT(arch ? arch : subject.notes.text[0], want);
	EXPECT_INT(subject.notes.count, arch ? 0 : 1);
}

TEST("the architecture is that of the shell, on NixOS of the shell that init runs in")
{
	static const char nowhere[] = "cannot detect the architecture: "
				      "'/sbin/init' names no interpreter";

	expect_arch(&guest_debian, "== usr/bin/sh elf -\n== bin -> usr/bin\n", "amd64");
	expect_arch(
		&guest_nixos,
		"== nix/store/a-bash/bin/bash elf -\n== sbin/init\n#! /nix/store/a-bash/bin/bash -e\n",
		"amd64");
	expect_arch(&guest_nixos,
		    "== b elf -\n== sbin/init -> /nix/init\n== nix/init no-lf\n#!/b\t-e\n",
		    "amd64");
	expect_arch(&guest_nixos, "== bin/sh elf -\n== sbin/init\n# /bin/sh\n", nowhere);
	expect_arch(&guest_nixos, "== bin/sh elf -\n== sbin/init\n#! bin/sh\n", nowhere);
	expect_arch(&guest_nixos, "== bin/sh elf -\n== sbin/init\n#!\n", nowhere);
	expect_arch(&guest_nixos, "== bin/sh elf -\n", nowhere);
	expect_arch(&guest_nixos, "== b\nx\n== sbin/init\n#!/b\n",
		    "cannot detect the architecture: '/b' is no program of a known one");
	expect_arch(
		&guest_nixos, "== sbin/init\n#!/../gone\n",
		"cannot detect the architecture: cannot open '/../gone' inside the guest: "
		"No such file or directory");
}
