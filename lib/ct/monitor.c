#include "ct/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/pidfd.h"
#include "lxc/command.h"

#define STATUS_MAX 65536

/* The parent of a process, or 0. */
static pid_t parent_of(pid_t pid)
{
	auto_free char *path = xasprintf("/proc/%d/status", (int)pid);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, line;
	struct error ignored;
	uint64_t parent = 0;

	if (read_file(AT_FDCWD, path, STATUS_MAX, &text, &ignored) < 0)
		return 0;
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line))
		if (slice_starts(line, "PPid:"))
			slice_number(slice_trim(slice_from(line, 5)), 2, INT32_MAX,
				     &parent);
	return (pid_t)parent;
}

void guest_processes_done(struct guest_processes *processes)
{
	close_fd(&processes->init);
	close_fd(&processes->monitor);
}

/* While init lives its number, and so the parent that was found, are the right ones. */
int guest_processes_open(unsigned vmid, struct guest_processes *out, struct error *err)
{
	auto_close int init = lxc_get_init_pidfd(vmid, err);
	auto_close int monitor = -1;
	pid_t parent;

	if (init < 0)
		return -1;
	parent = parent_of(pidfd_pid(init));
	if (parent > 0)
		monitor = (int)syscall(SYS_pidfd_open, parent, 0);
	if (monitor < 0 || parent_of(pidfd_pid(init)) != parent || !pidfd_is_alive(init))
		return fail(err, 0, "cannot find the monitor of CT %u", vmid);
	out->init = take_fd(&init);
	out->monitor = take_fd(&monitor);
	return 0;
}

int guest_init_open(unsigned vmid, const char *below, struct error *err)
{
	auto_free char *path = NULL;
	auto_close int fd = -1;
	pid_t pid, again;

	if (lxc_get_init_pid(vmid, &pid, err) < 0)
		return -1;
	path = xasprintf("/proc/%d%s", (int)pid, below);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail(err, errno, "cannot open '%s'", path);
	if (lxc_get_init_pid(vmid, &again, err) < 0)
		return -1;
	return pid == again ? take_fd(&fd) : fail(err, 0, "CT %u was restarted", vmid);
}
