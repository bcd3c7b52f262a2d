#include "config/keyvals.h"

#include "base/own.h"
#include "test.h"

TEST("keys are kept in bytewise order, whatever order they came in")
{
	auto_keyvals struct keyvals list = { 0 };

	keyvals_set(&list, "mp2", "c");
	keyvals_set(&list, "mp10", "b");
	keyvals_set(&list, "arch", "a");
	keyvals_set(&list, "mp2", "d");
	EXPECT_INT(list.count, 3);
	EXPECT_TEXT(list.at[0].key, "arch");
	EXPECT_TEXT(list.at[1].key, "mp10");
	EXPECT_TEXT(list.at[2].value, "d");
}

TEST("a key that was taken out is absent, and taking it out again does nothing")
{
	auto_keyvals struct keyvals list = { 0 };

	for (char key[] = "a"; key[0] <= 'z'; key[0]++)
		keyvals_set(&list, key, "1");
	keyvals_unset(&list, "m");
	keyvals_unset(&list, "m");
	EXPECT_INT(list.count, 25);
	EXPECT(keyvals_get(&list, "m") == NULL);
	EXPECT_TEXT(keyvals_get(&list, "n"), "1");
	keyvals_set(&list, "m", "2");
	EXPECT_TEXT(keyvals_get(&list, "m"), "2");
}

TEST("of keys appended twice the last one stays after sorting")
{
	auto_keyvals struct keyvals list = { 0 };

	keyvals_append(&list, xstrdup("b"), xstrdup("1"));
	keyvals_append(&list, xstrdup("a"), xstrdup("2"));
	keyvals_append(&list, xstrdup("b"), xstrdup("3"));
	keyvals_sort(&list);
	EXPECT_INT(list.count, 2);
	EXPECT_TEXT(keyvals_get(&list, "b"), "3");
}

TEST("copying adds new keys and replaces old ones")
{
	auto_keyvals struct keyvals to = { 0 }, from = { 0 };

	keyvals_set(&to, "a", "1");
	keyvals_set(&to, "b", "1");
	keyvals_set(&from, "b", "2");
	keyvals_set(&from, "c", "2");
	keyvals_copy(&to, &from);
	EXPECT_TEXT(keyvals_get(&to, "a"), "1");
	EXPECT_TEXT(keyvals_get(&to, "b"), "2");
	EXPECT_TEXT(keyvals_get(&to, "c"), "2");
}
