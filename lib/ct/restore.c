#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "config/store.h"
#include "ct/compose.h"
#include "ct/create.h"
#include "ct/guard.h"
#include "ct/restoration.h"
#include "ct/restoreplan.h"
#include "ct/totemplate.h"
#include "lxc/command.h"
#include "lxc/host.h"
#include "template/template.h"

void ct_restoration_free(struct restoration **restoration)
{
	struct restoration *r = *restoration;

	*restoration = NULL;
	if (!r)
		return;
	config_free(r->options);
	config_free(r->archived);
	config_free(r->config);
	config_free(r->old);
	storages_done(&r->storages);
	settings_done(&r->settings);
	allocation_done(&r->volumes);
	keyvals_done(&r->later);
	strbuf_done(&r->old_firewall);
	free(r->source);
	free(r->archive);
	free(r);
}

/* ---- what can be refused before anything changes ---- */

static int refuse_replacing(const struct config *old, struct error *err)
{
	if (lxc_is_running(old->vmid))
		return fail(err, 0, "can't overwrite running container");
	if (config_bool(old, "protection"))
		return fail(err, 0, "protection mode enabled");
	return ct_check_lock(old, NULL, err);
}

static int check_id(const struct create_request *request, struct error *err)
{
	auto_config struct config *old = NULL;

	if (!config_exists(request->vmid))
		return 0;
	if (!request->force)
		return fail(err, 0, "CT %u already exists on node '%s'", request->vmid,
			    path_node());
	if (ct_load(request->vmid, &old, err) < 0)
		return -1;
	if (refuse_replacing(old, err) == 0)
		return 0;
	return config_bool(old, "protection") && !lxc_is_running(request->vmid)
		       ? fail_prefix(err, "unable to restore CT %u - ", request->vmid)
		       : -1;
}

static int take_archive(const struct create_request *request, struct restoration *r,
			struct error *err)
{
	r->source = xstrdup(request->ostemplate);
	if (strcmp(request->ostemplate, "-") == 0)
		return r->has_volumes ? 0
				      : fail(err, 0,
					     "restore from pipe requires rootfs parameter");
	if (storage_file_argument(&r->storages, request->ostemplate, CONTENT_BACKUP,
				  &r->archive, err) < 0)
		return -1;
	return template_check_name(r->archive, err);
}

/* Without rootfs there are only questions: the backup says which volumes there are. */
static int take_volumes(const struct create_request *request, struct restoration *r,
			struct error *err)
{
	auto_allocation struct allocation unused = { 0 };
	const struct storage *st;

	if (!r->has_volumes &&
	    storage_use(&r->storages, slice(r->storage), CONTENT_ROOTDIR, &st, err) < 0)
		return fail_prefix(err, "400 Parameter verification failed.\nstorage: ");
	return allocation_plan(request->config, r->storage, &r->storages,
			       r->has_volumes ? &r->volumes : &unused, err);
}

static int take_options(const struct create_request *request, struct restoration *r,
			struct error *err)
{
	const char *unprivileged = keyvals_get(request->config, "unprivileged");
	auto_notes struct notes notes = { 0 };
	int status;

	r->unprivileged = unprivileged ? bool_parse(slice(unprivileged)) : -1;
	if (create_check_options(request->config, &r->storages, err) < 0)
		return -1;
	status = config_of_options(request->vmid, request->config, &r->settings,
				   &r->options, &notes, err);
	warn_notes(&notes);
	return status;
}

static int prepare(const struct create_request *request, struct restoration *r,
		   struct error *err)
{
	auto_notes struct notes notes = { 0 };

	settings_load(&r->settings, &notes);
	storages_load(&r->storages, &notes);
	warn_notes(&notes);
	r->vmid = request->vmid;
	r->storage = request->storage ? request->storage : r->settings.storage;
	r->has_volumes = keyvals_get(request->config, "rootfs") != NULL;
	r->force = request->force;
	r->unique = request->unique;
	r->start = request->start;
	r->ignore_unpack_errors = request->ignore_unpack_errors;
	r->bwlimit = request->bwlimit;
	return check_id(request, err) < 0 || take_archive(request, r, err) < 0 ||
			       take_volumes(request, r, err) < 0 ||
			       take_options(request, r, err) < 0
		       ? -1
		       : 0;
}

int ct_restore_prepare(const struct create_request *request, struct restoration **out,
		       struct error *err)
{
	struct restoration *r = xcalloc(1, sizeof(*r));

	r->old_firewall = (struct strbuf)STRBUF_INIT;
	if (prepare(request, r, err) < 0) {
		ct_restoration_free(&r);
		return -1;
	}
	*out = r;
	return 0;
}

/* ---- the configuration ---- */

struct config *restore_parse(unsigned vmid, struct slice text)
{
	auto_notes struct notes notes = { 0 };
	struct config *config = config_parse_main(text, vmid, &notes);

	warn_notes(&notes);
	return config;
}

static int find_privilege(const struct restoration *r, const struct config *archived)
{
	if (r->unprivileged >= 0)
		return r->unprivileged;
	return r->archive && archived && config_bool(archived, "unprivileged");
}

int restore_compose(const struct restoration *r, const struct config *archived,
		    struct config **out, struct error *err)
{
	return restore_merge(
		&(struct restore_wish){ .archived = archived,
					.options = r->options,
					.settings = &r->settings,
					.unique = r->unique,
					.unprivileged = find_privilege(r, archived) },
		out, err);
}

static int read_archived(struct restoration *r, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	bool is_openvz;

	if (!r->archive)
		return 0;
	printf("recovering backed-up configuration from '%s'\n", r->source);
	fflush(stdout);
	if (template_backup_config(r->archive, &is_openvz, &text, err) < 0)
		return -1;
	if (is_openvz)
		return fail(err, 0,
			    "the backup is of an OpenVZ container (vps.conf), which cannot "
			    "be restored here");
	r->archived = restore_parse(r->vmid, strbuf_slice(&text));
	return 0;
}

static bool wants_template(const struct restoration *r)
{
	const char *wanted = config_get(r->options, "template");

	return wanted ? bool_parse(slice(wanted)) == 1
		      : r->archived && config_bool(r->archived, "template");
}

/* Until it is complete it is locked, and what destroy can remove: not protected. */
static void set_growing(struct restoration *r)
{
	r->is_template = wants_template(r);
	r->is_protected = config_bool(r->config, "protection");
	config_set(r->config, "lock", "create");
	config_unset(r->config, "protection");
}

static int plan(struct restoration *r, struct error *err)
{
	auto_notes struct notes notes = { 0 };

	if (read_archived(r, err) < 0 ||
	    restore_compose(r, r->archived, &r->config, err) < 0)
		return -1;
	if (!r->has_volumes && restore_volumes(r->archived, r->storage, &r->volumes,
					       &r->later, &notes, err) < 0)
		return -1;
	warn_task_notes(&notes);
	set_growing(r);
	return config_idmap(r->config, &r->map, err);
}

/* ---- the whole ---- */

/* The id is ours from here on: by its new file, or by the lock in the old one. */
static int claim(struct restoration *r, struct error *err)
{
	if (!r->force || !config_exists(r->vmid))
		return create_claim(r->vmid, err);
	if (ct_load(r->vmid, &r->old, err) < 0 || refuse_replacing(r->old, err) < 0 ||
	    ct_wait_gone(r->vmid, 10, err) < 0)
		return -1;
	r->volumes.save = restore_save_old;
	r->volumes.arg = r;
	return restore_save_old(r, err);
}

/* Of standard input this is known only now. */
static int learn(struct restoration *r, const struct restored *restored, struct error *err)
{
	auto_config struct config *merged = NULL;

	if (r->archive || !restored->has_config)
		return 0;
	r->archived =
		restore_parse(r->vmid, slice_of(restored->config, restored->config_len));
	if (r->unprivileged < 0 && config_bool(r->archived, "unprivileged"))
		warn_task("the backup is of an unprivileged container; this one is "
			  "privileged, as --unprivileged was not given");
	if (restore_compose(r, r->archived, &merged, err) < 0)
		return -1;
	for (size_t i = 0; i < r->volumes.count; i++)
		config_set(merged, r->volumes.at[i].key,
			   config_get(r->config, r->volumes.at[i].key));
	config_free(r->config);
	r->config = take_ptr(&merged);
	set_growing(r);
	return 0;
}

static void tell_host_keys(const struct restoration *r)
{
	auto_strbuf struct strbuf keys = STRBUF_INIT;

	if (!r->archived)
		return;
	restore_host_keys(r->config, r->options, &r->later, &keys);
	if (keys.len)
		warn_plain("the configuration reaches into the host by %s", keys.at);
}

static int convert(struct restoration *r, struct error *err)
{
	printf("Convert restored container to template...\n");
	fflush(stdout);
	if (template_check(r->config, &r->storages, err) < 0 ||
	    config_save(r->config, err) < 0 ||
	    template_convert(r->config, &r->storages, err) < 0)
		return -1;
	config_set(r->config, "template", "1");
	return 0;
}

/* Until the last line the file on the disk has the lock, or is the old container's. */
static int complete(struct restoration *r, const struct restored *restored,
		    struct error *err)
{
	const char *lock = config_get(r->options, "lock");

	if (learn(r, restored, err) < 0)
		return -1;
	tell_host_keys(r);
	for (size_t i = 0; i < r->later.count; i++)
		config_set(r->config, r->later.at[i].key, r->later.at[i].value);
	create_complete(r->config, &restored->os);
	if (restore_remember_old(r, err) < 0 ||
	    restore_save_firewall(r, slice_of(restored->firewall, restored->firewall_len),
				  err) < 0)
		return -1;
	if (r->is_template && convert(r, err) < 0)
		return -1;
	if (r->is_protected)
		config_set(r->config, "protection", "1");
	config_unset(r->config, "lock");
	if (lock)
		config_set(r->config, "lock", lock);
	return interrupt_check(err) < 0 ? -1 : config_save(r->config, err);
}

static int make_volumes(struct restoration *r, struct error *err)
{
	if (create_mount_directory(r->vmid, err) < 0 ||
	    allocation_make(&r->volumes, &r->storages, &r->map, r->config, err) < 0)
		return -1;
	return r->is_template ? template_check(r->config, &r->storages, err) : 0;
}

static int build(struct restoration *r, struct error *err)
{
	struct restored *restored = child_shared(sizeof(*restored));

	if (plan(r, err) < 0 || make_volumes(r, err) < 0 ||
	    restore_fill(r, restored, err) < 0 || complete(r, restored, err) < 0)
		return -1;
	r->volumes.keep = true;
	return 0;
}

/* The id is free again. */
static int undo_new(struct restoration *r, struct error *err)
{
	int status = lxc_config_remove(r->vmid, err);
	struct error other;

	for (size_t i = 0; i < r->volumes.count; i++)
		if (r->volumes.at[i].made)
			return fail(err, 0, "CT %u keeps what could not be removed",
				    r->vmid);
	return config_remove(r->vmid, status < 0 ? &other : err) < 0 ? -1 : status;
}

/*
 * No volume goes that the file on the disk does not name: a kill here leaves what destroy,
 * or a second try, finds.
 */
static void undo(struct restoration *r)
{
	struct error err;
	int status = 0;

	interrupt_defer();
	if (r->old)
		status = restore_save_old(r, &err);
	if (status == 0) {
		if (r->config)
			allocation_undo(&r->volumes, r->config, &r->storages);
		restore_put_firewall_back(r);
		status = r->old ? restore_put_old_back(r, &err) : undo_new(r, &err);
	}
	if (status < 0)
		warn_plain("%s", err.text);
	interrupt_resume();
}

int ct_restore_run(struct restoration *r, struct error *err)
{
	auto_lock struct lock lock = { 0 };

	if (lock_config(r->vmid, 5, &lock, err) < 0 || claim(r, err) < 0)
		return fail_prefix(err, "unable to restore CT %u - ", r->vmid);
	if (build(r, err) < 0) {
		undo(r);
		if (interrupt_seen())
			interrupt_check(err);
		return fail_prefix(err, "unable to restore CT %u - ", r->vmid);
	}
	if (r->old) {
		interrupt_defer(); /* the new container is complete */
		restore_drop_old(r);
		interrupt_resume();
	}
	lock_free(&lock);
	return r->start ? ct_start(r->vmid, 0, err) : 0;
}
