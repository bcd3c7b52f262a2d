/*
 * All rows. Those without operations are told apart, so that the stored ostype is
 * right, and get the steps that do not depend on the type.
 */
#include "guest/type.h"

#include "guest/files.h"
#include "guest/hostname.h"

#define WORDS(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

static bool says_ubuntu(const struct guest *guest)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, line;
	struct error err;

	if (guest_read(guest->root, "/etc/lsb-release", &text, &err) <= 0)
		return false;
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line))
		if (slice_is_nocase(line, "DISTRIB_ID=Ubuntu"))
			return true;
	return false;
}

static bool has_nix_store(const struct guest *guest)
{
	return guest_has_dir(guest->root, "/nix/store");
}

static const struct guest_type ubuntu = {
	.name = "ubuntu",
	.ids = WORDS("ubuntu"),
	.is_found = says_ubuntu,
	.hostname = hostname_write_short,
};

static const struct guest_type opensuse = {
	.name = "opensuse",
	.ids = WORDS("opensuse", "opensuse-leap", "opensuse-tumbleweed",
		     "opensuse-slowroll", "sles"),
	.marks = WORDS("/etc/SuSE-brand", "/etc/SuSE-release"),
	.hostname = hostname_write_short,
};

static const struct guest_type fedora = {
	.name = "fedora",
	.ids = WORDS("fedora"),
	.marks = WORDS("/etc/fedora-release"),
	.hostname = hostname_write_full,
};

static const struct guest_type centos = {
	.name = "centos",
	.ids = WORDS("centos", "rocky", "almalinux"),
	.marks = WORDS("/etc/centos-release", "/etc/redhat-release"),
	.hostname = hostname_write_full,
};

static const struct guest_type archlinux = {
	.name = "archlinux",
	.ids = WORDS("archlinux", "arch"),
	.marks = WORDS("/etc/arch-release"),
	.hostname = hostname_write_short,
};

static const struct guest_type gentoo = {
	.name = "gentoo",
	.ids = WORDS("gentoo"),
	.marks = WORDS("/etc/gentoo-release"),
	.hostname = hostname_write_confd,
};

static const struct guest_type nixos = {
	.name = "nixos",
	.ids = WORDS("nixos"),
	.is_found = has_nix_store,
	.hostname = hostname_write_short,
	.flags = GUEST_NO_TIMEZONE,
};

static const struct guest_type openeuler = {
	.name = "openeuler",
	.ids = WORDS("openeuler", "openEuler"),
	.marks = WORDS("/etc/openEuler-release"),
	.hostname = hostname_write_full,
};

const struct guest_type guest_unmanaged = {
	.name = "unmanaged",
	.flags = GUEST_UNMANAGED,
};

const struct guest_type *const guest_types[] = {
	&ubuntu,    &guest_debian,    &guest_devuan, &opensuse, &fedora,
	&centos,    &archlinux,       &guest_alpine, &gentoo,   &nixos,
	&openeuler, &guest_unmanaged, NULL,
};
