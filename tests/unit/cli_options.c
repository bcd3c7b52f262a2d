#include "cli/options.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "config/schema.h"
#include "test.h"

struct sample {
	long long vmid, timeout;
	char *target, *keys, *mode, *password;
	int force, force_stop;
	double rate;
};

static const char *const modes[] = { "tty", "shell", NULL };

static const struct prop sample_args[] = {
	VMID_ARG(sample),
	{ .name = "target", .type = PROP_TEXT, .offset = AT(sample, target), .help = "x" },
	{ 0 },
};

static const struct prop sample_options[] = {
	{ .name = "timeout",
	  .type = PROP_INT,
	  .offset = AT(sample, timeout),
	  .help = "x",
	  .max = LLONG_MAX,
	  .fallback = "60" },
	{ .name = "force",
	  .type = PROP_BOOL,
	  .offset = AT(sample, force),
	  .help = "x",
	  .fallback = "0" },
	{ .name = "forceStop",
	  .type = PROP_BOOL,
	  .offset = AT(sample, force_stop),
	  .help = "x" },
	{ .name = "rate",
	  .type = PROP_NUMBER,
	  .offset = AT(sample, rate),
	  .help = "x",
	  .max = 10 },
	{ .name = "keys",
	  .type = PROP_TEXT,
	  .offset = AT(sample, keys),
	  .help = "x",
	  .flags = PROP_FILE },
	{ .name = "mode",
	  .type = PROP_ENUM,
	  .offset = AT(sample, mode),
	  .help = "x",
	  .choices = modes,
	  .requires = "force" },
	{ .name = "password",
	  .type = PROP_TEXT,
	  .offset = AT(sample, password),
	  .help = "x",
	  .flags = PROP_VALUE_OPTIONAL,
	  .min = 5 },
	{ 0 },
};

static const struct command sample = {
	.name = "sample",
	.help = "x",
	.args = sample_args,
	.options = sample_options,
	.options_size = sizeof(struct sample),
};

static const struct command sample_keys = {
	.name = "keys",
	.help = "x",
	.args = sample_args,
	.options = sample_options,
	.options_size = sizeof(struct sample),
	.flags = CMD_CONFIG_KEYS,
};

/* One command line, read. */
struct reading {
	struct sample options;
	struct call call;
	struct strbuf usage;
	struct error err;
	int status;
};

static void read_words(const struct command *command, struct reading *reading,
		       const char *const *words)
{
	static const struct program program = { .name = "pct" };

	*reading = (struct reading){ .usage = STRBUF_INIT };
	reading->call.program = &program;
	reading->call.command = command;
	reading->call.options = &reading->options;
	reading->status = options_read(&reading->call, (char *const *)(uintptr_t)words,
				       &reading->usage, &reading->err);
}

static void reading_done(struct reading *reading)
{
	options_done(&reading->call);
	strbuf_done(&reading->usage);
}

#define READ(command, ...)                                       \
	__attribute__((cleanup(reading_done))) struct reading r; \
	read_words(&command, &r, (const char *const[]){ __VA_ARGS__, NULL })

TEST("options and positionals may be mixed, with one dash or two, with a word or '='")
{
	READ(sample, "--timeout", "5", "100", "-rate=1.5", "there");

	EXPECT_INT(r.status, 0);
	EXPECT_INT(r.options.vmid, 100);
	EXPECT_INT(r.options.timeout, 5);
	EXPECT(r.options.rate > 1.4 && r.options.rate < 1.6);
	EXPECT_TEXT(r.options.target, "there");
}

TEST("an option that is not given has its default, or the absent value")
{
	READ(sample, "100");

	EXPECT_INT(r.status, 0);
	EXPECT_INT(r.options.timeout, 60);
	EXPECT_INT(r.options.force, 0);
	EXPECT_INT(r.options.force_stop, -1);
	EXPECT(r.options.target == NULL);
}

TEST("of a repeated scalar the last one wins, and further '=' belong to the value")
{
	READ(sample, "100", "--target", "a", "--target=b=c");

	EXPECT_INT(r.status, 0);
	EXPECT_TEXT(r.options.target, "b=c");
}

TEST("a unique prefix in any case names an option, and a full name wins over a longer one")
{
	READ(sample, "100", "--TIME", "7", "--force", "--forcestop");

	EXPECT_INT(r.status, 0);
	EXPECT_INT(r.options.timeout, 7);
	EXPECT_INT(r.options.force, 1);
	EXPECT_INT(r.options.force_stop, 1);
}

TEST("all complaints about the words are told, then the 400 line")
{
	READ(sample, "100", "--Nope=1", "-l", "--forc", "--timeout");

	EXPECT_INT(r.status, -1);
	EXPECT_TEXT(r.usage.at, "Unknown option: nope\n"
				"Unknown option: l\n"
				"Option forc is ambiguous (force, forcestop)\n"
				"Option timeout requires an argument\n"
				"400 unable to parse option\n");
}

TEST("'--name=' with nothing behind it is a missing value, an empty word is a value")
{
	READ(sample, "100", "--target=", "--target", "");

	EXPECT_TEXT(r.usage.at, "Option target requires an argument\n"
				"400 unable to parse option\n");
	EXPECT_TEXT(keyvals_get(&r.call.given, "target"), "");
}

TEST("an option that is no boolean takes the next word whatever it is")
{
	READ(sample, "100", "--target", "--", "--timeout", "-1");

	EXPECT_TEXT(keyvals_get(&r.call.given, "target"), "--");
	EXPECT_TEXT(r.usage.at, "400 Parameter verification failed.\n"
				"timeout: value must have a minimum value of 0\n");
}

TEST("a boolean takes the next word unless it starts with a dash")
{
	READ(sample, "--force", "100", "101");

	EXPECT_TEXT(r.usage.at, "400 unable to parse boolean option\n");
}

TEST("a boolean takes on, off, yes, no, true, false, 1 and 0 in any case")
{
	READ(sample, "100", "--force", "Yes", "--forceStop=OFF");

	EXPECT_INT(r.status, 0);
	EXPECT_INT(r.options.force, 1);
	EXPECT_INT(r.options.force_stop, 0);
}

TEST("a boolean with '=' and nothing behind it, or before another option, is true")
{
	READ(sample, "100", "--force=", "--forceStop", "--rate", "1");

	EXPECT_INT(r.status, 0);
	EXPECT_INT(r.options.force, 1);
	EXPECT_INT(r.options.force_stop, 1);
}

TEST("a lone dash is the value of a boolean, and a bad one")
{
	READ(sample, "100", "--force", "-");

	EXPECT_TEXT(r.usage.at, "400 unable to parse boolean option\n");
}

TEST("'--' ends the options and is removed; a lone dash is a word")
{
	READ(sample, "100", "--", "--force");

	EXPECT_INT(r.status, 0);
	EXPECT_TEXT(r.options.target, "--force");
	EXPECT_INT(r.options.force, 0);
}

TEST("too few and too many words are refused")
{
	{
		READ(sample, "--force");
		EXPECT_TEXT(r.usage.at, "400 not enough arguments\n");
	}
	READ(sample, "100", "a", "b");
	EXPECT_TEXT(r.usage.at, "400 too many arguments\n");
}

TEST("a required positional must stand as a word, also when it is given by name")
{
	{
		READ(sample, "--vmid", "100");
		EXPECT_TEXT(r.usage.at, "400 not enough arguments\n");
	}
	READ(sample, "--vmid", "101", "100", "--target", "by-name");
	EXPECT_INT(r.options.vmid, 100);
	EXPECT_TEXT(r.options.target, "by-name");
}

TEST("all values that do not pass are told at once, sorted by name")
{
	READ(sample, "abc", "--timeout", "x", "--rate", "11", "--mode", "no", "--force");

	EXPECT_TEXT(
		r.usage.at,
		"400 Parameter verification failed.\n"
		"mode: value 'no' does not have a value in the enumeration 'tty, shell'\n"
		"rate: value must have a maximum value of 10\n"
		"timeout: type check ('integer') failed - got 'x'\n"
		"vmid: type check ('integer') failed - got 'abc'\n");
}

TEST("an id outside 100 to 999999999 or with a leading zero is no id")
{
	static const char *const bad[] = { "99", "1000000000", "0100" };

	for (size_t i = 0; i < 3; i++) {
		READ(sample, bad[i]);
		EXPECT_TEXT(r.usage.at, "400 Parameter verification failed.\n"
					"vmid: invalid format - value does not look like a "
					"valid VM ID\n\n");
	}
}

TEST("an option that needs another one is refused under the other's name")
{
	READ(sample, "100", "--mode", "tty");

	EXPECT_TEXT(r.usage.at, "400 Parameter verification failed.\n"
				"force: missing property required by 'mode'\n");
}

TEST("a file option gets the file's text; a missing file is a plain error")
{
	auto_free char *path = xasprintf("%s/keys", test_dir());
	struct error err;

	EXPECT_INT(save_path(path, slice("ssh-rsa A\n"), 0600, &err), 0);
	{
		READ(sample, "100", "--keys", path);
		EXPECT_TEXT(r.options.keys, "ssh-rsa A\n");
	}
	READ(sample, "100", "--keys", "/nonexistent/keys");
	EXPECT_INT(r.status, -1);
	EXPECT_TEXT(r.usage.at, "");
	EXPECT_TEXT(r.err.text,
		    "can't open '/nonexistent/keys' - No such file or directory");
}

TEST("container keys are options of commands that say so, and land in stored form")
{
	READ(sample_keys, "100", "--mem", "0512", "--net0", "name=eth0", "--onboot", "yes",
	     "--nameserver", "1.1.1.1", "--nameserver", "8.8.8.8");

	EXPECT_INT(r.status, 0);
	EXPECT_TEXT(keyvals_get(&r.call.config, "memory"), "512");
	EXPECT_TEXT(keyvals_get(&r.call.config, "net0"), "name=eth0");
	EXPECT_TEXT(keyvals_get(&r.call.config, "onboot"), "1");
	EXPECT_TEXT(keyvals_get(&r.call.config, "nameserver"), "1.1.1.1,8.8.8.8");
	EXPECT(keyvals_get(&r.call.config, "vmid") == NULL);
}

TEST("numbered options count one by one, and one beyond the last is unknown")
{
	READ(sample_keys, "100", "--mp256", "x", "--net01", "y", "--mp", "z");

	EXPECT(slice_starts(strbuf_slice(&r.usage),
			    "Unknown option: mp256\n"
			    "Unknown option: net01\n"
			    "Option mp is ambiguous (mp0, mp1, mp10, "));
}

TEST("keys that only files hold are no options")
{
	READ(sample_keys, "100", "--parent", "x", "--snaptime", "1");

	EXPECT_TEXT(r.usage.at, "Unknown option: parent\n"
				"Unknown option: snaptime\n"
				"400 unable to parse option\n");
}

TEST("a bad property string is told sub-key by sub-key")
{
	READ(sample_keys, "100", "--memory", "8", "--net0", "bridge=x");

	EXPECT_TEXT(r.usage.at,
		    "400 Parameter verification failed.\n"
		    "memory: value must have a minimum value of 16\n"
		    "net0: invalid format - format error\n"
		    "net0.name: property is missing and it is not optional\n\n");
}

static int stdin_from(const char *text)
{
	int before = dup(STDIN_FILENO), fds[2];
	struct error err;

	if (pipe(fds) < 0 || write_all(fds[1], text, slice(text).len, &err) < 0)
		return -1;
	close(fds[1]);
	dup2(fds[0], STDIN_FILENO);
	close(fds[0]);
	return before;
}

static void stdin_back(int before)
{
	dup2(before, STDIN_FILENO);
	close(before);
}

TEST("a password without value is two lines of stdin when that is no terminal")
{
	int before = stdin_from("secret\nsecret\nrest");

	READ(sample, "100", "--password");
	stdin_back(before);
	EXPECT_INT(r.status, 0);
	EXPECT_TEXT(r.options.password, "secret");
}

TEST("two passwords that differ, or none at all, are refused")
{
	int before = stdin_from("secret\nother\n");

	{
		READ(sample, "100", "--password");
		EXPECT_TEXT(r.err.text, "passwords do not match");
	}
	stdin_back(before);
	before = stdin_from("");
	READ(sample, "100", "--password");
	stdin_back(before);
	EXPECT_TEXT(r.err.text, "EOF while reading password");
}

TEST("a password that is too short is refused like any other value")
{
	READ(sample, "100", "--password", "abcd");

	EXPECT_TEXT(r.usage.at, "400 Parameter verification failed.\n"
				"password: value must be at least 5 characters long\n");
}
