#include <string.h>

#include "base/file.h"
#include "base/own.h"
#include "base/path.h"
#include "storage/share.h"

#define CHECK_TIMEOUT_S 10

static const char *property(const struct storage *st, const char *name,
			    const char *fallback)
{
	const char *value = keyvals_get(&st->props, name);

	return value ? value : fallback;
}

static char *share_of(const struct storage *st)
{
	return xasprintf("//%s/%s", property(st, "server", ""), property(st, "share", ""));
}

char *cifs_source(const struct storage *st)
{
	auto_free char *share = share_of(st);

	return xasprintf("%s%s", share, property(st, "subdir", ""));
}

static bool uses_kerberos(const struct storage *st)
{
	struct slice rest = slice(property(st, "options", "")), word;

	while (slice_word(&rest, &word))
		if (slice_starts(word, "sec=krb5"))
			return true;
	return false;
}

/* Who mounts it, as one option word. */
static char *login_options(const struct storage *st, const char *credentials)
{
	const char *domain = property(st, "domain", NULL);

	if (credentials)
		return xasprintf("username=%s,credentials=%s%s%s",
				 property(st, "username", "guest"), credentials,
				 domain ? ",domain=" : "", domain ? domain : "");
	return xstrdup(uses_kerberos(st) ? "" : "guest,username=guest");
}

void cifs_plan_mount(const struct storage *st, const char *credentials,
		     struct commands *commands)
{
	const char *more = property(st, "options", NULL);
	auto_free char *source = cifs_source(st);
	auto_free char *login = login_options(st, credentials);
	auto_free char *options = xasprintf("soft%s%s,vers=%s%s%s", *login ? "," : "",
					    login, property(st, "smbversion", "default"),
					    more ? "," : "", more ? more : "");

	commands_add(commands, COMMAND_MUST,
		     WORDS("mount", "-t", "cifs", source, st->path, "-o", options));
}

void cifs_plan_check(const struct storage *st, const char *credentials,
		     struct commands *commands)
{
	auto_free char *share = share_of(st);
	auto_free char *user = xasprintf("%s%s%s", property(st, "domain", ""),
					 property(st, "domain", NULL) ? "\\" : "",
					 property(st, "username", "guest"));

	if (credentials)
		commands_add(commands, COMMAND_MUST,
			     WORDS("smbclient", share, "-d", "0", "-U", user, "-A",
				   credentials, "-c", "echo 1 0"));
	else if (uses_kerberos(st))
		commands_add(commands, COMMAND_MUST,
			     WORDS("smbclient", share, "-d", "0", "--use-kerberos=required",
				   "-c", "echo 1 0"));
	else
		commands_add(commands, COMMAND_MUST,
			     WORDS("smbclient", share, "-d", "0", "-U", "guest", "-N", "-c",
				   "echo 1 0"));
}

static int activate(const struct storage *st, struct error *err)
{
	auto_commands struct commands check = { .package = "smbclient" };
	auto_commands struct commands mount = { .package = CIFS_PACKAGE };
	auto_free char *file = path_in(PATH_ETC, "priv/storage/%s.pw", st->id);
	const char *credentials = path_exists(file) ? file : NULL;
	auto_free char *source = cifs_source(st);

	cifs_plan_check(st, credentials, &check);
	if (commands_run(&check, CHECK_TIMEOUT_S, NULL, err) < 0)
		return fail_prefix(err, "storage '%s' is not online: ", st->id);
	cifs_plan_mount(st, credentials, &mount);
	return share_activate(st, "cifs", source, &mount, err);
}

const struct storage_type storage_cifs = {
	.name = "cifs",
	.kind = KIND_CIFS,
	.activate = activate,
	SHARE_TYPE_ROW,
};
