#include "base/path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/slice.h"

#define ROOT_MAX 60

static const char *const dirs[PATH_COUNT] = {
	[PATH_ETC] = "/etc/pve",         [PATH_CONFIG] = "/etc/pve/lxc",
	[PATH_NODES] = "/etc/pve/nodes", [PATH_FIREWALL] = "/etc/pve/firewall",
	[PATH_LXC] = "/var/lib/lxc",     [PATH_VZ] = "/var/lib/vz",
	[PATH_RUN] = "/run/pve",         [PATH_RUN_LXC] = "/run/lxc",
	[PATH_LOCK] = "/run/lock/lxc",   [PATH_STORAGE_LOCK] = "/var/lock/pve-manager",
	[PATH_LOG] = "/var/log/pve",     [PATH_HOST] = "",
};

static char root[ROOT_MAX + 1];

static bool is_plain_path(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789/._-";
	struct slice rest = slice(text), part;

	if (text[0] != '/' || text[strspn(text, allowed)] != '\0')
		return false;
	while (rest.at) {
		part = slice_cut(rest, '/', &rest);
		if (slice_is(part, ".") || slice_is(part, ".."))
			return false;
	}
	return true;
}

int path_set_root(const char *text, struct error *err)
{
	size_t len = strlen(text);

	while (len && text[len - 1] == '/')
		len--;
	if (len > ROOT_MAX)
		return fail(err, 0, "PCT_ROOT '%s' is longer than %d characters", text,
			    ROOT_MAX);
	if (len && !is_plain_path(text))
		return fail(
			err, 0,
			"PCT_ROOT '%s' is not an absolute path of letters, digits and ._-",
			text);
	memcpy(root, text, len);
	root[len] = '\0';
	return 0;
}

int path_init(struct error *err)
{
	const char *text = getenv("PCT_ROOT");

	return path_set_root(text ? text : "", err);
}

const char *path_root(void)
{
	return root;
}

static PRINTF(3, 0) char *join(const char *front, const char *dir, const char *fmt,
			       va_list ap)
{
	auto_free char *rest = NULL;

	if (vasprintf(&rest, fmt, ap) < 0)
		rest = xstrdup("");
	return xasprintf("%s%s%s%s", front, dir, rest[0] ? "/" : "", rest);
}

char *path_in(enum path dir, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = join(root, dirs[dir], fmt, ap);
	va_end(ap);
	return text;
}

/* The installation prefix: what stands in front of /sbin/X or /libexec/pct/X. */
static const char *prefix(void)
{
	static char self[4096];
	ssize_t len;
	char *cut;

	if (self[0])
		return self;
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[len > 0 ? len : 0] = '\0';
	cut = strstr(self, "/libexec/pct/");
	if (!cut) {
		cut = strrchr(self, '/');
		if (cut)
			*cut = '\0';
		cut = strrchr(self, '/');
	}
	if (cut)
		*cut = '\0';
	return self;
}

char *path_program(void)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self));

	return len > 0 ? xstrndup(self, (size_t)len) : xstrdup("/proc/self/exe");
}

char *path_libexec(const char *name)
{
	return xasprintf("%s/libexec/pct/%s", prefix(), name);
}

char *path_share(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = join(prefix(), "/share/pct", fmt, ap);
	va_end(ap);
	return text;
}

int path_make(enum path dir, struct error *err)
{
	auto_free char *path = path_in(dir, "%s", "");

	return make_dirs(path, 0755, err);
}

const char *path_node(void)
{
	static char name[256];

	if (!name[0]) {
		if (gethostname(name, sizeof(name) - 1) < 0 || !name[0])
			snprintf(name, sizeof(name), "localhost");
		name[strcspn(name, ".")] = '\0';
	}
	return name;
}
