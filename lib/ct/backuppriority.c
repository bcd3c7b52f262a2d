#include "ct/backuppriority.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

#define IDLE_LEVEL 8

static long set(int class, int level)
{
	return syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		       IOPRIO_PRIO_VALUE(class, level));
}

int backup_priority_set(const struct backup_options *options, struct error *err)
{
	bool is_idle = options->ionice == IDLE_LEVEL;

	if (set(is_idle ? IOPRIO_CLASS_IDLE : IOPRIO_CLASS_BE,
		is_idle ? 0 : (int)options->ionice) < 0)
		return fail(err, errno, "cannot set the I/O priority");
	return 0;
}

void backup_priority_reset(void)
{
	if (set(IOPRIO_CLASS_NONE, 0) < 0)
		debug("cannot reset the I/O priority: %s", strerror(errno));
}
