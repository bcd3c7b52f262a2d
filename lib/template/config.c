#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "template/head.h"
#include "template/template.h"
#include "template/unpack.h"

/* Nothing is unpacked: the root that the reader is confined to is our own public files. */
static int open_root(struct error *err)
{
	auto_free char *path = path_share("%s", "");

	return open_dir(path, err);
}

/* As ids that own nothing here. */
static char **make_words(void)
{
	struct idmap map = { .count = 0 };
	char **words;

	idmap_default(&map);
	words = xcalloc(map.count + 2, sizeof(*words));
	words[0] = xstrdup("config");
	for (size_t i = 0; i < map.count; i++)
		words[i + 1] =
			xasprintf("map=%c %u %u %u", map.range[i].type, map.range[i].ct,
				  map.range[i].host, map.range[i].count);
	return words;
}

static int run(const char *path, int out, struct strbuf *errors, struct error *err)
{
	auto_words char **words = make_words();
	auto_close int archive = -1, root = -1;
	enum compression compression;

	if (compression_of(path, &compression, err) < 0)
		return -1;
	archive = unpack_open(path, err);
	root = archive < 0 ? -1 : open_root(err);
	if (root < 0)
		return -1;
	return unpack_run(&(struct unpack_run){ .compression = compression,
						.words = (const char *const *)words,
						.archive_fd = archive,
						.root_fd = root,
						.stdout_fd = out },
			  errors, err);
}

int template_backup_config(const char *archive, bool *is_openvz, struct strbuf *text,
			   struct error *err)
{
	auto_close int out = memfd_create("config", MFD_CLOEXEC);
	auto_strbuf struct strbuf errors = STRBUF_INIT;
	int status;

	if (out < 0)
		return fail(err, errno, "cannot make a file in memory");
	status = run(archive, out, &errors, err);
	if (status == UNPACK_NO_CONFIG)
		return fail(err, 0, "archive contains no configuration file");
	if (status > 0 && status != UNPACK_VPS_CONF)
		unpack_fail(status, &errors, err);
	if (status < 0 || (status > 0 && status != UNPACK_VPS_CONF))
		return fail_in(err, "cannot read '%s'", archive);
	if (lseek(out, 0, SEEK_SET) < 0 || read_all(out, HEAD_MAX, text, err) < 0)
		return fail_in(err, "cannot read '%s'", archive);
	*is_openvz = status == UNPACK_VPS_CONF;
	return 0;
}
