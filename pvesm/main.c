#include "cli/command.h"

#include "commands.h"
#include "ct/offer.h"
#include "properties.h"

static const struct command *const commands[] = {
	&cmd_add,           &cmd_remove,  &cmd_set,         &cmd_alloc,   &cmd_export,
	&cmd_extractconfig, &cmd_free,    &cmd_import,      &cmd_list,    &cmd_path,
	&cmd_prune,         &cmd_status,  &cmd_apiinfo,     &cmd_scan,    &cmd_cifsscan,
	&cmd_iscsiscan,     &cmd_lvmscan, &cmd_lvmthinscan, &cmd_nfsscan, &cmd_zfsscan,
	&cmd_help,          NULL,
};

static const struct program program = {
	.name = "pvesm",
	.commands = commands,
	.offer = ct_offer,
};

int main(int argc, char **argv)
{
	property_options_init();
	return cli_main(&program, argc, argv);
}
