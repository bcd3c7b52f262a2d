/* Where an import gets its stream from (storage.md 6.8). */
#pragma once

#include "base/error.h"

/*
 * Open "-", the standard input; "tcp://<address or network>" and "unix://<path>", the
 * first connection to a socket that is made for it; or else a file. Returns a descriptor
 * above 2.
 *
 * tcp: listens at the address, or at the one that this host has in the network, and prints
 * address and port on two lines. With a network only who is in it is let in; others are
 * hung up on. unix: makes the socket, which root alone can connect to, and prints "ready";
 * it is removed afterwards. Either way somebody has to connect within 30 s ("timed out
 * waiting for client"), and nobody else is heard.
 */
int source_open(const char *source, struct error *err);
