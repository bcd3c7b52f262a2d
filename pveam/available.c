#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/own.h"
#include "commands.h"
#include "template/template.h"

#define RECIPE_SECTION "system"

struct available_options {
	char *section;
};

static const char *const sections[] = { "mail", "system", "turnkeylinux", NULL };

static const struct prop available_options[] = {
	{ .name = "section",
	  .type = PROP_ENUM,
	  .offset = AT(available_options, section),
	  .help = "Restrict list to specified section.",
	  .choices = sections },
	{ 0 },
};

/* Recipes build for the machine that they run on; its name as Debian gives it. */
static const char *host_arch(void)
{
	static const struct {
		const char *machine, *arch;
	} names[] = {
		{ "x86_64", "amd64" }, { "aarch64", "arm64" },   { "i686", "i386" },
		{ "armv7l", "armhf" }, { "riscv64", "riscv64" }, { "riscv32", "riscv32" },
	};
	static struct utsname host;

	if (uname(&host) < 0)
		return "unknown";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(host.machine, names[i].machine) == 0)
			return names[i].arch;
	return host.machine;
}

static int available(struct call *call, struct error *err)
{
	const struct available_options *options = call->options;
	auto_words char **names = NULL;

	if (options->section && strcmp(options->section, RECIPE_SECTION) != 0)
		return 0;
	if (recipe_list(&names, err) < 0)
		return -1;
	for (size_t i = 0; names[i]; i++)
		printf("%-15s %-60s %s\n", RECIPE_SECTION, names[i], host_arch());
	return 0;
}

const struct command cmd_available = {
	.name = "available",
	.group = 1,
	.help = "List available templates: the recipes that 'pveam build' takes.",
	.options = available_options,
	.options_size = sizeof(struct available_options),
	.run = available,
};
