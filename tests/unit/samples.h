/* The files that pct.conf(5) shows as literal blocks. */
#pragma once

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/own.h"
#include "test.h"

#define SAMPLES_PAGE "man/pct.conf.5"

/* The text up to the block's end; both as they stand, for the page escapes nothing there.
 */
static inline struct slice next_sample(struct slice *page)
{
	struct slice line, sample;

	while (slice_line(page, &line) && !slice_starts(line, ".Bd -literal"))
		continue;
	sample = *page;
	while (slice_line(page, &line))
		if (slice_is(line, ".Ed"))
			return slice_of(sample.at, (size_t)(line.at - sample.at));
	return slice_of(NULL, 0);
}

/* Use each sample that is a settings file, or each that is none; returns how many. */
static inline unsigned each_sample(bool of_settings, void (*use)(struct slice sample))
{
	auto_strbuf struct strbuf page = STRBUF_INIT;
	struct slice rest, sample;
	struct error err;
	unsigned count = 0;

	EXPECT(read_file(AT_FDCWD, SAMPLES_PAGE, 1 << 20, &page, &err) == 0);
	rest = strbuf_slice(&page);
	while ((sample = next_sample(&rest)).len > 0) {
		EXPECT(memchr(sample.at, '\\', sample.len) == NULL);
		if (slice_starts(sample, "[defaults]") != of_settings)
			continue;
		use(sample);
		count++;
	}
	return count;
}
