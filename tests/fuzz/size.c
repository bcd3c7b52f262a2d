/* Sizes: what is printed reads back the same, and spellings of one size are one number. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/size.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_size(struct slice text, uint64_t bytes)
{
	uint64_t again;

	if (!size_parse(text, &again) || again != bytes)
		abort();
}

static void print_and_read(uint64_t bytes)
{
	auto_strbuf struct strbuf printed = STRBUF_INIT;

	size_format(bytes, &printed);
	expect_size(strbuf_slice(&printed), bytes);
}

/* "1G" is "1GiB", and a fraction adds less than one unit. */
static void spell(struct slice text, uint64_t bytes)
{
	struct slice fraction, whole = slice_cut(text, '.', &fraction);
	bool has_unit = strchr("KMGT", text.at[text.len - 1]);
	auto_strbuf struct strbuf other = STRBUF_INIT;
	char unit[] = { has_unit ? text.at[text.len - 1] : '\0', '\0' };
	uint64_t least, one = 1;

	if (has_unit) {
		strbuf_addf(&other, SLICE_FMT "iB", SLICE_ARG(text));
		expect_size(strbuf_slice(&other), bytes);
	}
	if (!fraction.at || slice_ends(text, "iB"))
		return;
	strbuf_cut(&other, 0);
	strbuf_addf(&other, SLICE_FMT "%s", SLICE_ARG(whole), unit);
	if (!size_parse(strbuf_slice(&other), &least) || bytes < least)
		abort();
	strbuf_cut(&other, 0);
	strbuf_addf(&other, "1%s", unit);
	if (!size_parse(strbuf_slice(&other), &one) || bytes - least >= one)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of((const char *)data, size);
	uint64_t bytes, number = 0;

	memcpy(&number, data, size < sizeof(number) ? size : sizeof(number));
	print_and_read(number & INT64_MAX);
	if (!size_parse(text, &bytes))
		return 0;
	if (bytes > INT64_MAX)
		abort();
	print_and_read(bytes);
	spell(text, bytes);
	return 0;
}
