#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "base/random.h"
#include "base/slice.h"
#include "guest/guest.h"

#define SALT_LEN 16

/* Schemes of crypt(5) that Debian's libcrypt reads; their hashes are passed on. */
static const char *const schemes[] = { "$1$",  "$2$", "$2a$", "$2b$", "$2x$",
				       "$2y$", "$5$", "$6$",  "$y$",  "$gy$" };

static bool is_hash_text(struct slice text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789./";

	for (size_t i = 0; i < text.len; i++)
		if (!strchr(allowed, text.at[i]))
			return false;
	return text.len > 0;
}

/* Parts divided by '$', the first of which may be "rounds=N". */
static bool is_hash(const char *password)
{
	struct slice rest = slice(NULL), part;
	unsigned parts = 0;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(password, schemes[i], strlen(schemes[i])) == 0)
			rest = slice(password + strlen(schemes[i]));
	if (slice_starts(rest, "rounds="))
		part = slice_cut(slice_from(rest, strlen("rounds=")), '$', &rest);
	while (rest.at) {
		part = slice_cut(rest, '$', &rest);
		if (!is_hash_text(part))
			return false;
		parts++;
	}
	return parts >= 2 && parts <= 3;
}

int password_hash(const char *password, char **hash, struct error *err)
{
	struct crypt_data *data = NULL;
	char setting[3 + SALT_LEN + 1] = "$6$";
	const char *text;

	if (is_hash(password)) {
		*hash = xstrdup(password);
		return 0;
	}
	random_salt(setting + 3, SALT_LEN);
	data = xcalloc(1, sizeof(*data));
	text = crypt_rn(password, setting, data, sizeof(*data));
	if (text)
		*hash = xstrdup(text);
	else
		fail(err, errno, "cannot hash the password");
	explicit_bzero(data, sizeof(*data));
	free(data);
	return text ? 0 : -1;
}
