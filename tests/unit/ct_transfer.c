/* Modes, accounts and bytes of push and pull (pct-cli.md 5, runtime.md 7.3). */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "ct/accounts.h"
#include "ct/transferfile.h"

static void has_mode(const char *text, long long want)
{
	long long perms = -1;
	struct error err;

	EXPECT_INT(transfer_perms(text, &perms, &err), 0);
	EXPECT_INT(perms, want);
}

TEST("a mode is octal with or without a zero in front, and hexadecimal behind 0x")
{
	has_mode("644", 0644);
	has_mode("0644", 0644);
	has_mode("4755", 04755);
	has_mode("0", 0);
	has_mode("0x1ff", 0777);
	has_mode("0X1A4", 0644);
}

TEST("what is no mode is refused by name, and nothing is set")
{
	static const char *const bad[] = { "",      "8",    "0x",          "rwx",
					   "-1",    "64 4", "10000",       "0x1000",
					   "0o644", "0x1g", "777777777777" };
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		auto_free char *want = xasprintf("invalid mode: '%s'", bad[i]);
		long long perms = -1;

		EXPECT(transfer_perms(bad[i], &perms, &err) < 0);
		EXPECT_TEXT(err.text, want);
		EXPECT_INT(perms, -1);
	}
}

static long long id_in(const char *text, const char *name)
{
	long long id = -1;

	return account_in(slice(text), name, &id) ? id : -1;
}

TEST("names are looked up as whole first fields, whatever else the lines hold")
{
	const char *passwd = "root:x:0:0:root:/root:/bin/sh\nbad\nweb:x\nwebx:x:5:5\n"
			     "web:x:33:34::/:/bin/false\nweb:x:99:1::/:\nlast:x:7";

	EXPECT_INT(id_in(passwd, "root"), 0);
	EXPECT_INT(id_in(passwd, "web"), 33);
	EXPECT_INT(id_in(passwd, "last"), 7);
	EXPECT_INT(id_in(passwd, "we"), -1);
	EXPECT_INT(id_in(passwd, "x"), -1);
	EXPECT_INT(id_in(passwd, ""), -1);
	EXPECT_INT(id_in("a:x:-1:\na:x:4294967295:\na:x:1x:\n", "a"), -1);
}

TEST("a number is an id, up to the last but one of 32 bits")
{
	long long id = -1;

	EXPECT(account_number("0", &id) && id == 0);
	EXPECT(account_number("4294967294", &id) && id == 4294967294LL);
	EXPECT(!account_number("4294967295", &id) && !account_number("-1", &id) &&
	       !account_number("", &id) && !account_number("1 ", &id));
}

static char *in_dir(const char *name)
{
	return xasprintf("%s/%s", test_dir(), name);
}

static int file_of(const char *name, const char *text)
{
	auto_free char *path = in_dir(name);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct error err;

	EXPECT(fd >= 0);
	EXPECT_INT(write_all(fd, text, slice(text).len, &err), 0);
	EXPECT(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static void holds(int fd, const char *want)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;

	EXPECT(lseek(fd, 0, SEEK_SET) == 0);
	EXPECT_INT(read_all(fd, 100, &text, &err), 0);
	EXPECT_TEXT(text.at, want);
}

TEST("a longer file that is there holds only the new bytes afterwards")
{
	auto_close int from = file_of("from", "new");
	auto_close int to = file_of("to", "something longer");
	struct error err;

	EXPECT_INT(transfer_copy(from, to, &err), 0);
	holds(to, "new");
}

TEST("an empty file empties the other one")
{
	auto_close int from = file_of("from", "");
	auto_close int to = file_of("to", "old");
	struct error err;

	EXPECT_INT(transfer_copy(from, to, &err), 0);
	holds(to, "");
}

TEST("a file that claims no size gives its bytes, but not without end")
{
	auto_close int from = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	auto_close int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	auto_close int to = file_of("to", "");
	struct stat st;
	struct error err;

	EXPECT_INT(transfer_copy(from, to, &err), 0);
	EXPECT(fstat(to, &st) == 0 && st.st_size > 20);
	EXPECT_INT(transfer_copy(zero, to, &err), 0);
	EXPECT(fstat(to, &st) == 0 && st.st_size <= 2 << 20);
}

TEST("bytes that cannot be written are a failure")
{
	auto_close int from = file_of("from", "new");
	auto_close int to = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct error err;

	EXPECT(transfer_copy(from, to, &err) < 0);
	EXPECT_INT(err.code, 28);
}

TEST("a new file gets the default mode or the given one, an old one keeps its own")
{
	auto_free char *path = in_dir("file");
	struct transfer_mode mode = { 0640, -1, -1, -1 };
	struct error err;
	struct stat st;
	bool is_new = false;

	unlink(path);
	auto_close int fd = transfer_create(path, &is_new, &err);
	EXPECT(fd >= 0 && is_new);
	EXPECT(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0);
	EXPECT_INT(transfer_finish(fd, true, &mode, &err), 0);
	EXPECT(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0640);
	mode.new_mode = 0600;
	auto_close int again = transfer_create(path, &is_new, &err);
	EXPECT(again >= 0 && !is_new);
	EXPECT_INT(transfer_finish(again, false, &mode, &err), 0);
	EXPECT(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0640);
	mode.perms = 04711;
	EXPECT_INT(transfer_finish(again, false, &mode, &err), 0);
	EXPECT(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 04711);
}

TEST("a directory, a pipe and a device are no files to read")
{
	auto_close int dir = open("/", O_RDONLY | O_CLOEXEC);
	auto_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct error err;

	EXPECT(transfer_check_regular(dir, "/x", &err) < 0);
	EXPECT_TEXT(err.text, "failed to open /x: Is a directory");
	EXPECT(transfer_check_regular(null, "/x", &err) < 0);
	EXPECT_TEXT(err.text, "failed to open /x: not a regular file");
}
