#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "storage/scan.h"

struct scan_options {
	char *kind, *target, *username, *password, *domain;
};

static const char *const kinds[] = {
	"cifs", "iscsi", "lvm", "lvmthin", "nfs", "zfs", NULL
};

#define TARGET                                                                           \
	{                                                                                \
		.name = "target", .type = PROP_TEXT, .offset = AT(scan_options, target), \
		.help = "Name or address of the server, for cifs, iscsi and nfs; the "   \
			"volume group, for lvmthin.",                                    \
		.pattern = "^[A-Za-z0-9:[][]A-Za-z0-9._:%+-]*$"                          \
	}

static const struct prop scan_args[] = {
	{ .name = "kind",
	  .type = PROP_ENUM,
	  .offset = AT(scan_options, kind),
	  .help = "What to look for.",
	  .choices = kinds,
	  .flags = PROP_REQUIRED },
	TARGET,
	{ 0 },
};

static const struct prop target_args[] = { TARGET, { 0 } };

static const struct prop login_options[] = {
	{ .name = "domain",
	  .type = PROP_TEXT,
	  .offset = AT(scan_options, domain),
	  .help = "Domain of the user, for cifs." },
	{ .name = "password",
	  .type = PROP_TEXT,
	  .offset = AT(scan_options, password),
	  .help = "Password of the user, for cifs.",
	  .flags = PROP_VALUE_OPTIONAL },
	{ .name = "username",
	  .type = PROP_TEXT,
	  .offset = AT(scan_options, username),
	  .help = "User on the server, for cifs." },
	{ 0 },
};

/* One line each; the first column is as wide as its longest word. */
static void print_scan(const struct scan *found)
{
	int width = 0;

	for (size_t i = 0; i < found->count; i++)
		if ((int)strlen(found->at[i].name) > width)
			width = (int)strlen(found->at[i].name);
	for (size_t i = 0; i < found->count; i++) {
		const struct scan_row *row = &found->at[i];

		if (*row->description)
			printf("%-*s %s\n", width, row->name, row->description);
		else
			printf("%s\n", row->name);
	}
}

static int look(const char *kind, const struct scan_options *options, struct scan *found,
		struct error *err)
{
	const struct scan_login login = { .username = options->username,
					  .password = options->password,
					  .domain = options->domain };
	bool needs_target = strcmp(kind, "lvm") != 0 && strcmp(kind, "zfs") != 0;

	if (needs_target && !options->target)
		return fail_parameter(err, "target",
				      "property is missing and it is not "
				      "optional");
	if (!needs_target && options->target)
		return fail_parameter(err, "target", "scan of '%s' takes none", kind);
	if (strcmp(kind, "cifs") == 0)
		return scan_cifs(options->target, &login, found, err);
	if (strcmp(kind, "iscsi") == 0)
		return scan_iscsi(options->target, found, err);
	if (strcmp(kind, "nfs") == 0)
		return scan_nfs(options->target, found, err);
	if (strcmp(kind, "lvmthin") == 0)
		return scan_lvmthin(options->target, found, err);
	return strcmp(kind, "lvm") == 0 ? scan_lvm(found, err) : scan_zfs(found, err);
}

static int scan_kind(const char *kind, const struct call *call, struct error *err)
{
	auto_scan struct scan found = { 0 };

	if (look(kind, call->options, &found, err) < 0)
		return -1;
	print_scan(&found);
	return 0;
}

static int scan(struct call *call, struct error *err)
{
	const struct scan_options *options = call->options;

	return scan_kind(options->kind, call, err);
}

/* The older names: "nfsscan SERVER". */
static int old_scan(struct call *call, struct error *err)
{
	for (const char *const *kind = kinds; *kind; kind++)
		if (strncmp(call->command->name, *kind, strlen(*kind)) == 0 &&
		    strcmp(call->command->name + strlen(*kind), "scan") == 0)
			return scan_kind(*kind, call, err);
	return fail(err, 0, "unknown command '%s'", call->command->name);
}

const struct command cmd_scan = {
	.name = "scan",
	.group = 3,
	.help = "Look for what can be a storage: exports and targets of a server, volume "
		"groups, thin pools, datasets.",
	.args = scan_args,
	.options = login_options,
	.options_size = sizeof(struct scan_options),
	.run = scan,
};

#define OLD_SCAN(kind)                                       \
	const struct command cmd_##kind##scan = {            \
		.name = #kind "scan",                        \
		.help = "An older name of scan " #kind ".",  \
		.args = target_args,                         \
		.options = login_options,                    \
		.options_size = sizeof(struct scan_options), \
		.flags = CMD_HIDDEN,                         \
		.run = old_scan,                             \
	}

OLD_SCAN(cifs);
OLD_SCAN(iscsi);
OLD_SCAN(lvm);
OLD_SCAN(lvmthin);
OLD_SCAN(nfs);
OLD_SCAN(zfs);
