#include "ct/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "base/process.h"
#include "config/store.h"
#include "net/dhcp.h"
#include "net/net.h"
#include "storage/volume.h"

int fail_problems(const struct problems *problems, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;

	problems_format(problems, &text);
	strbuf_cut(&text, text.len - 1);
	return fail(err, 0, "400 Parameter verification failed.\n%s", text.at);
}

int ct_load(unsigned vmid, struct config **out, struct error *err)
{
	auto_notes struct notes notes = { 0 };
	int status = config_load(vmid, out, &notes, err);

	warn_notes(&notes);
	return status;
}

int ct_load_digest(unsigned vmid, const char *digest, struct config **out,
		   struct error *err)
{
	auto_config struct config *config = NULL;
	auto_notes struct notes notes = { 0 };
	char found[DIGEST_SIZE];
	int status = config_load_digest(vmid, &config, found, &notes, err);

	warn_notes(&notes);
	if (status < 0)
		return -1;
	if (digest && digest[0] && !slice_is(slice(digest), found))
		return fail(err, 0,
			    "detected modified configuration - file changed by other user? "
			    "Try again.");
	*out = take_ptr(&config);
	return 0;
}

int ct_check_lock(const struct config *config, const char *allowed, struct error *err)
{
	const char *lock = config_get(config, "lock");
	struct slice rest = slice(allowed), word;

	if (!lock)
		return 0;
	while (slice_word(&rest, &word))
		if (slice_is(word, lock))
			return 0;
	return fail(err, 0, "CT is locked (%s)", lock);
}

bool ct_has_monitor(unsigned vmid)
{
	auto_free char *path = path_in(PATH_RUN, "ct-%u.pid", vmid);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

int ct_wait_gone(unsigned vmid, unsigned timeout_s, struct error *err)
{
	int64_t end = clock_ms() + (int64_t)timeout_s * 1000;

	while (ct_has_monitor(vmid)) {
		if (interrupt_check(err) < 0)
			return -1;
		if (clock_ms() > end)
			return fail(err, 0, "the monitor of CT %u is still there", vmid);
		clock_pause(1);
	}
	return 0;
}

int ct_find_hookscript(const char *volid, char **path, struct error *err)
{
	auto_storages struct storages storages = { 0 };
	const struct storage *st;
	struct volume volume;
	struct stat info;

	storages_load(&storages, NULL);
	if (volume_resolve(&storages, slice(volid), &st, &volume, path, err) < 0)
		return -1;
	if (volume.content != CONTENT_SNIPPETS)
		return fail(err, 0, "'%s' is not in the snippets directory", volid);
	if (stat(*path, &info) < 0)
		return fail(err, 0, "script '%s' does not exist", volid);
	if (!S_ISREG(info.st_mode) || access(*path, X_OK) < 0)
		return fail(err, 0, "script '%s' is not executable", volid);
	return 0;
}

int ct_hookscript(const struct config *config, const char *phase, struct error *err)
{
	const char *volid = config_get(config, "hookscript");
	auto_free char *id = xasprintf("%u", config->vmid);
	auto_free char *path = NULL;

	if (!volid)
		return 0;
	if (ct_find_hookscript(volid, &path, err) == 0) {
		const char *const argv[] = { path, id, phase, NULL };

		if (process_run(&(struct process){ .argv = argv }, err) == 0)
			return 0;
	}
	return fail_prefix(err, "hookscript error for %u on %s: ", config->vmid, phase);
}

int ct_remove_interfaces(const struct config *config, struct error *err)
{
	char ifname[IFNAME_MAX];
	struct error one;
	int status = dhcp_kill(config->vmid, err);

	for (unsigned i = 0; i < NET_COUNT; i++) {
		auto_free char *key = xasprintf("net%u", i);

		if (!config_get(config, key) ||
		    (net_ifname(config->vmid, i, ifname, &one) == 0 &&
		     net_remove(ifname, &one) == 0))
			continue;
		*err = one;
		status = -1;
	}
	return status;
}
