#include "ct/bwlimit.h"

#include <stdlib.h>

#include "base/own.h"
#include "config/volid.h"

/* The number behind "<name>=" in "default=100,clone=50"; negative: there is none. */
static double limit_of(const struct storage *st, const char *name)
{
	struct slice rest = slice(keyvals_get(&st->props, "bwlimit")), word, value;

	while (slice_word(&rest, &word)) {
		auto_free char *number = NULL;

		if (!slice_is(slice_cut(word, '=', &value), name))
			continue;
		number = slice_dup(value);
		return strtod(number, NULL);
	}
	return -1;
}

/* 0 means that there is no limit, as does none at all. */
static double effective(const struct storage *st, const char *operation)
{
	double limit = st ? limit_of(st, operation) : 0;

	return limit >= 0 ? limit : limit_of(st, "default");
}

static uint64_t whole(double kib)
{
	if (kib <= 0)
		return 0;
	return kib < 1 ? 1 : kib > 1e15 ? (uint64_t)1e15 : (uint64_t)kib;
}

uint64_t bwlimit_find(double asked, const char *operation, const struct storage *source,
		      const struct storage *target)
{
	uint64_t one = whole(effective(source, operation));
	uint64_t other = whole(effective(target, operation));

	if (asked >= 0)
		return whole(asked);
	if (!one || !other)
		return one ? one : other;
	return one < other ? one : other;
}

int bwlimit_of_copy(const struct storages *all, double asked, const char *operation,
		    const char *volid, const struct storage *target, uint64_t *limit_kib,
		    struct error *err)
{
	const struct storage *source;
	struct slice storage, volname;

	if (volid_parse(slice(volid), &storage, &volname, err) < 0 ||
	    storage_find(all, storage, &source, err) < 0)
		return -1;
	*limit_kib = bwlimit_find(asked, operation, source, target);
	return 0;
}
