/*
 * The script of the DHCP clients that the host runs for a container (runtime.md 8.6):
 * dhclient tells it of each lease in its environment. `pct-dhcp CTID` has the clients of a
 * container started that the guest reboots: by `pct-dhcp --wait CTID` in the background.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "config/store.h"
#include "ct/dhcp.h"
#include "ct/hooks.h"

static const char *get(void *arg, const char *name)
{
	(void)arg;
	return getenv(name);
}

/* Nobody has to wait for a process that is not its own child. */
static int leave_behind(const char *id, struct error *err)
{
	auto_free char *program = path_libexec("pct-dhcp");
	auto_free char *root = xasprintf("PCT_ROOT=%s", path_root());
	const char *const argv[] = { program, "--wait", id, NULL };
	const char *const env[] = { root, NULL };

	return process_start(
		       &(struct process){ .argv = argv, .env = env, .detached = true },
		       err) < 0
		       ? -1
		       : 0;
}

static int follow(int argc, char **argv, struct error *err)
{
	bool waits = argc == 3 && strcmp(argv[1], "--wait") == 0;
	const char *id = argv[argc - 1];
	unsigned vmid;

	if (path_init(err) < 0)
		return -1;
	if ((argc != 2 && !waits) || !vmid_parse(slice(id), &vmid))
		return fail(err, 0, "usage: pct-dhcp [--wait] CTID");
	return waits ? ct_dhcp_follow(vmid, err) : leave_behind(id, err);
}

int main(int argc, char **argv)
{
	struct error err;

	process_reset_signals();
	umask(022);
	if ((argc > 1 ? follow(argc, argv, &err) : hook_lease(get, NULL, &err)) == 0)
		return 0;
	warn_plain("%s", err.text);
	return 1;
}
