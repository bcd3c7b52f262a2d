#include <stdio.h>

#include "commands.h"

#define API_VERSION 15
#define API_AGE     6

static int apiinfo(struct call *call, struct error *err)
{
	(void)call;
	(void)err;
	printf("APIVER %d\nAPIAGE %d\n", API_VERSION, API_AGE);
	return 0;
}

const struct command cmd_apiinfo = {
	.name = "apiinfo",
	.group = 3,
	.help = "Version of the storage interface that this program follows, and for how many "
		"versions back.",
	.run = apiinfo,
};
