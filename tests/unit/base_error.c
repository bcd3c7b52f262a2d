#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "test.h"

TEST("a failure carries its code and strerror behind the sentence")
{
	struct error err;

	EXPECT_INT(fail(&err, ENOENT, "cannot open '%s'", "x"), -1);
	EXPECT_TEXT(err.text, "cannot open 'x': No such file or directory");
	EXPECT_INT(err.code, ENOENT);
}

TEST("context is put in front, and a text that is too long is cut, not overrun")
{
	struct error err;
	char big[4096];

	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	fail(&err, 0, "value");
	fail_in(&err, "%u.conf", 101u);
	fail_prefix(&err, "unable to create CT %u - ", 101u);
	EXPECT_TEXT(err.text, "unable to create CT 101 - 101.conf: value");
	fail_in(&err, "%s", big);
	EXPECT_INT(strlen(err.text), sizeof(err.text) - 1);
}
