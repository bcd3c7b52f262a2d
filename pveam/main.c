#include "cli/command.h"

#include "commands.h"
#include "ct/offer.h"

static const struct command *const commands[] = {
	&cmd_available, &cmd_build, &cmd_list, &cmd_remove, &cmd_help, NULL,
};

static const struct program program = {
	.name = "pveam",
	.commands = commands,
	.offer = ct_offer,
};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
