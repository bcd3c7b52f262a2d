/* The line that a life-cycle command leaves in the system's log (pct-cli.md 1). */
#pragma once

/*
 * "<verb> CT <id>: <task id>" to syslog as pct; the task id is the usual
 * UPID:<node>:<pid>:<pstart>:<time>:<type>:<id>:<user>: of this process. Under PCT_ROOT
 * nothing is written: the log is the machine's.
 */
void task_announce(const char *verb, const char *type, unsigned vmid);
