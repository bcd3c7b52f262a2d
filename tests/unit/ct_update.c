#include "ct/update.h"

#include <string.h>

#include "configs.h"

/* A host on which everything is there but what is called "missing". */
static int prepare(void *arg, const char *key, const char *value, struct strbuf *stored,
		   struct error *err)
{
	(void)arg;
	if (strcmp(value, "missing") == 0)
		return fail(err, 0, "%s is missing", key);
	strbuf_adds(stored, value);
	return 0;
}

static const struct update_host host = { .prepare = prepare };

static int queue(struct config *config, const char *key, const char *value,
		 const char *delete, const char *revert, struct notes *notes,
		 struct error *err)
{
	auto_keyvals struct keyvals set = { 0 };
	struct changes changes = { .set = &set, .delete = delete, .revert = revert };

	if (key)
		keyvals_set(&set, key, value);
	return update_queue(config, &changes, &host, notes, err);
}

TEST("a change waits in the pending section")
{
	auto_config struct config *config = config_of("memory: 64\nswap: 1\n");
	struct error err;

	EXPECT_INT(queue(config, "memory", "128", "swap", NULL, NULL, &err), 0);
	EXPECT_CONFIG(config, "memory: 64\nswap: 1\n\n[pve:pending]\ndelete: swap\n"
			      "memory: 128\n");
}

TEST("setting a key takes its deletion back, reverting drops both")
{
	auto_config struct config *config = config_of(
		"memory: 64\nswap: 1\n\n[pve:pending]\ndelete: swap,tty\nmemory: 128\n");
	struct error err;

	EXPECT_INT(queue(config, "swap", "2", NULL, "memory", NULL, &err), 0);
	EXPECT_CONFIG(config, "memory: 64\nswap: 1\n\n[pve:pending]\nswap: 2\n");
}

TEST("deleting a key takes back what waited for it")
{
	auto_config struct config *config = config_of(
		"memory: 64\nmp0: /srv,mp=/x\n\n[pve:pending]\nmp0: aa:8,mp=/y\n");
	struct error err;

	EXPECT_INT(queue(config, NULL, NULL, "mp0", NULL, NULL, &err), 0);
	EXPECT_CONFIG(config,
		      "memory: 64\nmp0: /srv,mp=/x\n\n[pve:pending]\ndelete: mp0\n");
}

TEST("deleting what is only pending changes nothing")
{
	auto_config struct config *config =
		config_of("memory: 64\n\n[pve:pending]\nswap: 2\n");
	auto_notes struct notes notes = { 0 };
	struct error err;

	EXPECT_INT(queue(config, NULL, NULL, "swap", NULL, &notes, &err), 0);
	EXPECT_INT(notes.count, 0);
	EXPECT_CONFIG(config, "memory: 64\n\n[pve:pending]\nswap: 2\n");
}

TEST("deleting what is not there is a warning, also of keys that cannot be deleted")
{
	auto_config struct config *config = config_of("swap: 1\n");
	auto_notes struct notes notes = { 0 };
	struct error err;

	EXPECT_INT(queue(config, NULL, NULL, "memory", NULL, &notes, &err), 0);
	EXPECT_INT(notes.count, 1);
	EXPECT_TEXT(notes.text[0],
		    "cannot delete 'memory' - not set in current configuration!");
}

TEST("what the host refuses ends the call")
{
	auto_config struct config *config = config_of("memory: 64\n");
	struct error err;

	EXPECT_INT(queue(config, "hookscript", "missing", NULL, NULL, NULL, &err), -1);
	EXPECT_TEXT(err.text, "hookscript is missing");
}

TEST("protection in force counts, protection that is only asked for does not")
{
	auto_config struct config *config = config_of("mp0: /srv,mp=/x\n");
	auto_keyvals struct keyvals set = { 0 };
	struct changes changes = { .set = &set };
	struct error err;

	keyvals_set(&set, "mp0", "/data,mp=/x");
	keyvals_set(&set, "protection", "1");
	EXPECT_INT(update_queue(config, &changes, &host, NULL, &err), 0);
	config_set(config, "protection", "1");
	EXPECT_INT(update_queue(config, &changes, &host, NULL, &err), -1);
	EXPECT_TEXT(err.text, "can't update CT 100 drive 'mp0' - protection mode enabled");
}

TEST("keys are known and mentioned once: each mistake is a problem")
{
	auto_keyvals struct keyvals set = { 0 };
	struct changes changes = { .set = &set,
				   .delete = "net,swap,tty",
				   .revert = "memory tty;nothing" };
	auto_problems struct problems problems = { 0 };
	auto_strbuf struct strbuf text = STRBUF_INIT;

	keyvals_set(&set, "memory", "64");
	keyvals_set(&set, "swap", "64");
	changes_check(&changes, &problems);
	problems_format(&problems, &text);
	EXPECT_TEXT(text.at,
		    "delete: unknown option 'net'\n"
		    "delete: you can't use '-swap' and -delete swap' at the same time\n"
		    "delete: you can't use '-revert' and -delete tty' at the same time\n"
		    "revert: you can't use '-memory' and -revert memory' at the same time\n"
		    "revert: unknown option 'nothing'\n");
}
