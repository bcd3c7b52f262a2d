/*
 * `pct-attach [--clear-env] CTID [-- PROGRAM ARGUMENT...]`: run a program inside a
 * running container, or its root's shell (runtime.md 7.1). Runs from a sealed copy of
 * itself, because a guest can reach it through /proc.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memexec.h"
#include "base/path.h"
#include "config/store.h"
#include "lxc/run.h"

struct request {
	unsigned vmid, flags;
	const char *const *argv;
};

static int parse(const char *const *argv, struct request *request, struct error *err)
{
	argv++;
	if (*argv && strcmp(*argv, "--clear-env") == 0) {
		request->flags = ATTACH_CLEAR_ENV;
		argv++;
	}
	if (!*argv || !vmid_parse(slice(*argv), &request->vmid))
		return fail(err, 0,
			    "usage: pct-attach [--clear-env] CTID [-- PROGRAM ...]");
	argv++;
	if (*argv && strcmp(*argv, "--") != 0)
		return fail(err, 0, "'%s' stands where '--' should", *argv);
	request->argv = *argv && argv[1] ? argv + 1 : NULL;
	return 0;
}

/* Names of host files, and what would steer the loader of programs inside. */
static void drop_variables(void)
{
	static const char *const names[] = { "SSL_CERT_FILE",   "SSL_CERT_DIR",
					     "LD_PRELOAD",      "LD_LIBRARY_PATH",
					     "LD_AUDIT",        "LD_DEBUG",
					     "LD_DEBUG_OUTPUT", "LD_BIND_NOW" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unsetenv(names[i]);
}

int main(int argc, char **argv)
{
	struct request request = { 0 };
	struct error err;
	int status = 1;

	(void)argc;
	if (parse((const char *const *)argv, &request, &err) == 0 &&
	    (exec_is_sealed() ||
	     exec_sealed("/proc/self/exe", (const char *const *)argv, &err) == 0) &&
	    path_init(&err) == 0) {
		drop_variables();
		unsetenv("PCT_ROOT");
		if (lxc_run_attach(request.vmid, request.argv, request.flags, &status,
				   &err) == 0)
			return status;
	}
	fprintf(stderr, "%s\n", err.text);
	return 1;
}
