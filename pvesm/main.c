#include "cli/command.h"

#include "commands.h"
#include "ct/offer.h"

static const struct command *const commands[] = {
	&cmd_alloc, &cmd_free, &cmd_list, &cmd_path, &cmd_status, &cmd_help, NULL,
};

static const struct program program = {
	.name = "pvesm",
	.commands = commands,
	.offer = ct_offer,
};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
