#include "base/procstat.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/own.h"

#define FIELDS_BEFORE 19 /* between the name, which may hold anything, and the start */

unsigned long long process_start_ticks(pid_t pid)
{
	auto_free char *path = xasprintf("/proc/%d/stat", (int)pid);
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error ignored;
	struct slice rest, word;
	uint64_t ticks = 0;
	const char *after;

	if (read_file(AT_FDCWD, path, 4096, &text, &ignored) < 0)
		return 0;
	after = strrchr(text.at, ')');
	rest = slice(after ? after + 1 : "");
	for (int i = 0; i < FIELDS_BEFORE; i++)
		if (!slice_word(&rest, &word))
			return 0;
	if (!slice_word(&rest, &word) || !slice_number(word, 0, UINT64_MAX, &ticks))
		return 0;
	return ticks;
}
