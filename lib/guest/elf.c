#include "guest/elf.h"

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/slice.h"

#define SEGMENTS_MAX 128
#define DYNAMIC_MAX  2048 /* entries that are looked at */
#define NAME_MAX_LEN 128

const char *elf_arch(int fd)
{
	unsigned char head[20];

	if (pread(fd, head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head, ELFMAG, SELFMAG) != 0)
		return NULL;
	switch (head[18]) {
	case 0x03: return "i386";
	case 0x3e: return "amd64";
	case 0x28: return "armhf";
	case 0xb7: return "arm64";
	case 0xf3:
		return head[EI_CLASS] == ELFCLASS32   ? "riscv32"
		       : head[EI_CLASS] == ELFCLASS64 ? "riscv64"
						      : NULL;
	default: return NULL;
	}
}

/* Where segments lie; the two classes of ELF files differ only in field sizes. */
struct segment {
	uint32_t type;
	uint64_t offset, address, size;
};

struct elf {
	int fd;
	bool wide; /* 64 bits */
	struct segment segment[SEGMENTS_MAX];
	unsigned count;
};

static bool read_at(int fd, uint64_t offset, void *out, size_t len)
{
	return offset <= INT64_MAX - len &&
	       pread(fd, out, len, (off_t)offset) == (ssize_t)len;
}

static bool read_segment(const struct elf *elf, uint64_t offset, struct segment *out)
{
	Elf64_Phdr wide;
	Elf32_Phdr narrow;

	if (elf->wide) {
		if (!read_at(elf->fd, offset, &wide, sizeof(wide)))
			return false;
		*out = (struct segment){ wide.p_type, wide.p_offset, wide.p_vaddr,
					 wide.p_filesz };
		return true;
	}
	if (!read_at(elf->fd, offset, &narrow, sizeof(narrow)))
		return false;
	*out = (struct segment){ narrow.p_type, narrow.p_offset, narrow.p_vaddr,
				 narrow.p_filesz };
	return true;
}

static bool read_segments(struct elf *elf, uint64_t offset, unsigned count)
{
	size_t size = elf->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);

	if (count > SEGMENTS_MAX)
		return false;
	for (; elf->count < count; elf->count++) {
		uint64_t at;

		if (__builtin_add_overflow(offset, elf->count * size, &at) ||
		    !read_segment(elf, at, &elf->segment[elf->count]))
			return false;
	}
	return true;
}

static bool open_elf(int fd, struct elf *elf)
{
	union {
		unsigned char ident[EI_NIDENT];
		Elf64_Ehdr wide;
		Elf32_Ehdr narrow;
	} head = { 0 };

	*elf = (struct elf){ .fd = fd };
	if (!read_at(fd, 0, &head, sizeof(head)) ||
	    memcmp(head.ident, ELFMAG, SELFMAG) != 0 || head.ident[EI_DATA] != ELFDATA2LSB)
		return false;
	elf->wide = head.ident[EI_CLASS] == ELFCLASS64;
	if (elf->wide)
		return head.wide.e_phentsize == sizeof(Elf64_Phdr) &&
		       read_segments(elf, head.wide.e_phoff, head.wide.e_phnum);
	return head.ident[EI_CLASS] == ELFCLASS32 &&
	       head.narrow.e_phentsize == sizeof(Elf32_Phdr) &&
	       read_segments(elf, head.narrow.e_phoff, head.narrow.e_phnum);
}

/* Entry number index of the dynamic segment; false past its end. */
static bool read_dynamic(const struct elf *elf, const struct segment *dynamic,
			 unsigned index, int64_t *tag, uint64_t *value)
{
	size_t size = elf->wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	uint64_t at;
	Elf64_Dyn wide;
	Elf32_Dyn narrow;

	if (index >= DYNAMIC_MAX || (index + 1) * size > dynamic->size ||
	    __builtin_add_overflow(dynamic->offset, index * size, &at))
		return false;
	if (elf->wide) {
		if (!read_at(elf->fd, at, &wide, sizeof(wide)))
			return false;
		*tag = wide.d_tag;
		*value = wide.d_un.d_val;
	} else {
		if (!read_at(elf->fd, at, &narrow, sizeof(narrow)))
			return false;
		*tag = narrow.d_tag;
		*value = narrow.d_un.d_val;
	}
	return *tag != DT_NULL;
}

static bool offset_of(const struct elf *elf, uint64_t address, uint64_t *offset)
{
	for (unsigned i = 0; i < elf->count; i++) {
		const struct segment *segment = &elf->segment[i];

		if (segment->type == PT_LOAD && address >= segment->address &&
		    address - segment->address < segment->size)
			return !__builtin_add_overflow(segment->offset,
						       address - segment->address, offset);
	}
	return false;
}

/* Groups of one of "-_." and letters or digits. */
static bool is_suffix(struct slice text)
{
	size_t i = 0;

	while (i < text.len) {
		size_t start = ++i;

		if (!strchr("-_.", text.at[start - 1]))
			return false;
		while (i < text.len &&
		       ((text.at[i] >= '0' && text.at[i] <= '9') ||
			((text.at[i] | 32) >= 'a' && (text.at[i] | 32) <= 'z')))
			i++;
		if (i == start)
			return false;
	}
	return true;
}

/* libsystemd-shared-N.so, N perhaps with a suffix. */
static unsigned version_in(struct slice name)
{
	struct slice digits;
	size_t len;
	uint64_t version;

	if (!slice_starts(name, "libsystemd-shared-") || !slice_ends(name, ".so"))
		return 0;
	digits = slice_from(name, strlen("libsystemd-shared-"));
	digits.len -= strlen(".so");
	len = slice_digits(digits);
	if (!slice_number(slice_of(digits.at, len), 1, 1000000, &version) ||
	    !is_suffix(slice_from(digits, len)))
		return 0;
	return (unsigned)version;
}

static unsigned version_at(const struct elf *elf, uint64_t offset)
{
	char name[NAME_MAX_LEN + 1] = { 0 };

	if (offset > INT64_MAX - NAME_MAX_LEN ||
	    pread(elf->fd, name, NAME_MAX_LEN, (off_t)offset) <= 0)
		return 0;
	return version_in(slice(name));
}

static bool find_names(const struct elf *elf, const struct segment *dynamic,
		       uint64_t *offset)
{
	uint64_t value;
	int64_t tag;

	for (unsigned i = 0; read_dynamic(elf, dynamic, i, &tag, &value); i++)
		if (tag == DT_STRTAB)
			return offset_of(elf, value, offset);
	return false;
}

unsigned elf_systemd_version(int fd)
{
	const struct segment *dynamic = NULL;
	uint64_t names, value, at;
	unsigned version = 0;
	struct elf elf;
	int64_t tag;

	if (!open_elf(fd, &elf))
		return 0;
	for (unsigned i = 0; i < elf.count && !dynamic; i++)
		if (elf.segment[i].type == PT_DYNAMIC)
			dynamic = &elf.segment[i];
	if (!dynamic || !find_names(&elf, dynamic, &names))
		return 0;
	for (unsigned i = 0; !version && read_dynamic(&elf, dynamic, i, &tag, &value); i++)
		if (tag == DT_NEEDED && !__builtin_add_overflow(names, value, &at))
			version = version_at(&elf, at);
	return version;
}
