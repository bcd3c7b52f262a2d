#include "lxc/freeze.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/own.h"
#include "lxc/cgroup.h"
#include "lxc/host.h"

/* How a layout says it: the file to write, and the line that tells what came of it. */
struct freezer {
	const char *controller; /* in whose hierarchy it is; any that v2 surely has */
	const char *file, *freeze, *thaw;
	const char *state_file, *frozen;
};

static const struct freezer freezers[] = {
	[CGROUP_HYBRID] = { "freezer", "freezer.state", "FROZEN", "THAWED", "freezer.state",
			    "FROZEN" },
	[CGROUP_V2] = { "memory", "cgroup.freeze", "1", "0", "cgroup.events", "frozen 1" },
};

static char *group_of(unsigned vmid, const struct freezer *freezer)
{
	auto_free char *mount = cgroup_mount(cgroup_layout(), freezer->controller);

	return mount ? xasprintf("%s/lxc/%u%s", mount, vmid, lxc_cgroup_suffix()) : NULL;
}

static int has_line(const char *path, const char *wanted, bool *out, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct slice rest, line;

	if (read_file(-1, path, 65536, &text, err) < 0)
		return -1;
	rest = strbuf_slice(&text);
	*out = false;
	while (slice_line(&rest, &line))
		*out = *out || slice_is(line, wanted);
	return 0;
}

static int put(const char *group, const char *file, const char *value, struct error *err)
{
	auto_free char *path = xasprintf("%s/%s", group, file);

	return write_value(path, value, err);
}

/* The kernel goes on freezing by itself; reading asks it how far it is. */
static int wait_frozen(unsigned vmid, const char *group, const struct freezer *freezer,
		       unsigned timeout_s, struct error *err)
{
	auto_free char *path = xasprintf("%s/%s", group, freezer->state_file);
	int64_t end = clock_ms() + (int64_t)timeout_s * 1000;
	bool frozen = false;

	for (unsigned pause_ms = 1; !frozen; pause_ms += pause_ms < 20) {
		if (interrupt_check(err) < 0 ||
		    has_line(path, freezer->frozen, &frozen, err) < 0)
			return -1;
		if (!frozen && clock_ms() > end)
			return fail(err, 0, "CT %u does not freeze within %u s", vmid,
				    timeout_s);
		if (!frozen)
			clock_pause(pause_ms);
	}
	return 0;
}

int lxc_freeze(unsigned vmid, unsigned timeout_s, struct error *err)
{
	const struct freezer *freezer = &freezers[cgroup_layout()];
	auto_free char *group = group_of(vmid, freezer);
	struct error ignored;

	if (!group)
		return fail(err, 0, "this host has no cgroup controller '%s'",
			    freezer->controller);
	if (put(group, freezer->file, freezer->freeze, err) == 0 &&
	    wait_frozen(vmid, group, freezer, timeout_s, err) == 0)
		return 0;
	put(group, freezer->file, freezer->thaw, &ignored);
	return -1;
}

int lxc_thaw(unsigned vmid, struct error *err)
{
	const struct freezer *freezer = &freezers[cgroup_layout()];
	auto_free char *group = group_of(vmid, freezer);

	if (!group || !path_exists(group))
		return 0;
	return put(group, freezer->file, freezer->thaw, err);
}
