/* config FILE: the CPU time in ms of parsing this file and writing it again. */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#include "base/file.h"
#include "config/config.h"

#define ROUNDS 500

static int rewrite(struct slice text, struct error *err)
{
	auto_notes struct notes warnings = { 0 };
	auto_config struct config *config = config_parse(text, 100, &warnings);
	auto_strbuf struct strbuf out = STRBUF_INIT;

	if (config_format(config, &out, err) < 0)
		return -1;
	if (warnings.count || out.len != text.len)
		return fail(err, 0, "the file is not in canonical form");
	return 0;
}

int main(int argc, char **argv)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct error err;
	clock_t start;

	if (argc != 2 || read_file(AT_FDCWD, argv[1], 1 << 20, &text, &err) < 0)
		return 2;
	start = clock();
	for (int i = 0; i < ROUNDS; i++) {
		if (rewrite(strbuf_slice(&text), &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
	}
	printf("%.4f\n", (double)(clock() - start) * 1e3 / CLOCKS_PER_SEC / ROUNDS);
	return 0;
}
