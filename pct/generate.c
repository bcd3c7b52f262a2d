#include <stdio.h>

#include "pct.h"

static int generate(struct call *call, struct error *err)
{
	const struct vmid_options *opt = call->options;
	auto_strbuf struct strbuf text = STRBUF_INIT;

	if (ct_generate((unsigned)opt->vmid, &text, err) < 0)
		return -1;
	fwrite(text.at, 1, text.len, stdout);
	return 0;
}

const struct command cmd_generate = {
	.name = "generate",
	.group = 5,
	.help = "Print the LXC configuration that a start would write; nothing is changed.",
	.args = vmid_args,
	.options_size = sizeof(struct vmid_options),
	.run = generate,
};
