/*
 * pct-pack [WORD...]: write the tree that is descriptor 3 as a tar stream to standard
 * output, confined to it and with the container's id map; descriptors 4 and 5 are the
 * configuration and the firewall rules that go first. Run by pack_start. The words:
 *
 *	map=u 0 100000 65536
 *	bwlimit=KIB     KiB/s of the stream
 *	mount=PATH      a mount point below the root, archived after it
 *	exclude=PATTERN
 *
 * Standard error gets the totals. Exit status 0, or 1 with one sentence there.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/own.h"
#include "base/sandbox.h"
#include "template/pack.h"
#include "template/packwrite.h"

struct words {
	struct packing packing;
	struct idmap map;
	char **mounts, **patterns;
	size_t mount_count, pattern_count;
};

static int parse_word(const char *word, struct words *words, struct error *err)
{
	struct slice value, name = slice_cut(slice(word), '=', &value);

	if (slice_is(name, "map"))
		return idmap_add(&words->map, value, err);
	if (slice_is(name, "mount"))
		words->mounts[words->mount_count++] = slice_dup(value);
	else if (slice_is(name, "exclude"))
		words->patterns[words->pattern_count++] = slice_dup(value);
	else if (!slice_is(name, "bwlimit"))
		return fail(err, 0, "unknown word '%s'", word);
	else if (!slice_number(value, 0, UINT32_MAX, &words->packing.bwlimit_kib))
		return fail(err, 0, "'%s' is not a number", word);
	return 0;
}

static int pack(struct words *words, struct error *err)
{
	const int keep[] = { PACK_CONFIG_FD, PACK_FIREWALL_FD, -1 };
	struct sandbox sandbox = {
		.rootfd = PACK_ROOT_FD,
		.map = &words->map,
		.keep_caps = SANDBOX_CAP(CAP_DAC_READ_SEARCH),
		.flags = SANDBOX_CLONE | SANDBOX_READ_ONLY,
		.keep_fds = keep,
	};

	for (int fd = PACK_ROOT_FD; fd <= PACK_FIREWALL_FD; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	packing_prepare();
	return sandbox_run(&sandbox, packing_run, &words->packing, NULL, err);
}

int main(int argc, char **argv)
{
	auto_words char **mounts = xcalloc((size_t)argc + 1, sizeof(*mounts));
	auto_words char **patterns = xcalloc((size_t)argc + 1, sizeof(*patterns));
	struct words words = {
		.packing = { .out = STDOUT_FILENO,
			     .log = STDERR_FILENO,
			     .config = PACK_CONFIG_FD,
			     .firewall = PACK_FIREWALL_FD,
			     .mount_points = (const char *const *)mounts,
			     .patterns = (const char *const *)patterns },
		.mounts = mounts,
		.patterns = patterns,
	};
	struct error err = { 0 };
	int status = 0;

	for (int i = 1; i < argc && status == 0; i++)
		status = parse_word(argv[i], &words, &err);
	if (status == 0)
		status = pack(&words, &err);
	if (status == 0)
		return 0;
	error_escape(&err);
	fprintf(stderr, "%s\n", err.text);
	return 1;
}
