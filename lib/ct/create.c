#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/path.h"
#include "config/settings.h"
#include "config/store.h"
#include "ct/allocate.h"
#include "ct/changecheck.h"
#include "ct/compose.h"
#include "ct/create.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/oci.h"
#include "ct/volumes.h"
#include "guest/guest.h"
#include "lxc/host.h"
#include "template/template.h"

#define CONFIG_TEXT_MAX (4 * 1024 * 1024)

/* A create that passed its early checks: all that the work needs. */
struct creation {
	struct config *config; /* the new container, without lock and volumes */
	struct storages storages;
	struct allocation volumes;
	struct idmap map;
	char *archive, *password_hash, *ssh_keys;
	bool start, ignore_unpack_errors;
	uint64_t bwlimit_kib;
};

/* What the child that fills the root file system hands back. */
struct filled {
	struct guest_os os;
	unsigned warnings;
};

struct filling {
	struct creation *creation;
	struct host_keys *keys;
	struct filled *result;
	int config; /* what an image made of the configuration, as its file's text */
};

void ct_creation_free(struct creation **creation)
{
	struct creation *c = *creation;

	*creation = NULL;
	if (!c)
		return;
	config_free(c->config);
	storages_done(&c->storages);
	allocation_done(&c->volumes);
	free(c->archive);
	free(c->password_hash);
	free(c->ssh_keys);
	free(c);
}

static int check_id(unsigned vmid, struct error *err)
{
	if (config_exists(vmid))
		return fail(err, 0, "CT %u already exists on node '%s'", vmid, path_node());
	return 0;
}

static int take_template(const struct create_request *request, struct creation *creation,
			 struct error *err)
{
	if (strcmp(request->ostemplate, "-") == 0)
		return fail(err, 0, "pipe can only be used with restore tasks");
	if (storage_file_argument(&creation->storages, request->ostemplate, CONTENT_VZTMPL,
				  &creation->archive, err) < 0)
		return -1;
	return template_check_name(creation->archive, err);
}

static int take_identity(const struct create_request *request, struct creation *creation,
			 struct error *err)
{
	if (request->ssh_keys && ssh_keys_check(request->ssh_keys, err) < 0)
		return -1;
	creation->ssh_keys = xstrdup(request->ssh_keys);
	if (!request->password) {
		creation->password_hash = xstrdup("*");
		return 0;
	}
	return password_hash(request->password, &creation->password_hash, err);
}

int create_check_options(const struct keyvals *options, const struct storages *storages,
			 struct error *err)
{
	for (size_t i = 0; i < options->count; i++) {
		const struct keyval *option = &options->at[i];
		const struct prop *row = prop_find(container_props, slice(option->key));

		if (row && !(row->flags & PROP_VOLUME) &&
		    change_check(option->key, option->value, storages, err) < 0)
			return -1;
	}
	return 0;
}

static int take_config(const struct create_request *request, const char *storage,
		       const struct settings *settings, struct creation *creation,
		       struct error *err)
{
	auto_notes struct notes notes = { 0 };
	int status;

	if (create_check_options(request->config, &creation->storages, err) < 0)
		return -1;
	status = config_compose(request->vmid, request->config, settings, &creation->config,
				&notes, err);
	warn_notes(&notes);
	if (status < 0)
		return -1;
	return allocation_plan(request->config, storage, &creation->storages,
			       &creation->volumes, err);
}

static int prepare(const struct create_request *request, struct creation *creation,
		   struct error *err)
{
	auto_settings struct settings settings = { 0 };
	auto_notes struct notes notes = { 0 };
	const struct storage *st;
	const char *storage;

	settings_load(&settings, &notes);
	storages_load(&creation->storages, &notes);
	warn_notes(&notes);
	storage = request->storage ? request->storage : settings.storage;
	creation->start = request->start;
	creation->ignore_unpack_errors = request->ignore_unpack_errors;
	creation->bwlimit_kib = request->bwlimit > 0 ? (uint64_t)request->bwlimit : 0;
	if (check_id(request->vmid, err) < 0 || take_identity(request, creation, err) < 0 ||
	    take_template(request, creation, err) < 0)
		return -1;
	if (!keyvals_get(request->config, "rootfs") &&
	    storage_use(&creation->storages, slice(storage), CONTENT_ROOTDIR, &st, err) < 0)
		return fail_prefix(err, "400 Parameter verification failed.\nstorage: ");
	if (take_config(request, storage, &settings, creation, err) < 0)
		return -1;
	return config_idmap(creation->config, &creation->map, err);
}

int ct_create_prepare(const struct create_request *request, struct creation **out,
		      struct error *err)
{
	struct creation *creation = xcalloc(1, sizeof(*creation));

	if (prepare(request, creation, err) < 0) {
		ct_creation_free(&creation);
		return -1;
	}
	*out = creation;
	return 0;
}

/*
 * Where something is mounted that was there before the container. An image's layers
 * replace what they find, and that is not theirs.
 */
static char **kept_paths(const struct creation *creation)
{
	char **paths = xcalloc(creation->volumes.count + 1, sizeof(*paths));
	size_t count = 0;

	for (size_t i = 0; i < creation->volumes.count; i++) {
		const struct wanted_volume *wanted = &creation->volumes.at[i];
		auto_mountpoint struct mountpoint mp = { 0 };
		struct error ignored;

		if (!wanted->storage &&
		    config_mountpoint(creation->config, wanted->key, &mp, &ignored) == 0 &&
		    mp.mp)
			paths[count++] = xstrdup(mp.mp);
	}
	return paths;
}

/* An image also says how its container is configured: our parent has to know. */
static int unpack_image(const struct filling *filling, const struct unpack *unpack,
			struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	struct config *config = filling->creation->config;

	if (oci_unpack(unpack, config, err) < 0 || config_format(config, &text, err) < 0)
		return -1;
	return write_all(filling->config, text.at, text.len, err);
}

static int unpack(const struct filling *filling, int rootfd, struct notes *notes,
		  struct error *err)
{
	const struct creation *creation = filling->creation;
	auto_words char **kept = kept_paths(creation);
	const struct unpack unpack = {
		.archive = creation->archive,
		.rootfd = rootfd,
		.map = &creation->map,
		.flags = creation->ignore_unpack_errors ? UNPACK_IGNORE_ERRORS : 0,
		.bwlimit_kib = creation->bwlimit_kib,
		.notes = notes,
		.kept = kept,
	};
	bool is_image;

	if (template_is_image(&unpack, &is_image, err) < 0)
		return -1;
	return is_image ? unpack_image(filling, &unpack, err)
			: template_unpack(&unpack, err);
}

static int set_up_guest(const struct filling *filling, int rootfd, struct notes *notes,
			struct error *err)
{
	struct creation *creation = filling->creation;
	auto_guest_facts struct guest_facts facts = { 0 };
	struct guest_os *os = &filling->result->os;

	guest_facts_collect(&facts);
	if (guest_detect(rootfd, &creation->map, creation->config, os, notes, err) < 0)
		return -1;
	config_set(creation->config, "ostype", os->ostype);
	if (!config_get(creation->config, "arch"))
		config_set(creation->config, "arch", os->arch);
	if (os->arch_detected)
		printf("Detected container architecture: %s\n", os->arch);
	if (guest_setup(&(struct guest_job){ .rootfd = rootfd,
					     .map = &creation->map,
					     .config = creation->config,
					     .facts = &facts,
					     .event = GUEST_CREATE,
					     .password_hash = creation->password_hash,
					     .ssh_keys = creation->ssh_keys },
			notes, err) < 0)
		return -1;
	return host_keys_finish(filling->keys, rootfd, &creation->map, err);
}

/*
 * In a child with a mount namespace of its own: whatever happens to it, no mount and
 * no loop device outlives it.
 */
static int fill(void *arg, struct error *err)
{
	struct filling *filling = arg;
	struct creation *creation = filling->creation;
	auto_free char *root = path_in(PATH_LXC, "%u/rootfs", creation->config->vmid);
	auto_mount_plan struct mount_plan plan = { 0 };
	auto_notes struct notes notes = { 0 };
	auto_close int rootfd = -1;
	int status;

	if (mount_private(err) < 0 || volumes_plan(creation->config, &creation->storages,
						   MOUNT_IGNORE_RO, &plan, &notes, err) < 0)
		return -1;
	rootfd = mount_apply(&plan, root, err);
	if (rootfd < 0 || unpack(filling, rootfd, &notes, err) < 0)
		return -1;
	status = set_up_guest(filling, rootfd, &notes, err);
	warn_task_notes(&notes);
	filling->result->warnings = warn_task_count();
	return status;
}

/* The child's configuration becomes ours, if it wrote one. */
static int take_over_config(struct creation *creation, int fd, struct error *err)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_notes struct notes notes = { 0 };
	unsigned vmid = creation->config->vmid;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return fail(err, errno, "cannot read what the image says");
	if (read_all(fd, CONFIG_TEXT_MAX, &text, err) < 0)
		return -1;
	if (text.len == 0)
		return 0;
	config_free(creation->config);
	creation->config = config_parse(strbuf_slice(&text), vmid, &notes);
	warn_notes(&notes);
	return 0;
}

void create_complete(struct config *config, const struct guest_os *os)
{
	auto_free char *hostname = config_hostname(config);

	config_set(config, "ostype", os->ostype);
	if (!config_get(config, "arch"))
		config_set(config, "arch", os->arch);
	if (!config_get(config, "hostname"))
		config_set(config, "hostname", hostname);
	if (!config_get(config, "memory"))
		config_set(config, "memory", "512");
	if (!config_get(config, "swap"))
		config_set(config, "swap", "512");
}

int create_mount_directory(unsigned vmid, struct error *err)
{
	auto_free char *dir = path_in(PATH_LXC, "%u", vmid);

	return path_make(PATH_LXC, err) < 0 ? -1 : make_dir(dir, 0755, err);
}

/* Allocate, fill, and write the final config: nothing is kept before that is saved. */
static int build(struct creation *creation, struct error *err)
{
	struct filled *filled = child_shared(sizeof(*filled));
	auto_host_keys struct host_keys *keys = NULL;
	struct filling filling = { .creation = creation, .result = filled };
	const char *lock = config_get(creation->config, "lock");
	auto_free char *wanted_lock = xstrdup(lock);
	auto_close int config = memfd_create("config", MFD_CLOEXEC);

	if (config < 0)
		return fail(err, errno, "cannot make room for the configuration");
	filling.config = config;
	if (create_mount_directory(creation->config->vmid, err) < 0 ||
	    host_keys_start(creation->config, &keys, err) < 0)
		return -1;
	config_set(creation->config, "lock", "create");
	if (allocation_make(&creation->volumes, &creation->storages, &creation->map,
			    creation->config, err) < 0)
		return -1;
	filling.keys = keys;
	if (child_run(fill, &filling, err) < 0 ||
	    take_over_config(creation, config, err) < 0)
		return -1;
	volumes_deactivate(creation->config);
	warn_task_add(filled->warnings);
	create_complete(creation->config, &filled->os);
	config_unset(creation->config, "lock");
	if (wanted_lock)
		config_set(creation->config, "lock", wanted_lock);
	if (interrupt_check(err) < 0 || config_save(creation->config, err) < 0)
		return -1;
	creation->volumes.keep = true;
	return 0;
}

static void undo(struct creation *creation)
{
	unsigned vmid = creation->config->vmid;
	struct error err;

	allocation_undo(&creation->volumes, creation->config, &creation->storages);
	if (lxc_config_remove(vmid, &err) < 0)
		warn_plain("%s", err.text);
	if (config_remove(vmid, &err) < 0)
		warn_plain("%s", err.text);
}

int create_claim(unsigned vmid, struct error *err)
{
	auto_config struct config *stub = config_new(vmid);

	config_set(stub, "lock", "create");
	return config_create(stub, err);
}

int ct_create_run(struct creation *creation, struct error *err)
{
	unsigned vmid = creation->config->vmid;
	auto_lock struct lock lock = { 0 };

	if (lock_config(vmid, 5, &lock, err) < 0 || create_claim(vmid, err) < 0)
		return fail_prefix(err, "unable to create CT %u - ", vmid);
	if (build(creation, err) < 0) {
		undo(creation);
		if (interrupt_seen())
			interrupt_check(err);
		return fail_prefix(err, "unable to create CT %u - ", vmid);
	}
	lock_free(&lock);
	return creation->start ? ct_start(vmid, 0, err) : 0;
}
