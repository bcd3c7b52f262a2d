#include "config/size.h"

#include "config/decimal.h"

/* The power of two of a unit, or -1. */
static int unit_shift(struct slice unit)
{
	static const char letters[] = "KMGT";

	if (unit.len == 0)
		return 0;
	if (unit.len != 1 && !(unit.len == 3 && slice_ends(unit, "iB")))
		return -1;
	for (int i = 0; letters[i]; i++)
		if (unit.at[0] == letters[i])
			return 10 * (i + 1);
	return -1;
}

bool size_parse(struct slice text, uint64_t *bytes)
{
	struct slice number, unit;
	int shift;

	decimal_split(text, &number, &unit);
	shift = unit_shift(unit);
	return shift >= 0 && decimal_scale(number, (unsigned)shift, bytes);
}

void size_format(uint64_t bytes, struct strbuf *out)
{
	static const char units[] = "KMGT";

	if (bytes == 0) {
		strbuf_adds(out, "0T");
		return;
	}
	for (unsigned i = 4; i > 0; i--) {
		unsigned shift = 10 * i;

		if ((bytes & ((UINT64_C(1) << shift) - 1)) == 0) {
			strbuf_addf(out, "%llu%c", (unsigned long long)(bytes >> shift),
				    units[i - 1]);
			return;
		}
	}
	strbuf_addf(out, "%llu", (unsigned long long)bytes);
}
