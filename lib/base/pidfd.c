#include "base/pidfd.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>

#include "base/file.h"
#include "base/own.h"

/* The kernel tells it in a line "Pid:" of the descriptor's fdinfo (proc(5)). */
pid_t pidfd_pid(int pidfd)
{
	auto_free char *path = xasprintf("/proc/self/fdinfo/%d", pidfd);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, line;
	struct error err;
	uint64_t pid;

	if (read_file(AT_FDCWD, path, 4096, &text, &err) < 0)
		return 0;
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line))
		if (slice_starts(line, "Pid:") &&
		    slice_number(slice_trim(slice_from(line, 4)), 1, INT_MAX, &pid))
			return (pid_t)pid;
	return 0;
}

bool pidfd_is_alive(int pidfd)
{
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };

	return poll(&ended, 1, 0) == 0;
}
