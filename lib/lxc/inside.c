#include "lxc/inside.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/own.h"
#include "base/process.h"
#include "base/slice.h"

static int run(const char *const *argv)
{
	struct error err;

	process_replace_in_path(argv, &err);
	fprintf(stderr, "%s\n", err.text);
	return err.code == ENOENT || err.code == ENOTDIR ? 127 : 126;
}

/* The last of the seven fields, when the third is our uid. */
static bool take_shell(struct slice line, char **shell)
{
	struct slice field[7] = { 0 }, rest = line;
	uint64_t uid;

	for (int i = 0; i < 7 && rest.at; i++)
		field[i] = slice_cut(rest, ':', &rest);
	if (!slice_number(field[2], 0, UINT32_MAX, &uid) || uid != getuid() ||
	    field[6].len == 0)
		return false;
	*shell = slice_dup(slice_trim(field[6]));
	return true;
}

/* Read plainly: a lookup through libc would load the host's modules in here. */
static char *own_shell(void)
{
	auto_file FILE *file = fopen("/etc/passwd", "re");
	char line[4096], *shell = NULL;

	while (file && fgets(line, sizeof(line), file))
		if (take_shell(slice(line), &shell))
			break;
	return shell;
}

int inside_run(void *payload)
{
	const struct inside *inside = payload;
	auto_free char *shell = NULL;
	struct error ignored;

	/* The caller may ignore what the keys of the terminal send: the command must not.
	 */
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	if (inside->new_session)
		setsid();
	/* Whatever the caller, or liblxc, still has open is not the guest's. */
	syscall(SYS_close_range, 3U, ~0U, 0U);
	if (inside->argv)
		return run(inside->argv);
	shell = own_shell();
	if (shell)
		process_replace_in_path((const char *const[]){ shell, NULL }, &ignored);
	return run((const char *const[]){ "/bin/sh", NULL });
}
