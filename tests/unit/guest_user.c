#include <string.h>

#include "guest/user.h"

#include "guest_tree.h"
#include "test.h"

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "bad:x:12x:1::/:\n"
			     "short:x:13\n"
			     "app:x:1000:100:App:/srv:/bin/sh\n"
			     "twin:x:1000:200::/:/bin/sh\n";
static const char group[] = "root:x:0:\n"
			    "wheel:x:10:root,app\n"
			    "video:x:44:app\n"
			    "apps:x:45:myapp,apps\n"
			    "nogroup:x:65534:\n"
			    "broken:x:y:app\n"
			    "users:x:100:";

/* "uid gid groups", '-' for what is left out; or "error: " and the message. */
static const char *found(const char *wanted)
{
	static char text[300];
	auto_guest_user struct guest_user user = { .groups = STRBUF_INIT };
	auto_notes struct notes notes = { 0 };
	struct error err;
	size_t used = 0;

	if (user_find(slice(wanted), slice(passwd), slice(group), &user, &notes, &err) <
	    0) {
		snprintf(text, sizeof(text), "error: %.200s", err.text);
		return text;
	}
	used += (size_t)snprintf(text, sizeof(text), user.has_uid ? "%u" : "-", user.uid);
	used += (size_t)snprintf(text + used, sizeof(text) - used,
				 user.has_gid ? " %u" : " -", user.gid);
	snprintf(text + used, sizeof(text) - used, " %s%s",
		 user.groups.len ? user.groups.at : "-", notes.count ? " noted" : "");
	return text;
}

TEST("a user comes with its group and all groups that list it, if no group is given")
{
	EXPECT_TEXT(found("app"), "1000 100 10,44");
	EXPECT_TEXT(found("1000"), "1000 100 10,44");
	EXPECT_TEXT(found("twin"), "1000 100 10,44");
	EXPECT_TEXT(found("root"), "0 0 10");
	EXPECT_TEXT(found("0"), "0 0 10");
	EXPECT_TEXT(found("4711"), "4711 - -");
}

TEST("with a group it is that one and no other")
{
	EXPECT_TEXT(found("1000:nogroup"), "1000 65534 -");
	EXPECT_TEXT(found("app:4"), "1000 4 -");
	EXPECT_TEXT(found("4711:users"), "4711 100 -");
	EXPECT_TEXT(found("0:0"), "0 0 -");
}

TEST("what is not known is left out and told")
{
	EXPECT_TEXT(found("nobody"), "- - - noted");
	EXPECT_TEXT(found("bad"), "- - - noted");
	EXPECT_TEXT(found("short"), "- - - noted");
	EXPECT_TEXT(found("nobody:wheel"), "- 10 - noted");
	EXPECT_TEXT(found("app:none"), "1000 - - noted");
	EXPECT_TEXT(found("app:broken"), "1000 - - noted");
	EXPECT_TEXT(found("-1"), "- - - noted");
	EXPECT_TEXT(found("../../etc"), "- - - noted");
}

TEST("empty parts, several colons and impossible numbers are refused")
{
	EXPECT_TEXT(found(""), "error: '' is not of the form user[:group]");
	EXPECT_TEXT(found(":"), "error: ':' is not of the form user[:group]");
	EXPECT_TEXT(found("app:"), "error: 'app:' is not of the form user[:group]");
	EXPECT_TEXT(found(":app"), "error: ':app' is not of the form user[:group]");
	EXPECT_TEXT(found("a:b:c"), "error: 'a:b:c' is not of the form user[:group]");
	EXPECT_TEXT(found("4294967295"), "error: '4294967295' is no possible id");
	EXPECT_TEXT(found("1:99999999999999999999"),
		    "error: '99999999999999999999' is no possible id");
}

/* ---- with a root that an image made ---- */

static bool is_root(void)
{
	if (geteuid() != 0)
		test_skip("needs root");
	return geteuid() == 0;
}

static int look_up(int root, const char *wanted, struct guest_user *user, struct error *err)
{
	auto_notes struct notes notes = { 0 };
	struct idmap map;

	idmap_default(&map);
	*err = (struct error){ 0 };
	return guest_find_user(root, &map, wanted, user, &notes, err);
}

TEST("the files are the image's own, also behind links inside it")
{
	auto_guest_user struct guest_user user = { .groups = STRBUF_INIT };
	auto_close int root = -1;
	struct error err;

	if (!is_root())
		return;
	root = tree_new(test_dir(), "own");
	tree_puts(root, "usr/passwd", passwd);
	tree_puts(root, "etc/group", group);
	tree_link(root, "../../../usr/passwd", "etc/passwd");
	EXPECT_INT(look_up(root, "app", &user, &err), 0);
	EXPECT_INT(user.uid, 1000);
	EXPECT_INT(user.gid, 100);
	EXPECT_TEXT(user.groups.at, "10,44");
}

TEST("a link to the host, a FIFO, a directory or nothing at all has no users")
{
	static const char *const kinds[] = { "absolute", "relative", "fifo", "dir",
					     "none" };

	for (size_t i = 0; i < 5 && is_root(); i++) {
		auto_guest_user struct guest_user user = { .groups = STRBUF_INIT };
		auto_close int root = tree_new(test_dir(), kinds[i]);
		auto_close int outside = tree_new(test_dir(), "outside");
		auto_free char *target = xasprintf("%s/outside/passwd", test_dir());
		struct error err;

		tree_puts(outside, "passwd", passwd);
		tree_puts(root, "etc/x", "");
		if (i == 0)
			tree_link(root, target, "etc/passwd");
		else if (i == 1)
			tree_link(root, "../../outside/passwd", "etc/passwd");
		else if (i == 2)
			tree_make_special(root, "etc/passwd", true);
		else if (i == 3)
			tree_puts(root, "etc/passwd/x", "");
		tree_make_special(root, "etc/group", true);
		EXPECT_INT(look_up(root, "app:wheel", &user, &err), 0);
		EXPECT(!user.has_uid && !user.has_gid);
		EXPECT_INT(look_up(root, "5:6", &user, &err), 0);
		EXPECT_INT(user.uid, 5);
		EXPECT_INT(user.gid, 6);
	}
}

TEST("ids that the container has not are refused: init could not become them")
{
	auto_guest_user struct guest_user user = { .groups = STRBUF_INIT };
	auto_close int root = -1;
	struct error err;

	if (!is_root())
		return;
	root = tree_new(test_dir(), "range");
	tree_puts(root, "etc/passwd", "far:x:70000:1::/:\nnear:x:1:1::/:\n");
	tree_puts(root, "etc/group", "away:x:80000:near\n");
	EXPECT(look_up(root, "far", &user, &err) < 0);
	EXPECT_TEXT(err.text, "user of the image: user 70000 is outside the container's "
			      "id map");
	EXPECT(look_up(root, "1:65536", &user, &err) < 0);
	EXPECT_TEXT(err.text, "user of the image: group 65536 is outside the container's "
			      "id map");
	EXPECT(look_up(root, "near", &user, &err) < 0);
	EXPECT(!user.has_uid);
}

TEST("a file of terabytes is an error at once")
{
	auto_guest_user struct guest_user user = { .groups = STRBUF_INIT };
	auto_close int root = -1, fd = -1;
	struct error err;

	if (!is_root())
		return;
	root = tree_new(test_dir(), "huge");
	tree_puts(root, "etc/passwd", passwd);
	fd = openat(root, "etc/passwd", O_WRONLY | O_CLOEXEC);
	EXPECT_INT(ftruncate(fd, (off_t)1 << 40), 0);
	EXPECT(look_up(root, "app", &user, &err) < 0);
	EXPECT(strstr(err.text, "user of the image: ") == err.text);
}
