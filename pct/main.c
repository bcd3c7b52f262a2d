#include "ct/offer.h"
#include "pct.h"

static const struct command *const commands[] = {
	&cmd_clone,       &cmd_create,
	&cmd_destroy,     &cmd_list,
	&cmd_move_volume, &cmd_pending,
	&cmd_resize,      &cmd_restore,
	&cmd_template,

	&cmd_config,      &cmd_set,

	&cmd_delsnapshot, &cmd_listsnapshot,
	&cmd_rollback,    &cmd_snapshot,

	&cmd_reboot,      &cmd_setup,
	&cmd_shutdown,    &cmd_start,
	&cmd_stop,

	&cmd_console,     &cmd_cpusets,
	&cmd_df,          &cmd_enter,
	&cmd_exec,        &cmd_fsck,
	&cmd_fstrim,      &cmd_generate,
	&cmd_mount,       &cmd_pull,
	&cmd_push,        &cmd_rescan,
	&cmd_status,      &cmd_unlock,
	&cmd_unmount,

	&cmd_help,        NULL,
};

static const struct program pct = {
	.name = "pct",
	.commands = commands,
	.check_value = ct_check_value,
	.offer = ct_offer,
};

int main(int argc, char **argv)
{
	return cli_main(&pct, argc, argv);
}
