#include <string.h>

#include "base/memexec.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "lxc/command.h"

static int must_run(unsigned vmid, struct error *err)
{
	if (ct_must_exist(vmid, err) < 0)
		return -1;
	if (!lxc_is_running(vmid))
		return fail(err, 0, "container '%u' not running!", vmid);
	return 0;
}

/*
 * The program that enters is a sealed copy in memory: root of the container sees it
 * as /proc/PID/exe and could overwrite the file on the host otherwise.
 */
int ct_attach(unsigned vmid, const char *const *argv, bool keep_env, struct error *err)
{
	auto_free char *program = path_libexec("pct-attach");
	auto_free char *id = xasprintf("%u", vmid);
	auto_free const char **words = NULL;
	size_t count = 0, at = 0;

	if (must_run(vmid, err) < 0)
		return -1;
	while (argv && argv[count])
		count++;
	words = xcalloc(count + 5, sizeof(*words));
	words[at++] = program;
	if (!keep_env)
		words[at++] = "--clear-env";
	words[at++] = id;
	if (argv)
		words[at++] = "--";
	for (size_t i = 0; i < count; i++)
		words[at++] = argv[i];
	return exec_sealed(program, words, err);
}

static int tty_of(const struct config *config)
{
	const char *mode = config_get(config, "cmode");

	return mode && strcmp(mode, "console") == 0 ? 0 : -1;
}

int ct_console(unsigned vmid, const char *escape, struct error *err)
{
	auto_free char *program = path_libexec("pct-console");
	auto_config struct config *config = NULL;
	auto_free char *id = xasprintf("%u", vmid);
	auto_free char *tty = NULL, *code = NULL;
	const char *mode;

	if (ct_load(vmid, &config, err) < 0)
		return -1;
	mode = config_get(config, "cmode");
	if (mode && strcmp(mode, "shell") == 0)
		return ct_attach(vmid, NULL, false, err);
	tty = xasprintf("%d", tty_of(config));
	code = xasprintf("%d", escape[strlen(escape) - 1] - 'a' + 1);
	const char *const argv[] = { program, id, tty, code, NULL };
	return process_replace(program, argv, err);
}
