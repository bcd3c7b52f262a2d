/*
 * A guest that does not keep still while its files are written (guest-setup.md 15.4 rows
 * 14 and 32): `unrest swap TARGET` exchanges directories, links and files below /etc
 * without a pause, TARGET being where its links lead; `unrest fuse` mounts a file system
 * over /etc whose server takes every question and answers none. It says "ready" first.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

static void swap(const char *a, const char *b, unsigned flags)
{
	syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, flags);
}

static int swap_forever(const char *target)
{
	if (symlink(target, "/etc/swap") < 0 || symlink(target, "/etc/file") < 0)
		return fail("symlink");
	ready();
	for (;;) {
		swap("/etc/network", "/etc/swap", RENAME_EXCHANGE);
		swap("/etc/network", "/tmp/moved", RENAME_NOREPLACE);
		swap("/tmp/moved", "/etc/network", RENAME_NOREPLACE);
		swap("/etc/network/interfaces", "/etc/file", RENAME_EXCHANGE);
		swap("/etc/network/interfaces", "/etc/os-release", RENAME_EXCHANGE);
	}
}

static int answer_init(int fd, const struct fuse_in_header *in)
{
	const struct {
		struct fuse_out_header head;
		struct fuse_init_out init;
	} answer = { .head = { .len = sizeof(answer), .unique = in->unique },
		     .init = { .major = FUSE_KERNEL_VERSION,
			       .minor = FUSE_KERNEL_MINOR_VERSION,
			       .max_write = 4096 } };

	return write(fd, &answer, sizeof(answer)) == sizeof(answer) ? 0 : -1;
}

static int never_answer(void)
{
	char question[FUSE_MIN_READ_BUFFER], options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return fail("/dev/fuse");
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	if (mount("fuse", "/etc", "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		return fail("mount");
	ready();
	while (read(fd, question, sizeof(question)) > 0) {
		const struct fuse_in_header *in = (const void *)question;

		if (in->opcode == FUSE_INIT && answer_init(fd, in) < 0)
			return fail("write");
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "swap") == 0)
		return swap_forever(argv[2]);
	if (argc == 2 && strcmp(argv[1], "fuse") == 0)
		return never_answer();
	fprintf(stderr, "usage: unrest swap TARGET | unrest fuse\n");
	return 2;
}
