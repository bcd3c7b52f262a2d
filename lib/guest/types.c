/* All rows; each is told in the file of its family. */
#include "guest/type.h"

const struct guest_type guest_unmanaged = {
	.name = "unmanaged",
	.flags = GUEST_UNMANAGED,
};

const struct guest_type *const guest_types[] = {
	&guest_ubuntu,    &guest_debian,    &guest_devuan, &guest_opensuse, &guest_fedora,
	&guest_centos,    &guest_archlinux, &guest_alpine, &guest_gentoo,   &guest_nixos,
	&guest_openeuler, &guest_unmanaged, NULL,
};
