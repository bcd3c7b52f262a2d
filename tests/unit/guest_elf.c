#include "guest/elf.h"

#include <sys/mman.h>

#include "guest_tree.h"
#include "test.h"

static unsigned version_of(const struct tree_elf *elf, size_t len)
{
	auto_close int fd = memfd_create("elf", MFD_CLOEXEC);
	struct error err;

	EXPECT(write_all(fd, elf, len, &err) == 0);
	return elf_systemd_version(fd);
}

static unsigned version_for(const char *library)
{
	struct tree_elf elf;

	tree_make_elf(library, &elf);
	return version_of(&elf, sizeof(elf));
}

TEST("systemd's version is that of the shared library it needs")
{
	EXPECT_INT(version_for("libsystemd-shared-252.so"), 252);
	EXPECT_INT(version_for("libsystemd-shared-255.4-1.fc40.so"), 255);
	EXPECT_INT(version_for("libsystemd-shared-257_a.so"), 257);
	EXPECT_INT(version_for("libsystemd-shared-.so"), 0);
	EXPECT_INT(version_for("libsystemd-shared-252..so"), 0);
	EXPECT_INT(version_for("libsystemd-shared-99999999999.so"), 0);
	EXPECT_INT(version_for("libsystemd-shared-252.so.1"), 0);
	EXPECT_INT(version_for("libc.so.6"), 0);
}

TEST("the machine of a program names the architecture")
{
	static const struct {
		unsigned char machine, class;
		const char *arch;
	} rows[] = {
		{ 0x03, 1, "i386" },  { 0x3e, 2, "amd64" },   { 0x28, 1, "armhf" },
		{ 0xb7, 2, "arm64" }, { 0xf3, 1, "riscv32" }, { 0xf3, 2, "riscv64" },
		{ 0xf3, 3, NULL },    { 0x15, 2, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_close int fd = memfd_create("elf", MFD_CLOEXEC);
		unsigned char head[20] = { 0x7f, 'E', 'L', 'F', rows[i].class };
		struct error err;

		head[18] = rows[i].machine;
		EXPECT(elf_arch(fd) == NULL);
		EXPECT(write_all(fd, head, sizeof(head), &err) == 0);
		EXPECT_TEXT(elf_arch(fd), rows[i].arch);
	}
}

TEST("every truncation of a program is read without harm")
{
	struct tree_elf elf;

	tree_make_elf("libsystemd-shared-252.so", &elf);
	for (size_t len = 0; len < sizeof(elf); len++)
		(void)version_of(&elf, len);
}

TEST("huge offsets, sizes and counts are refused")
{
	static const uint64_t values[] = { UINT64_MAX, INT64_MAX, 1ULL << 62, 0xffff0000 };

	for (size_t i = 0; i < 4; i++) {
		struct tree_elf elf;

		for (int field = 0; field < 7; field++) {
			tree_make_elf("libsystemd-shared-252.so", &elf);
			uint64_t *const fields[] = {
				&elf.head.e_phoff,     &elf.dynamic.p_offset,
				&elf.dynamic.p_filesz, &elf.load.p_vaddr,
				&elf.load.p_offset,    &elf.needed.d_un.d_val,
				&elf.names.d_un.d_val,
			};
			*fields[field] = values[i];
			/* A dynamic segment that is too long still has its entries. */
			EXPECT_INT(version_of(&elf, sizeof(elf)), field == 2 ? 252 : 0);
		}
		tree_make_elf("libsystemd-shared-252.so", &elf);
		elf.head.e_phnum = 0xffff;
		EXPECT_INT(version_of(&elf, sizeof(elf)), 0);
	}
}

TEST("random damage never crashes the reader")
{
	unsigned state = 1;

	for (int round = 0; round < 20000; round++) {
		struct tree_elf elf;

		tree_make_elf("libsystemd-shared-252.so", &elf);
		for (int hits = 0; hits < 4; hits++) {
			state = state * 1103515245 + 12345;
			((unsigned char *)&elf)[(state >> 8) % 300] =
				(unsigned char)(state >> 20);
		}
		(void)version_of(&elf, sizeof(elf));
	}
}
