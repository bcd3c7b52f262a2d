#include "pct.h"

static int df(struct call *call, struct error *err)
{
	return print_read(call->options, ct_df, ct_df_value, err);
}

const struct command cmd_df = {
	.name = "df",
	.group = 5,
	.help = "Show how much space the volumes of a container use.",
	.args = read_args,
	.options = read_options,
	.options_size = sizeof(struct read_options),
	.run = df,
};
