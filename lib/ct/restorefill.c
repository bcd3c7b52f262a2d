#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "config/volid.h"
#include "ct/bwlimit.h"
#include "ct/restoration.h"
#include "ct/restoreplan.h"
#include "ct/unused.h"
#include "ct/volumes.h"
#include "template/template.h"

struct filling {
	const struct restoration *restoration;
	struct restored *out;
	struct config *config; /* what the guest is set up for; owned */
};

/* The lowest limit that one of the storages has for this. */
static uint64_t find_limit(const struct restoration *restoration)
{
	auto_free const char **keys = config_volume_keys(restoration->config);
	uint64_t lowest = 0;

	if (restoration->bwlimit >= 0)
		return bwlimit_find(restoration->bwlimit, "restore", NULL, NULL);
	for (size_t i = 0; keys[i]; i++) {
		struct error err;
		auto_free char *volid = entry_volume(
			keys[i], config_get(restoration->config, keys[i]), &err);
		struct slice id, volname;
		const struct storage *st;
		uint64_t limit;

		if (!volid || volid_parse(slice(volid), &id, &volname, &err) < 0 ||
		    storage_find(&restoration->storages, id, &st, &err) < 0)
			continue;
		limit = bwlimit_find(-1, "restore", NULL, st);
		if (limit && (!lowest || limit < lowest))
			lowest = limit;
	}
	return lowest;
}

/* Where the volumes of storages are mounted; what the host has is left as it is. */
static char **mount_points(const struct config *config)
{
	auto_free const char **keys = config_volume_keys(config);
	char **paths = xcalloc(MP_COUNT + 1, sizeof(*paths));
	size_t count = 0;

	for (size_t i = 0; keys[i]; i++) {
		auto_mountpoint struct mountpoint mp = { 0 };
		struct error err;

		if (config_mountpoint(config, keys[i], &mp, &err) == 0 && mp.mp &&
		    volume_kind(slice(mp.volume)) == VOLUME_STORAGE)
			paths[count++] = xstrdup(mp.mp);
	}
	return paths;
}

static int unpack(const struct restoration *restoration, int rootfd, struct notes *notes,
		  struct error *err)
{
	auto_words char **volumes = mount_points(restoration->config);

	if (restoration->archive)
		printf("restoring '%s' now..\n", restoration->source);
	return template_unpack(&(struct unpack){ .archive = restoration->archive,
						 .rootfd = rootfd,
						 .map = &restoration->map,
						 .flags = restoration->ignore_unpack_errors
								  ? UNPACK_IGNORE_ERRORS
								  : 0,
						 .bwlimit_kib = find_limit(restoration),
						 .volumes = (const char *const *)volumes,
						 .notes = notes },
			       err);
}

static void tell_no_config(void)
{
	const char *line = "############################################################";

	printf("%s\nBackup archive does not contain any configuration\n%s\n", line, line);
}

/*
 * Of a file the archive's head has told already, which is the same member. One on standard
 * input can only be looked at when it is unpacked.
 */
static int take_config(struct filling *filling, int rootfd, struct error *err)
{
	const struct restoration *restoration = filling->restoration;
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_config struct config *archived = NULL;
	enum restored_kind kind;

	if (restored_file_take(rootfd, &restoration->map, "pct.conf", RESTORED_CONFIG_MAX,
			       &kind, &text, err) < 0)
		return -1;
	if (restoration->archive) {
		filling->config = config_copy(restoration->config);
		return 0;
	}
	if (kind == RESTORED_ODD)
		return fail(err, 0,
			    "etc/vzdump/pct.conf in the backup is not a regular file");
	filling->out->has_config = kind == RESTORED_FILE;
	filling->out->config_len = text.len;
	memcpy(filling->out->config, text.at, text.len);
	if (kind == RESTORED_FILE)
		archived = config_parse_main(strbuf_slice(&text), restoration->vmid, NULL);
	else
		tell_no_config();
	return restore_compose(restoration, archived, &filling->config, err);
}

static int take_firewall(struct filling *filling, int rootfd, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	enum restored_kind kind;

	if (restored_file_take(rootfd, &filling->restoration->map, "pct.fw",
			       RESTORED_FIREWALL_MAX, &kind, &text, err) < 0)
		return -1;
	if (kind == RESTORED_ODD)
		warn_task("etc/vzdump/pct.fw in the backup is not a regular file: there "
			  "are no firewall rules to restore");
	filling->out->firewall_len = text.len;
	memcpy(filling->out->firewall, text.at, text.len);
	return 0;
}

static int set_up_guest(const struct filling *filling, int rootfd, struct notes *notes,
			struct error *err)
{
	const struct idmap *map = &filling->restoration->map;
	auto_guest_facts struct guest_facts facts = { 0 };
	struct guest_os *os = &filling->out->os;

	guest_facts_collect(&facts);
	if (guest_detect(rootfd, map, filling->config, os, notes, err) < 0)
		return -1;
	config_set(filling->config, "ostype", os->ostype);
	if (!config_get(filling->config, "arch"))
		config_set(filling->config, "arch", os->arch);
	if (os->arch_detected)
		printf("Detected container architecture: %s\n", os->arch);
	return guest_setup(&(struct guest_job){ .rootfd = rootfd,
						.map = map,
						.config = filling->config,
						.facts = &facts,
						.event = GUEST_RESTORE },
			   notes, err);
}

/* Before the old volumes may go, and the archive, too. */
static int sync_all(const struct mount_plan *plan, int rootfd, struct error *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct mount_step *step = &plan->at[i];
		auto_close int fd = -1;

		if (step->kind == MOUNT_BIND)
			continue;
		fd = open_in_root(rootfd, step->target, O_RDONLY | O_DIRECTORY, 0, err);
		if (fd < 0)
			return -1;
		if (syncfs(fd) < 0)
			return fail(err, errno, "cannot sync %s", step->key);
	}
	return 0;
}

static int work(struct filling *filling, int rootfd, struct notes *notes, struct error *err)
{
	if (unpack(filling->restoration, rootfd, notes, err) < 0)
		return -1;
	printf("merging backed-up and given configuration..\n");
	if (take_config(filling, rootfd, err) < 0 ||
	    take_firewall(filling, rootfd, err) < 0)
		return -1;
	return set_up_guest(filling, rootfd, notes, err);
}

static int fill(void *arg, struct error *err)
{
	struct filling *filling = arg;
	const struct restoration *restoration = filling->restoration;
	auto_free char *root = path_in(PATH_LXC, "%u/rootfs", restoration->vmid);
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_notes struct notes notes = { 0 };
	auto_close int rootfd = -1;
	int status;

	if (mount_private(err) < 0 ||
	    volumes_plan(restoration->config, &restoration->storages, MOUNT_IGNORE_RO,
			 &plan, &notes, err) < 0)
		return -1;
	rootfd = mount_apply(&plan, root, err);
	if (rootfd < 0)
		return -1;
	status = work(filling, rootfd, &notes, err);
	warn_task_notes(&notes);
	filling->out->warnings = warn_task_count();
	return status < 0 ? -1 : sync_all(&plan, rootfd, err);
}

int restore_fill(const struct restoration *restoration, struct restored *out,
		 struct error *err)
{
	struct filling filling = { .restoration = restoration, .out = out };

	if (child_run(fill, &filling, err) < 0)
		return -1;
	volumes_deactivate(restoration->config);
	warn_task_add(out->warnings);
	return 0;
}
