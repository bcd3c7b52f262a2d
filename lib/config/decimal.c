#include "config/decimal.h"

#define FRACTION_DIGITS 18 /* 10^18 * 2^40 fits into 128 bits; no boundary is finer */

void decimal_split(struct slice text, struct slice *number, struct slice *rest)
{
	size_t len = 0;

	while (len < text.len &&
	       ((text.at[len] >= '0' && text.at[len] <= '9') || text.at[len] == '.'))
		len++;
	*number = slice_of(text.at, len);
	*rest = slice_from(text, len);
}

bool decimal_is_valid(struct slice text)
{
	struct slice fraction;
	struct slice whole = slice_cut(text, '.', &fraction);

	return slice_is_digits(whole) && (!fraction.at || slice_is_digits(fraction));
}

static uint64_t scale_fraction(struct slice digits, unsigned shift)
{
	unsigned __int128 value = 0, base = 1;

	for (size_t i = 0; i < digits.len && i < FRACTION_DIGITS; i++) {
		value = value * 10 + (unsigned)(digits.at[i] - '0');
		base *= 10;
	}
	return (uint64_t)((value << shift) / base);
}

bool decimal_scale(struct slice number, unsigned shift, uint64_t *out)
{
	struct slice fraction;
	struct slice digits = slice_cut(number, '.', &fraction);
	uint64_t whole;

	if (!decimal_is_valid(number) ||
	    !slice_number(digits, 0, (uint64_t)INT64_MAX >> shift, &whole))
		return false;
	*out = (whole << shift) + scale_fraction(fraction, shift);
	return true;
}
