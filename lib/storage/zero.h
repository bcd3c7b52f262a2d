/*
 * Overwriting a block device with zeros (storage.md 6.5, saferemove). It is the kernel
 * that writes (BLKZEROOUT in linux/fs.h): by a command of the device where it has one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

struct zeroing {
	uint64_t step;        /* bytes at a time, a multiple of 512 */
	uint64_t bytes_per_s; /* 0: as fast as it can */
	bool strictly;        /* each step keeps to the speed; else their average does */
};

/*
 * "10485760", "-5M" as cstream -t takes it: bytes per second, a minus for strictly. Pure;
 * false: it is none, and *out stays.
 */
bool zeroing_parse_speed(struct slice text, struct zeroing *out);

/* All of the device, which nobody else may hold open for themselves, and to the disk. */
int device_zero(const char *device, const struct zeroing *how, struct error *err);

/* Whether the device can write zeros by itself. */
bool device_can_zero(const char *device);
