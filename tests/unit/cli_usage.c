#include "cli/usage.h"

#include <limits.h>

#include "cli/describe.h"
#include "cli/type_text.h"
#include "cli/wrap.h"
#include "test.h"

static const struct prop clone_args[] = {
	{ .name = "vmid", .type = PROP_INT, .help = "x", .flags = PROP_REQUIRED },
	{ .name = "storage", .type = PROP_TEXT, .help = "x" },
	{ 0 },
};

static const struct prop migrate_options[] = {
	{ .name = "map", .type = PROP_TEXT, .help = "x", .flags = PROP_REQUIRED },
	{ .name = "online", .type = PROP_BOOL, .help = "x" },
	{ 0 },
};

static const struct command start = { .name = "start", .group = 1, .args = clone_args };
static const struct command status = { .name = "status", .group = 1 };
static const struct command move = { .name = "move-volume",
				     .alias = "move_volume",
				     .group = 2,
				     .args = clone_args,
				     .options = migrate_options };
static const struct command rescan = { .name = "rescan",
				       .group = 2,
				       .options = migrate_options + 1 };
static const struct command hidden = { .name = "bashcomplete", .flags = CMD_HIDDEN };

static const struct command *const commands[] = { &start,  &status, &move,
						  &rescan, &hidden, NULL };
static const struct program program = { .name = "pct", .commands = commands };

static const char *found(const char *word)
{
	bool ambiguous;
	const struct command *command = command_find(&program, word, &ambiguous);

	return command ? command->name : ambiguous ? "(ambiguous)" : "(unknown)";
}

TEST("a command is found by its name, a unique prefix, or its alias in full")
{
	EXPECT_TEXT(found("start"), "start");
	EXPECT_TEXT(found("sta"), "(ambiguous)");
	EXPECT_TEXT(found("statu"), "status");
	EXPECT_TEXT(found("mo"), "move-volume");
	EXPECT_TEXT(found("move_volume"), "move-volume");
	EXPECT_TEXT(found("move_vol"), "(unknown)");
	EXPECT_TEXT(found("START"), "(unknown)");
}

TEST("a hidden command is found by its full name only")
{
	EXPECT_TEXT(found("bashcomplete"), "bashcomplete");
	EXPECT_TEXT(found("bash"), "(unknown)");
}

TEST("the usage list shows the commands in groups, arguments and required options")
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	usage_list(&program, &out);
	EXPECT_TEXT(out.at,
		    "USAGE: pct <COMMAND> [ARGS] [OPTIONS]\n"
		    "\n"
		    "       pct start <vmid> [<storage>]\n"
		    "       pct status \n"
		    "\n"
		    "       pct move-volume <vmid> [<storage>] --map <string> [OPTIONS]\n"
		    "       pct rescan  [OPTIONS]\n");
}

static void expect_type(const struct prop *prop, const char *want)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	type_text(prop, &out);
	EXPECT_TEXT(out.at, want);
}

TEST("help names the type of an option: ranges, choices by name, patterns")
{
	static const char *const modes[] = { "shell", "console", "tty", NULL };

	expect_type(&(struct prop){ .type = PROP_BOOL }, "<boolean>");
	expect_type(&(struct prop){ .type = PROP_INT }, "<integer>");
	expect_type(&(struct prop){ .type = PROP_INT, .max = LLONG_MAX },
		    "<integer> (0 - N)");
	expect_type(&(struct prop){ .type = PROP_INT, .min = 1, .max = 8 },
		    "<integer> (1 - 8)");
	expect_type(&(struct prop){ .type = PROP_NUMBER, .max = 8192 },
		    "<number> (0 - 8192)");
	expect_type(&(struct prop){ .type = PROP_ENUM, .choices = modes },
		    "<console | shell | tty>");
	expect_type(&(struct prop){ .type = PROP_TEXT, .pattern = "\\^?[a-z]" },
		    "\\^?[a-z]");
	expect_type(&(struct prop){ .type = PROP_TEXT, .flags = PROP_FILE }, "<filepath>");
	expect_type(&(struct prop){ .type = PROP_TEXT, .type_text = "<storage ID>" },
		    "<storage ID>");
}

TEST("the type of a property string lists the default key, required keys, the others")
{
	static const struct prop members[] = {
		{ .name = "size", .type = PROP_TEXT },
		{ .name = "acl", .type = PROP_BOOL },
		{ .name = "mp", .type = PROP_TEXT, .flags = PROP_REQUIRED },
		{ .name = "volume",
		  .type = PROP_TEXT,
		  .flags = PROP_REQUIRED | PROP_DEFAULT_KEY },
		{ 0 },
	};

	expect_type(&(struct prop){ .type = PROP_GROUP, .members = members },
		    "[volume=]<string> ,mp=<string> [,acl=<boolean>] [,size=<string>]");
}

static void expect_description(const struct prop *row, const char *want)
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	describe_row(row, &out);
	EXPECT_TEXT(out.at, want);
}

TEST("a row is described by its help, its length and what may be done to it")
{
	expect_description(&(struct prop){ .help = "X." }, "X.");
	expect_description(
		&(struct prop){ .help = "X.", .type = PROP_TEXT, .min = 2, .max = 8 },
		"X. At least 2 characters. At most 8 characters.");
	expect_description(&(struct prop){ .help = "X.", .type = PROP_INT, .max = 8 },
			   "X.");
	expect_description(
		&(struct prop){ .help = "X.", .flags = PROP_LIVE | PROP_UNDELETABLE },
		"X. It cannot be deleted. A running container takes a change at once.");
	expect_description(&(struct prop){ .help = "X.", .flags = PROP_NOW },
			   "X. A change counts at once.");
	expect_description(&(struct prop){ .help = "X.", .flags = PROP_PENDING },
			   "X. A change waits for the next start.");
	expect_description(&(struct prop){ .help = "X.", .flags = PROP_LIVE_NEW },
			   "X. A running container takes a new one at once; a change waits "
			   "for the next start.");
	expect_description(&(struct prop){ .help = "X.", .flags = PROP_CREATE_ONLY },
			   "X. It cannot be changed later.");
	expect_description(&(struct prop){ .help = "X.", .flags = PROP_INTERNAL },
			   "X. It stands in files only and is no option.");
	expect_description(&(struct prop){ .help = "X.", .flags = PROP_DEFAULT_KEY },
			   "X. The name may be left out.");
}

TEST("text is wrapped at 76 columns, and inner blanks stay where the line goes on")
{
	auto_strbuf struct strbuf out = STRBUF_INIT;

	wrap_text("  --a        <integer>   (default=1) and some words that do not fit "
		  "into this "
		  "line",
		  0, 13, &out);
	EXPECT_TEXT(out.at,
		    "  --a        <integer>   (default=1) and some words that do not fit "
		    "into\n"
		    "             this line\n");
}

TEST("a word longer than a line is cut")
{
	static const char word[] = "0123456789012345678901234567890123456789"
				   "0123456789012345678901234567890123456789";
	auto_strbuf struct strbuf out = STRBUF_INIT;

	wrap_text(word, 2, 4, &out);
	EXPECT_TEXT(out.at, "  0123456789012345678901234567890123456789"
			    "0123456789012345678901234567890123\n"
			    "    456789\n");
}
