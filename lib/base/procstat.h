/* What /proc tells of a process (proc(5)). */
#pragma once

#include <sys/types.h>

/*
 * When the process started, in clock ticks (sysconf(_SC_CLK_TCK)) since boot: field 22
 * of /proc/PID/stat. 0 when there is no such process.
 */
unsigned long long process_start_ticks(pid_t pid);
