#include "ct/task.h"

#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"
#include "base/procstat.h"

void task_announce(const char *verb, const char *type, unsigned vmid)
{
	if (path_root()[0])
		return;
	openlog("pct", LOG_PID, LOG_DAEMON);
	syslog(LOG_INFO, "%s CT %u: UPID:%s:%08X:%08llX:%08llX:%s:%u:root@pam:", verb, vmid,
	       path_node(), (unsigned)getpid(), process_start_ticks(getpid()),
	       (unsigned long long)time(NULL), type, vmid);
	closelog();
}
