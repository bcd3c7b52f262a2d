/*
 * Guest trees as text, for the tests of lib/guest. A tree is a list of entries:
 *
 *	== etc/hosts                 a file; its lines follow
 *	== etc/shadow 0640           with a mode other than 0644
 *	== etc/timezone no-lf        without the LF at its end
 *	== etc/localtime -> ../x     a symbolic link
 *	== etc/cron.d/               a directory (parents need no entry); 0700 as above
 *	== etc/hostname fifo         also: socket
 *	== lib/systemd/systemd elf libsystemd-shared-252.so
 *	                             a program that needs this library; "-" for none
 *
 * tree_read prints the same form, sorted, with every directory.
 */
#pragma once

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/strbuf.h"
#include "base/tree.h"

#define TREE_UNUSED __attribute__((unused))

struct tree_elf {
	Elf64_Ehdr head;
	Elf64_Phdr load, dynamic;
	Elf64_Dyn needed, names, end;
	char text[128];
};

/* A 64-bit program that needs one library, "-" for none. */
static TREE_UNUSED void tree_make_elf(const char *library, struct tree_elf *elf)
{
	*elf = (struct tree_elf){
		.head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
			  .e_type = ET_DYN,
			  .e_machine = EM_X86_64,
			  .e_phoff = offsetof(struct tree_elf, load),
			  .e_phentsize = sizeof(Elf64_Phdr),
			  .e_phnum = 2 },
		.load = { .p_type = PT_LOAD, .p_vaddr = 0x1000, .p_filesz = sizeof(*elf) },
		.dynamic = { .p_type = PT_DYNAMIC,
			     .p_offset = offsetof(struct tree_elf, needed),
			     .p_filesz = 3 * sizeof(Elf64_Dyn) },
		.needed = { .d_tag = DT_NEEDED, .d_un = { .d_val = 1 } },
		.names = { .d_tag = DT_STRTAB,
			   .d_un = { .d_val = 0x1000 + offsetof(struct tree_elf, text) } },
	};
	snprintf(elf->text + 1, sizeof(elf->text) - 1, "%s", library);
}

static TREE_UNUSED void tree_fail(const char *what, const char *path)
{
	printf("# %s '%s': %s\n", what, path, strerror(errno));
	exit(2);
}

static void tree_make_parents(int root, const char *path)
{
	auto_free char *part = xstrdup(path);

	for (char *slash = strchr(part, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdirat(root, part, 0755) < 0 && errno != EEXIST)
			tree_fail("cannot make directory", part);
		*slash = '/';
	}
}

static TREE_UNUSED void tree_put(int root, const char *path, struct slice text, mode_t mode)
{
	struct error err;
	auto_close int fd = -1;

	tree_make_parents(root, path);
	fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write_all(fd, text.at, text.len, &err) < 0 || fchmod(fd, mode) < 0)
		tree_fail("cannot write", path);
}

static TREE_UNUSED void tree_puts(int root, const char *path, const char *text)
{
	tree_put(root, path, slice(text), 0644);
}

static TREE_UNUSED void tree_link(int root, const char *target, const char *path)
{
	tree_make_parents(root, path);
	if (symlinkat(target, root, path) < 0)
		tree_fail("cannot link", path);
}

static TREE_UNUSED void tree_make_special(int root, const char *path, bool fifo)
{
	tree_make_parents(root, path);
	if (mknodat(root, path, (fifo ? S_IFIFO : S_IFSOCK) | 0644, 0) < 0)
		tree_fail("cannot make", path);
}

static void tree_make_entry(int root, struct slice head, struct slice text)
{
	struct slice rest = head, word, target;
	auto_free char *path = NULL, *link = NULL;
	mode_t mode = 0644;
	struct tree_elf elf;

	word = slice_cut(rest, ' ', &rest);
	path = slice_dup(word);
	if (slice_starts(rest, "-> ")) {
		link = slice_dup(slice_from(rest, 3));
		tree_link(root, link, path);
		return;
	}
	if (slice_ends(word, "/"))
		mode = 0755;
	while (slice_word(&rest, &word)) {
		if (slice_is(word, "fifo") || slice_is(word, "socket")) {
			tree_make_special(root, path, slice_is(word, "fifo"));
			return;
		}
		if (slice_is(word, "elf") && slice_word(&rest, &target)) {
			auto_free char *library = slice_dup(target);

			tree_make_elf(library, &elf);
			tree_put(root, path, slice_of((char *)&elf, sizeof(elf)), 0755);
			return;
		}
		if (slice_is(word, "no-lf") && text.len)
			text.len--;
		if (slice_starts(word, "0"))
			mode = (mode_t)strtoul(word.at, NULL, 8);
	}
	if (slice_ends(slice(path), "/")) {
		tree_make_parents(root, path);
		if (fchmodat(root, path, mode, 0) < 0)
			tree_fail("cannot make", path);
	} else {
		tree_put(root, path, text, mode);
	}
}

/* Make all entries of text below root. */
static TREE_UNUSED void tree_make(int root, struct slice text)
{
	struct slice head = slice(NULL), line, body = slice(NULL);

	while (slice_line(&text, &line)) {
		if (slice_starts(line, "== ")) {
			if (head.at)
				tree_make_entry(root, head, body);
			head = slice_from(line, 3);
			body = slice_of(line.at + line.len + 1, 0);
		} else {
			body.len = (size_t)(line.at + line.len + 1 - body.at);
		}
	}
	if (head.at)
		tree_make_entry(root, head, body);
}

static int tree_by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static char **tree_names(int fd)
{
	char **names = xcalloc(4096, sizeof(*names));
	auto_dir DIR *dir = fdopendir(dup(fd));
	struct dirent *entry;
	size_t count = 0;

	rewinddir(dir);
	while ((entry = readdir(dir)) && count < 4095)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			names[count++] = xstrdup(entry->d_name);
	qsort(names, count, sizeof(*names), tree_by_name);
	return names;
}

static void tree_print_file(int root, const char *path, mode_t mode, struct strbuf *out)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	const struct tree_elf *elf;
	struct error err;

	if (read_file(root, path, 64 << 20, &text, &err) < 0)
		tree_fail("cannot read", path);
	if (text.len == sizeof(*elf) && memcmp(text.at, ELFMAG, SELFMAG) == 0) {
		elf = (const struct tree_elf *)(const void *)text.at;
		strbuf_addf(out, " elf %s\n", elf->text + 1);
		return;
	}
	if (mode != 0644)
		strbuf_addf(out, " %04o", mode);
	if (text.len && text.at[text.len - 1] != '\n') {
		strbuf_adds(out, " no-lf");
		strbuf_addc(&text, '\n');
	}
	strbuf_addc(out, '\n');
	strbuf_add(out, text.at, text.len);
}

/*
 * Append the tree below dir, a path below root. With uid every entry has to belong to
 * it; others are marked.
 */
static void tree_read_at(int root, const char *dir, uid_t uid, struct strbuf *out)
{
	auto_close int fd = openat(root, dir[0] ? dir : ".", O_RDONLY | O_DIRECTORY);
	auto_words char **names = tree_names(fd);

	for (char **name = names; *name; name++) {
		auto_free char *path = xasprintf("%s%s%s", dir, dir[0] ? "/" : "", *name);
		char target[4096] = "";
		struct stat st;

		if (fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
			tree_fail("cannot look at", path);
		strbuf_addf(out, "== %s%s", path, S_ISDIR(st.st_mode) ? "/" : "");
		if (st.st_uid != uid || st.st_gid != uid)
			strbuf_addf(out, " owner=%u:%u", st.st_uid, st.st_gid);
		if (S_ISLNK(st.st_mode)) {
			if (readlinkat(root, path, target, sizeof(target) - 1) < 0)
				tree_fail("cannot read link", path);
			strbuf_addf(out, " -> %s\n", target);
		} else if (S_ISDIR(st.st_mode)) {
			if ((st.st_mode & 07777) != 0755)
				strbuf_addf(out, " %04o", st.st_mode & 07777);
			strbuf_addc(out, '\n');
			tree_read_at(root, path, uid, out);
		} else if (S_ISREG(st.st_mode)) {
			tree_print_file(root, path, st.st_mode & 07777, out);
		} else {
			strbuf_adds(out, S_ISFIFO(st.st_mode) ? " fifo\n" : " socket\n");
		}
	}
}

static TREE_UNUSED void tree_read(int root, uid_t uid, struct strbuf *out)
{
	tree_read_at(root, "", uid, out);
}

/* Give the whole tree to this user and group. */
static TREE_UNUSED void tree_own(int root, const char *dir, uid_t uid)
{
	auto_close int fd = openat(root, dir[0] ? dir : ".", O_RDONLY | O_DIRECTORY);
	auto_words char **names = tree_names(fd);

	if (fchown(fd, uid, uid) < 0)
		tree_fail("cannot chown", dir);
	for (char **name = names; *name; name++) {
		auto_free char *path = xasprintf("%s%s%s", dir, dir[0] ? "/" : "", *name);
		struct stat st;

		if (fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
			tree_fail("cannot look at", path);
		if (S_ISDIR(st.st_mode))
			tree_own(root, path, uid);
		else if (fchownat(root, path, uid, uid, AT_SYMLINK_NOFOLLOW) < 0)
			tree_fail("cannot chown", path);
	}
}

/* A new empty directory of this name in the test's own; an old one is removed. */
static TREE_UNUSED int tree_new(const char *scratch, const char *name)
{
	auto_free char *path = xasprintf("%s/%s", scratch, name);
	struct error err;
	int fd;

	if (tree_remove(AT_FDCWD, path, &err) < 0 || mkdir(path, 0755) < 0)
		tree_fail("cannot make", path);
	fd = open_dir(path, &err);
	if (fd < 0)
		tree_fail("cannot open", path);
	return fd;
}
