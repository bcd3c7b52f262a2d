#include "template/pack.h"

#include <stdlib.h>

#include "base/own.h"
#include "base/path.h"
#include "base/process.h"

static size_t count_words(const char *const *words)
{
	size_t count = 0;

	while (words && words[count])
		count++;
	return count;
}

static char **make_arguments(const struct pack *pack)
{
	size_t maps = pack->map ? pack->map->count : 0, at = 0;
	size_t mounts = count_words(pack->mount_points);
	size_t patterns = count_words(pack->patterns);
	char **argv = xcalloc(maps + mounts + patterns + 3, sizeof(*argv));

	argv[at++] = path_libexec("pct-pack");
	if (pack->bwlimit_kib)
		argv[at++] =
			xasprintf("bwlimit=%llu", (unsigned long long)pack->bwlimit_kib);
	for (size_t i = 0; i < maps; i++) {
		const struct idmap_range *range = &pack->map->range[i];

		argv[at++] = xasprintf("map=%c %u %u %u", range->type, range->ct,
				       range->host, range->count);
	}
	for (size_t i = 0; i < mounts; i++)
		argv[at++] = xasprintf("mount=%s", pack->mount_points[i]);
	for (size_t i = 0; i < patterns; i++)
		argv[at++] = xasprintf("exclude=%s", pack->patterns[i]);
	return argv;
}

pid_t pack_start(const struct pack *pack, struct error *err)
{
	const int keep[] = { pack->rootfd, pack->config_fd, pack->firewall_fd, -1 };
	auto_words char **argv = make_arguments(pack);

	return process_start(&(struct process){ .argv = (const char *const *)argv,
						.stdout_fd = pack->out_fd,
						.stderr_fd = pack->log_fd,
						.keep_fds = keep },
			     err);
}
