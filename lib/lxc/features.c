#include "lxc/features.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"

struct row {
	const char *name;
	size_t offset;
};

static const struct row rows[] = {
	{ "cgroup1-keys", offsetof(struct lxc_features, cgroup1_keys) },
	{ "apparmor-keys", offsetof(struct lxc_features, apparmor_keys) },
	{ "runtime-env", offsetof(struct lxc_features, runtime_env) },
	{ "apparmor-parser", offsetof(struct lxc_features, apparmor_parser) },
	{ "apparmor-parser-4", offsetof(struct lxc_features, apparmor_parser_4) },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

/* "file PATH DEV INO MTIME SIZE", or "file PATH missing". */
static void identity(const char *path, struct strbuf *out)
{
	struct stat st;

	if (stat(path, &st) < 0)
		strbuf_addf(out, "file %s missing\n", path);
	else
		strbuf_addf(out, "file %s %llu %llu %lld.%09ld %lld\n", path,
			    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
			    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			    (long long)st.st_size);
}

static bool is_unchanged(struct slice line)
{
	auto_strbuf struct strbuf now = STRBUF_INIT;
	auto_free char *path = NULL;
	struct slice rest = slice_from(line, strlen("file "));

	path = slice_dup(slice_cut(rest, ' ', &rest));
	identity(path, &now);
	return now.len == line.len + 1 && memcmp(now.at, line.at, line.len) == 0;
}

static bool take_line(struct slice line, struct lxc_features *features)
{
	struct slice value, name = slice_cut(line, ' ', &value);
	uint64_t number;

	if (slice_is(name, "file"))
		return is_unchanged(line);
	if (!slice_number(value, 0, 1000, &number))
		return false;
	if (slice_is(name, "major"))
		features->major = (int)number;
	for (size_t i = 0; i < ROWS; i++)
		if (slice_is(name, rows[i].name))
			*(bool *)((char *)features + rows[i].offset) = number == 1;
	return true;
}

bool lxc_features_read(struct lxc_features *features)
{
	auto_free char *path = path_in(PATH_RUN, "lxc-features");
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct lxc_features got = { 0 };
	struct slice rest, line;
	struct error ignored;

	if (read_file(-1, path, 65536, &text, &ignored) < 0)
		return false;
	rest = strbuf_slice(&text);
	while (slice_line(&rest, &line))
		if (!take_line(line, &got))
			return false;
	if (got.major == 0)
		return false;
	*features = got;
	return true;
}

int lxc_features_save(const struct lxc_features *features, const char *library,
		      struct error *err)
{
	auto_free char *path = path_in(PATH_RUN, "lxc-features");
	auto_strbuf struct strbuf text = STRBUF_INIT;

	identity(library, &text);
	identity(APPARMOR_PARSER, &text);
	strbuf_addf(&text, "major %d\n", features->major);
	for (size_t i = 0; i < ROWS; i++)
		strbuf_addf(&text, "%s %d\n", rows[i].name,
			    *(const bool *)((const char *)features + rows[i].offset));
	if (path_make(PATH_RUN, err) < 0)
		return -1;
	return save_path(path, strbuf_slice(&text), 0644, err);
}
