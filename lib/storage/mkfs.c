#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/process.h"
#include "storage/type.h"

#define MESSAGES_MAX (1024 * 1024)

/* Of what mkfs prints people want to see the facts, not the progress. */
static bool is_fact(struct slice line)
{
	return slice_starts(line, "Creating filesystem") ||
	       slice_starts(line, "Filesystem UUID") ||
	       slice_starts(line, "Superblock backups") ||
	       (line.len && strchr(" \t", line.at[0]) && slice_trim(line).len &&
		isdigit((unsigned char)slice_trim(line).at[0]));
}

/* The version banner: "mke2fs 1.47.0 (5-Feb-2023)". */
static bool is_message(struct slice line)
{
	return slice_trim(line).len > 0 && !slice_starts(line, "mke2fs ");
}

static void print_lines(const struct strbuf *text, bool (*wanted)(struct slice), FILE *out)
{
	struct slice rest = strbuf_slice(text), line;

	while (slice_line(&rest, &line))
		if (wanted(line))
			fprintf(out, SLICE_FMT "\n", SLICE_ARG(line));
	fflush(out);
}

static int make_ext4(const char *path, unsigned uid, unsigned gid, struct error *err)
{
	auto_free char *owner = xasprintf("root_owner=%u:%u", uid, gid);
	const char *const argv[] = { "mkfs.ext4", "-O", "mmp", "-E", owner, path, NULL };
	auto_close int messages_fd = memfd_create("mkfs", MFD_CLOEXEC);
	auto_strbuf struct strbuf output = STRBUF_INIT, messages = STRBUF_INIT;
	struct error ignored;
	int status;

	if (messages_fd < 0)
		return fail(err, errno, "cannot create a file in memory");
	status = process_run(&(struct process){ .argv = argv,
						.stderr_fd = messages_fd,
						.output = &output },
			     err);
	print_lines(&output, is_fact, stdout);
	if (lseek(messages_fd, 0, SEEK_SET) == 0 &&
	    read_all(messages_fd, MESSAGES_MAX, &messages, &ignored) == 0)
		print_lines(&messages, is_message, stderr);
	return status;
}

static int give_directory(const char *path, unsigned uid, unsigned gid, struct error *err)
{
	auto_close int fd = open_dir(path, err);

	if (fd < 0)
		return -1;
	if (fchown(fd, uid, gid) < 0)
		return fail(err, errno, "cannot give '%s' to %u:%u", path, uid, gid);
	return 0;
}

static int format_active(const struct storage *st, const struct volume *volume,
			 const char *volname, unsigned uid, unsigned gid, struct error *err)
{
	auto_free char *path = st->type->path(st, slice(volname), NULL);

	switch (volume->format) {
	case FORMAT_RAW: return make_ext4(path, uid, gid, err);
	case FORMAT_SUBVOL: return give_directory(path, uid, gid, err);
	default:
		return fail(err, 0, "a volume of format '%s' cannot hold a container",
			    volume->format_name);
	}
}

int volume_format(const struct storage *st, const char *volname, unsigned uid, unsigned gid,
		  struct error *err)
{
	const struct storage_type *type = st->type;
	struct volume volume;
	struct error ignored;
	int status;

	if (type->parse(st, slice(volname), &volume, err) < 0 ||
	    (type->activate_volume && type->activate_volume(st, volname, NULL, err) < 0))
		return -1;
	status = format_active(st, &volume, volname, uid, gid, err);
	if (type->deactivate_volume)
		type->deactivate_volume(st, volname, NULL, &ignored);
	return status;
}
