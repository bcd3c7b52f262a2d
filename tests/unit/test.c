#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/own.h"
#include "base/tree.h"

static struct test *first, **last = &first;
static unsigned failures;
static const char *skipped;
static char scratch[] = "/tmp/pct-unit.XXXXXX";
static bool has_scratch;

void test_register(struct test *test)
{
	*last = test;
	last = &test->next;
}

void test_expect(bool ok, const char *file, int line, const char *what)
{
	if (ok)
		return;
	failures++;
	printf("# %s:%d: not so: %s\n", file, line, what);
}

void test_expect_text(const char *got, const char *want, const char *file, int line)
{
	if (got && want ? strcmp(got, want) == 0 : got == want)
		return;
	failures++;
	printf("# %s:%d:\n#  got: %s\n# want: %s\n", file, line, got ? got : "(NULL)",
	       want ? want : "(NULL)");
}

void test_expect_int(long long got, long long want, const char *file, int line)
{
	if (got == want)
		return;
	failures++;
	printf("# %s:%d: got %lld, want %lld\n", file, line, got, want);
}

void test_skip(const char *reason)
{
	skipped = reason;
}

const char *test_dir(void)
{
	if (!has_scratch && !mkdtemp(scratch)) {
		perror("mkdtemp");
		exit(2);
	}
	has_scratch = true;
	return scratch;
}

static void remove_scratch(void)
{
	struct error err;
	int tmp = has_scratch ? open_dir("/tmp", &err) : -1;

	if (tmp >= 0 && tree_remove(tmp, scratch + strlen("/tmp/"), &err) < 0)
		printf("# %s\n", err.text);
	close_fd(&tmp);
}

int main(void)
{
	unsigned number = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (struct test *test = first; test; test = test->next) {
		failures = 0;
		skipped = NULL;
		test->run();
		number++;
		failed += failures > 0;
		printf("%s %u - %s%s%s\n", failures ? "not ok" : "ok", number, test->title,
		       skipped ? " # SKIP " : "", skipped ? skipped : "");
	}
	printf("1..%u\n", number);
	remove_scratch();
	return failed ? 1 : 0;
}
