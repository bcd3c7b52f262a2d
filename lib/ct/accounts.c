#include "ct/accounts.h"

#include <fcntl.h>
#include <stdint.h>

#include "base/file.h"
#include "base/own.h"

#define FILE_MAX (4 << 20)
#define ID_MAX   (UINT32_MAX - 1)

bool account_number(const char *text, long long *id)
{
	uint64_t value;

	if (!slice_number(slice(text), 0, ID_MAX, &value))
		return false;
	*id = (long long)value;
	return true;
}

bool account_in(struct slice text, const char *name, long long *id)
{
	struct slice line, rest;
	uint64_t value;

	while (slice_line(&text, &line)) {
		if (!slice_is(slice_cut(line, ':', &rest), name))
			continue;
		slice_cut(rest, ':', &rest);
		if (!slice_number(slice_cut(rest, ':', &rest), 0, ID_MAX, &value))
			continue;
		*id = (long long)value;
		return true;
	}
	return false;
}

int account_find(int root, const char *path, const char *name, long long *id)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error ignored;
	auto_close int fd = open_in_root(root, path, O_RDONLY | O_NONBLOCK, 0, &ignored);

	if (fd < 0 || read_all(fd, FILE_MAX, &text, &ignored) < 0)
		return -1;
	return account_in(strbuf_slice(&text), name, id) ? 0 : -1;
}
