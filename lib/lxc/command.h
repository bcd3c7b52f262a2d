/*
 * The command socket of a running container's monitor, spoken natively so that short
 * commands need no liblxc (runtime.md 6.1, 11.2). Answers of a socket whose owner is
 * not root are never trusted (13 item 42). All waits have deadlines.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strbuf.h"

/* liblxc's states, with its numbers. */
enum lxc_state {
	LXC_STOPPED,
	LXC_STARTING,
	LXC_RUNNING,
	LXC_STOPPING,
	LXC_ABORTING,
	LXC_FREEZING,
	LXC_FROZEN,
	LXC_THAWED
};

/* True if the monitor's socket accepts and belongs to root. */
bool lxc_is_running(unsigned vmid);

/* All running ids in this PCT_ROOT, ascending, from one read of /proc/net/unix. */
int lxc_running(unsigned **ids, size_t *count, struct error *err);

/* Connect; -1 with err->code ECONNREFUSED when the container is not running. */
int lxc_connect(unsigned vmid, struct error *err);

/* One request on a connection (fd) of its own each. */
int lxc_get_state(unsigned vmid, enum lxc_state *state, struct error *err);
int lxc_get_init_pid(unsigned vmid, pid_t *pid, struct error *err);
/* A pidfd of init (command 18, else pidfd_open of the pid, checked again). */
int lxc_get_init_pidfd(unsigned vmid, struct error *err);
/* A value of the running config, "lxc.signal.halt"; empty when unset. */
int lxc_get_config(unsigned vmid, const char *key, struct strbuf *value, struct error *err);

/*
 * Ask to be told of states (bit mask 1 << state; command 10) on a fresh connection; it
 * never waits. Either the monitor answers at once that the container is in one of them:
 * *state is set and *fd -1; or *fd is a descriptor for lxc_next_state. A monitor that is
 * still preparing the start accepts the connection and answers when init runs.
 * err->code: ECONNREFUSED when no monitor listens (yet, or any more).
 */
int lxc_watch(unsigned vmid, unsigned wanted, int *fd, enum lxc_state *state,
	      struct error *err);

/*
 * The next of the wanted states. err->code: ETIMEDOUT when there was none in time (the
 * descriptor stays good), ECONNRESET when the monitor has gone: the start failed.
 */
int lxc_next_state(int fd, unsigned timeout_ms, enum lxc_state *state, struct error *err);

/*
 * Command 2: kill the container; it does not wait. A connection that was opened before
 * (lxc_connect) reads EOF when the monitor has gone, hooks included. Of that time most is
 * the kernel's: half is a veth pair, whose removal waits for all readers; a caller who
 * removes it from a process of its own at the same moment does not wait for it.
 */
int lxc_kill(unsigned vmid, struct error *err);

/*
 * Send the halt signal to init as runtime.md 3.6 says: lxc.signal.halt, else
 * SIGRTMIN+3 if init blocks it, else SIGPWR; through a pidfd.
 */
int lxc_halt(unsigned vmid, struct error *err);
