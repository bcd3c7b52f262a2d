/*
 * A process held by a descriptor (pidfd_open(2)): its number cannot become another
 * one's.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* The number of the process; 0 when it has ended and was waited for. */
pid_t pidfd_pid(int pidfd);

/* It has not ended. */
bool pidfd_is_alive(int pidfd);
