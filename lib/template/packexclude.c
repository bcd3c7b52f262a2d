#include "template/packexclude.h"

#include <fnmatch.h>
#include <stddef.h>

/* An anchored pattern stands for "." with the pattern behind it, as members are named. */
static bool matches_anchored(const char *pattern, const char *member)
{
	return member[0] == '.' && fnmatch(pattern, member + 1, FNM_LEADING_DIR) == 0;
}

static bool matches_anywhere(const char *pattern, const char *member)
{
	if (fnmatch(pattern, member, FNM_LEADING_DIR) == 0)
		return true;
	for (const char *at = member; *at; at++)
		if (at[0] == '/' && at[1] != '/' &&
		    fnmatch(pattern, at + 1, FNM_LEADING_DIR) == 0)
			return true;
	return false;
}

bool pack_is_excluded(const char *const *patterns, const char *member)
{
	for (; patterns && *patterns; patterns++)
		if ((*patterns)[0] == '/' ? matches_anchored(*patterns, member)
					  : matches_anywhere(*patterns, member))
			return true;
	return false;
}
