#include "ct/restorefiles.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/own.h"
#include "base/sandbox.h"
#include "base/tree.h"

#define TIMEOUT_S  60
#define MEMORY_MAX (UINT64_C(512) << 20)

/* The first byte of the report; what follows is the file's. */
#define MARK_NONE '-'
#define MARK_FILE '+'
#define MARK_ODD  '!'

struct taking {
	const char *name;
	size_t max;
};

static int open_regular(int dir, const char *name, struct error *err)
{
	auto_close int fd = openat(
		dir, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return fail(err, errno, "cannot open");
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return fail(err, 0, "it is not a regular file");
	return take_fd(&fd);
}

static int send_file(int dir, const struct taking *taking, int report, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_close int fd = open_regular(dir, taking->name, err);

	strbuf_addc(&text, MARK_FILE);
	if (fd < 0 || read_all(fd, taking->max, &text, err) < 0)
		return -1;
	return write_all(report, text.at, text.len, err);
}

/* Looked at first: opening a device could do something. */
static int send(int dir, const struct taking *taking, int report, struct error *err)
{
	struct stat st;
	char mark = MARK_ODD;

	if (fstatat(dir, taking->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		mark = MARK_NONE;
	else if (S_ISREG(st.st_mode))
		return send_file(dir, taking, report, err);
	return write_all(report, &mark, 1, err);
}

static void keep_times(int dir, const struct stat *before)
{
	const struct timespec times[2] = { before->st_atim, before->st_mtim };

	futimens(dir, times);
}

/* A directory that holds more stays. */
static int remove_from(int etc, int dir, const char *name, struct error *err)
{
	struct stat etc_before, before;

	if (fstat(etc, &etc_before) < 0 || fstat(dir, &before) < 0)
		return fail(err, errno, "cannot look at its directory");
	if (tree_remove(dir, name, err) < 0)
		return -1;
	if (unlinkat(etc, "vzdump", AT_REMOVEDIR) == 0)
		keep_times(etc, &etc_before);
	else
		keep_times(dir, &before);
	return 0;
}

static int open_inside(int root, const char *path, struct error *err)
{
	return open_beneath(root, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0, err);
}

static int take(void *arg, const struct sandbox_io *io, struct error *err)
{
	const struct taking *taking = arg;
	struct error ignored;
	auto_close int etc = open_inside(io->root, "etc", &ignored);
	auto_close int dir = open_inside(io->root, "etc/vzdump", &ignored);
	const char none = MARK_NONE;

	if (etc < 0 || dir < 0)
		return write_all(io->report, &none, 1, err);
	return send(dir, taking, io->report, err) < 0
		       ? -1
		       : remove_from(etc, dir, taking->name, err);
}

int restored_file_take(int rootfd, const struct idmap *map, const char *name, size_t max,
		       enum restored_kind *kind, struct strbuf *text, struct error *err)
{
	struct taking taking = { name, max };
	auto_strbuf struct strbuf report = STRBUF_INIT;
	const struct sandbox sandbox = {
		.rootfd = rootfd,
		.map = map,
		.keep_caps = SANDBOX_CAP(CAP_DAC_OVERRIDE) | SANDBOX_CAP(CAP_FOWNER),
		.flags = SANDBOX_CLONE,
		.timeout_s = TIMEOUT_S,
		.memory_max = MEMORY_MAX,
		.report_max = max + 1,
	};

	if (sandbox_run(&sandbox, take, &taking, &report, err) < 0) {
		error_escape(err);
		return fail_in(err, "etc/vzdump/%s in the backup", name);
	}
	*kind = report.len == 0 || report.at[0] == MARK_NONE ? RESTORED_NONE
		: report.at[0] == MARK_FILE                  ? RESTORED_FILE
							     : RESTORED_ODD;
	if (*kind == RESTORED_FILE)
		strbuf_add(text, report.at + 1, report.len - 1);
	return 0;
}
