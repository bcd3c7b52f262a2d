/*
 * netfiles VMID PID: what guest setup does when an interface of a running container has
 * changed, for the container's init PID, as the configuration has it now.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"
#include "base/path.h"
#include "config/store.h"
#include "guest/guest.h"

int main(int argc, char **argv)
{
	unsigned vmid = argc == 3 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	auto_close int pidfd =
		argc == 3 ? (int)syscall(SYS_pidfd_open, atoi(argv[2]), 0) : -1;
	auto_guest_facts struct guest_facts facts = { 0 };
	auto_config struct config *config = NULL;
	auto_notes struct notes notes = { 0 };
	struct error err;

	guest_facts_collect(&facts);
	if (path_init(&err) == 0 && config_load(vmid, &config, NULL, &err) == 0 &&
	    guest_setup(&(struct guest_job){ .rootfd = pidfd,
					     .is_running = true,
					     .config = config,
					     .facts = &facts,
					     .event = GUEST_NETWORK },
			&notes, &err) == 0)
		return 0;
	fprintf(stderr, "%s\n", err.text);
	return 1;
}
