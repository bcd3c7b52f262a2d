/*
 * The house harness: TEST("a sentence") { EXPECT(...); } registers itself; the
 * program prints TAP and fails if one expectation did.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct test {
	const char *title, *file;
	void (*run)(void);
	struct test *next;
};

void test_register(struct test *test);
void test_expect(bool ok, const char *file, int line, const char *what);
void test_expect_text(const char *got, const char *want, const char *file, int line);
void test_expect_int(long long got, long long want, const char *file, int line);

/* The rest of this test cannot run here; the reason is printed and counted. */
void test_skip(const char *reason);

/* A fresh directory of this test, removed at the end of the program. */
const char *test_dir(void);

#define TEST_NAME2(line) test_##line
#define TEST_NAME(line)  TEST_NAME2(line)
#define TEST_ADD2(line)  test_add_##line
#define TEST_ADD(line)   TEST_ADD2(line)
#define TEST_ROW2(line)  test_row_##line
#define TEST_ROW(line)   TEST_ROW2(line)

#define TEST(sentence)                                                          \
	static void TEST_NAME(__LINE__)(void);                                  \
	static struct test TEST_ROW(__LINE__) = { .title = sentence,            \
						  .file = __FILE__,             \
						  .run = TEST_NAME(__LINE__) }; \
	__attribute__((constructor)) static void TEST_ADD(__LINE__)(void)       \
	{                                                                       \
		test_register(&TEST_ROW(__LINE__));                             \
	}                                                                       \
	static void TEST_NAME(__LINE__)(void)

#define EXPECT(what)           test_expect(what, __FILE__, __LINE__, #what)
#define EXPECT_TEXT(got, want) test_expect_text(got, want, __FILE__, __LINE__)
#define EXPECT_INT(got, want) \
	test_expect_int((long long)(got), (long long)(want), __FILE__, __LINE__)
