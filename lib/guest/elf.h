/*
 * The few facts that guest programs tell about themselves, read from ELF files that
 * may be made to harm their reader: every offset and count is bounded
 * (guest-setup.md 9.11, 9.12). fd is a regular file opened for reading.
 */
#pragma once

/* "amd64", ...; NULL: no ELF file, or of another machine. */
const char *elf_arch(int fd);

/* N of the needed library libsystemd-shared-N.so; 0: there is none. */
unsigned elf_systemd_version(int fd);
