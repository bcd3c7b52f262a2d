#include <string.h>

#include "base/own.h"
#include "base/path.h"
#include "test.h"

TEST("all paths move under the root, and only plain absolute roots are taken")
{
	static const char *const bad[] = {
		"relative",
		"/a/../b",
		"/a b",
		"/a;b",
		"/a/./b",
		("/0123456789012345678901234567890123456789012345678901"
		 "234567890"),
	};
	struct error err;

	EXPECT_INT(path_set_root("/tmp/x/", &err), 0);
	auto_free char *path = path_in(PATH_CONFIG, "%u.conf", 101u);
	EXPECT_TEXT(path, "/tmp/x/etc/pve/lxc/101.conf");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_INT(path_set_root(bad[i], &err), -1);
	EXPECT_TEXT(path_root(), "/tmp/x");
	EXPECT_INT(path_set_root("", &err), 0);
	auto_free char *real = path_in(PATH_VZ, "%s", "");
	EXPECT_TEXT(real, "/var/lib/vz");
}
