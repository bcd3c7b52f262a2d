#include "template/extract.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "template/member.h"
#include "template/ocijson.h"
#include "template/reader.h"

void extract_prepare(void)
{
	/*
	 * In the locale "C" names of pax headers that are more than ASCII cannot be
	 * converted, and libarchive then hands their bytes over as they are; in a UTF-8
	 * locale it would compose accents and so change names. It asks iconv, which reads
	 * its list of modules once per process. glibc refuses to close what did not open.
	 */
	iconv_close(iconv_open("ANSI_X3.4-1968", "UTF-8"));
	oci_prepare();
}

void human_size(uint64_t bytes, char out[16])
{
	static const char *const units[] = {
		"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"
	};
	unsigned unit = 0, shift;
	unsigned __int128 tenths, whole;

	while (unit < 6 && bytes >> (10 * unit) >= 1024)
		unit++;
	shift = 10 * unit;
	tenths = (((unsigned __int128)bytes * 10) + (((uint64_t)1 << shift) - 1)) >> shift;
	whole = ((unsigned __int128)bytes + (((uint64_t)1 << shift) - 1)) >> shift;
	if (whole == 1024 && unit < 6)
		snprintf(out, 16, "1.0%s", units[unit + 1]);
	else if (unit > 0 && tenths < 100)
		snprintf(out, 16, "%u.%u%s", (unsigned)tenths / 10, (unsigned)tenths % 10,
			 units[unit]);
	else
		snprintf(out, 16, "%u%s", (unsigned)whole, units[unit]);
}

static void print_totals(const struct reader *reader)
{
	double elapsed = reader_now_s() - reader->start_s;
	uint64_t bytes = stream_bytes(reader->stream);
	char total[16], rate[16] = "?";

	human_size(bytes, total);
	if (elapsed > 0)
		human_size((uint64_t)((double)bytes / elapsed), rate);
	dprintf(STDOUT_FILENO, "Total bytes read: %llu (%s, %s/s)\n",
		(unsigned long long)bytes, total, rate);
}

static int put_member(void *arg, struct archive *archive, struct archive_entry *entry,
		      struct error *err)
{
	return member_put(arg, archive, entry, err);
}

static int unpack(struct unpacker *unpacker, struct reader *reader, struct error *err)
{
	if (reader_run(reader, err) < 0)
		return -1;
	if (later_apply(&unpacker->later, err) < 0 && !reader_ignore(reader, err))
		return -1;
	return 0;
}

int extract_run(void *arg, const struct sandbox_io *io, struct error *err)
{
	const struct extract *extract = arg;
	auto_unpacker struct unpacker unpacker = { 0 };
	struct reader reader = { .member = put_member,
				 .arg = &unpacker,
				 .ignores_errors = extract->ignore_errors,
				 .shows_progress = extract->shows_progress,
				 .size = extract->size };

	umask(0);
	if (unpacker_init(&unpacker, io->root, extract->can_make_devices, err) < 0)
		return -1;
	unpacker.volumes = extract->volumes;
	reader.stream =
		stream_start(&(struct stream_input){ .fd = extract->fd,
						     .compression = extract->compression,
						     .bwlimit_kib = extract->bwlimit_kib },
			     err);
	if (!reader.stream || unpack(&unpacker, &reader, err) < 0)
		return -1;
	print_totals(&reader);
	if (reader.ignored > 0)
		dprintf(io->report, "%lu", reader.ignored);
	return 0;
}
