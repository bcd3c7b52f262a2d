/* vzdump: backups of containers (backup.md 1). */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "base/sort.h"
#include "cli/command.h"
#include "config/backupkeep.h"
#include "ct/backup.h"
#include "ct/offer.h"

static const struct prop backup_args[] = {
	{ .name = "vmid",
	  .type = PROP_TEXT,
	  .help = "The containers to back up: ids, or lists of them with commas.",
	  .type_text = "<array>",
	  .flags = PROP_EXTRA,
	  .offers = OFFER_GUEST },
	{ 0 },
};

struct ids {
	unsigned *at;
	size_t count;
};

static bool has_id(const struct ids *ids, unsigned id)
{
	for (size_t i = 0; i < ids->count; i++)
		if (ids->at[i] == id)
			return true;
	return false;
}

/* 0 is dropped, as are leading zeros. */
static int add_id(struct slice word, struct ids *ids, struct error *err)
{
	uint64_t id;

	if (!slice_number(word, 0, VMID_MAX, &id) || (id > 0 && id < VMID_MIN))
		return fail_parameter(
			err, "vmid",
			"invalid format - value does not look like a valid VM "
			"ID: " SLICE_FMT,
			SLICE_ARG(word));
	if (id == 0 || has_id(ids, (unsigned)id))
		return 0;
	ids->at = grow_array(ids->at, ids->count, sizeof(*ids->at));
	ids->at[ids->count++] = (unsigned)id;
	return 0;
}

static int add_list(const char *list, struct ids *ids, struct error *err)
{
	struct slice rest = slice(list), word;

	while (slice_word(&rest, &word))
		if (add_id(word, ids, err) < 0)
			return -1;
	return 0;
}

/* Every container of this host but those of --exclude. */
static int add_all(const struct backup_options *options, struct ids *ids, struct error *err)
{
	struct ids excluded = { 0 };
	auto_free unsigned *all = NULL;
	size_t count;
	int status;

	status = options->exclude ? add_list(options->exclude, &excluded, err) : 0;
	if (status == 0)
		status = config_list(&all, &count, err);
	for (size_t i = 0; status == 0 && i < count; i++) {
		auto_free char *id = xasprintf("%u", all[i]);

		if (!has_id(&excluded, all[i]))
			status = add_list(id, ids, err);
	}
	free_ptr(&excluded.at);
	return status;
}

/* What excludes each other on the command line. */
static int check(struct call *call, struct error *err)
{
	const struct backup_options *options = call->options;
	bool names_some = options->all > 0 || options->exclude || options->pool;
	struct retention ignored;

	if (call->extra[0] && names_some)
		return fail_parameter(err,
				      options->all > 0   ? "all"
				      : options->exclude ? "exclude"
							 : "pool",
				      "option conflicts with option 'vmid'");
	if (!call->extra[0] && !names_some && options->stop <= 0)
		return fail_parameter(err, "vmid",
				      "property is missing and it is not optional");
	if (options->prune && retention_parse(slice(options->prune), &ignored, err) < 0)
		return fail_parameter(err, "prune-backups", "%s", err->text);
	return 0;
}

static int collect_ids(const struct call *call, const struct backup_options *options,
		       struct ids *ids, struct error *err)
{
	for (char *const *word = call->extra; *word; word++)
		if (add_list(*word, ids, err) < 0)
			return -1;
	if (!call->extra[0] && add_all(options, ids, err) < 0)
		return -1;
	sort_numbers(ids->at, ids->count);
	if (options->to_stdout > 0 && ids->count != 1)
		return fail_parameter(err, "stdout", "only one container can be sent");
	return 0;
}

static int read_options(const struct call *call, struct backup_options *options,
			char **conf_prune, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_keyvals struct keyvals conf = { 0 };
	auto_notes struct notes warnings = { 0 };

	if (ct_backup_conf(&text, err) < 0)
		return -1;
	backup_conf_parse(strbuf_slice(&text), &conf, &warnings);
	backup_options_merge(&call->given, &conf, options, conf_prune, &warnings);
	warn_task_notes(&warnings);
	return backup_options_check(options, err);
}

static int back_up(const struct call *call, struct ids *ids, struct error *err)
{
	auto_backup_options struct backup_options options = { 0 };
	auto_free char *conf_prune = NULL;

	if (read_options(call, &options, &conf_prune, err) < 0)
		return -1;
	if (options.node && strcmp(options.node, path_node()) != 0)
		return 0;
	if (options.stop > 0 && ct_backup_stop(err) < 0)
		return -1;
	if (options.stop > 0 && !call->extra[0])
		return 0;
	if (collect_ids(call, &options, ids, err) < 0)
		return -1;
	return ct_backup(&(struct backup_request){ .options = &options,
						   .given = &call->given,
						   .conf_prune = conf_prune,
						   .ids = ids->at,
						   .count = ids->count,
						   .is_all = !call->extra[0] },
			 err);
}

static int run(struct call *call, struct error *err)
{
	struct ids ids = { 0 };
	int status;

	interrupt_catch();
	interrupt_catch_signal(SIGPIPE);
	status = back_up(call, &ids, err);
	free_ptr(&ids.at);
	return status;
}

static const struct command cmd_vzdump = {
	.name = "vzdump",
	.group = 1,
	.help = "Create backup.",
	.args = backup_args,
	.options = backup_props,
	.options_size = sizeof(struct backup_options),
	.check = check,
	.run = run,
};

static const struct command *const commands[] = { &cmd_vzdump, &cmd_help, NULL };

static const struct program program = {
	.name = "vzdump",
	.commands = commands,
	.offer = ct_offer,
};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
