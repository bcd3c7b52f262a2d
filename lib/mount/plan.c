#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "base/own.h"
#include "base/strbuf.h"
#include "mount/idmap.h"
#include "mount/mount.h"

/* The words of mountoptions (ct-config.md 5.1). attribute 0: the file system's own. */
static const struct word {
	const char *name;
	unsigned long attribute;
	bool with_ro;
} words[] = {
	{ "discard", 0, false },
	{ "lazytime", 0, false },
	{ "noatime", MOUNT_ATTR_NOATIME, false },
	{ "nodev", MOUNT_ATTR_NODEV, true },
	{ "noexec", MOUNT_ATTR_NOEXEC, true },
	{ "nosuid", MOUNT_ATTR_NOSUID, true },
};

static const struct word *find_word(struct slice name)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_is(name, words[i].name))
			return &words[i];
	return NULL;
}

static bool has_file_system(const struct mount_step *step)
{
	return step->kind == MOUNT_IMAGE || step->kind == MOUNT_DEVICE;
}

/* "." and ".." as parts of a path-like value (runtime.md 4.1). */
static int check_path(const char *path, struct error *err)
{
	struct slice s = slice(path);

	if (strstr(path, "/./") || strstr(path, "/../") || slice_ends(s, "/.") ||
	    slice_ends(s, "/..") || slice_starts(s, "../"))
		return fail(err, 0, "%s contains illegal character sequences", path);
	return 0;
}

static void add_option(struct strbuf *options, const char *word)
{
	strbuf_addf(options, "%s%s", options->len ? "," : "", word);
}

static void add_word(struct mount_step *step, struct slice name, struct strbuf *options,
		     struct notes *notes)
{
	const struct word *word = find_word(name);

	if (!word)
		notes_add(notes,
			  "%s: mount option '" SLICE_FMT "' is not known and ignored",
			  step->key, SLICE_ARG(name));
	else if (step->ro && !word->with_ro)
		notes_add(notes, "%s: mount option '%s' has no effect on a read-only mount",
			  step->key, word->name);
	else if (word->attribute)
		step->attributes |= word->attribute;
	else if (has_file_system(step))
		add_option(options, word->name);
	else
		notes_add(notes, "%s: mount option '%s' has no effect on a directory",
			  step->key, word->name);
}

/* Journalled quotas, for the tools inside the container. */
static int plan_quota(const struct mount_plan *plan, struct mount_step *step,
		      const struct mountpoint *mp, struct strbuf *options,
		      struct notes *notes, struct error *err)
{
	if (mp->quota != 1)
		return 0;
	if (plan->map.count)
		return fail(err, 0, "Quotas are not supported by unprivileged containers.");
	if (!has_file_system(step))
		notes_add(notes, "cannot enable quota control for bind mounted subvolumes");
	else if (!step->ro)
		add_option(options,
			   "usrjquota=aquota.user,grpjquota=aquota.group,jqfmt=vfsv0");
	return 0;
}

static int plan_idmap(const struct mount_plan *plan, struct mount_step *step,
		      const struct mountpoint *mp, struct notes *notes, struct error *err)
{
	struct idmap map;

	if (!mp->idmap)
		return 0;
	if (plan->map.count == 0) {
		notes_add(notes,
			  "'%s' - ignoring 'idmap' option unsupported by privileged "
			  "container",
			  step->key);
		return 0;
	}
	if (mount_idmap(mp->idmap, &plan->map, &map, err) < 0)
		return fail_in(err, "%s", step->key);
	step->idmap = xmalloc(sizeof(map));
	*step->idmap = map;
	return 0;
}

static int plan_options(const struct mount_plan *plan, struct mount_step *step,
			const struct mountpoint *mp, struct notes *notes, struct error *err)
{
	auto_strbuf struct strbuf options = STRBUF_INIT;
	struct slice rest = slice(mp->mountoptions), name;

	if (mp->mountoptions)
		while (rest.at) {
			name = slice_trim(slice_cut(rest, ';', &rest));
			if (name.len)
				add_word(step, name, &options, notes);
		}
	if (mp->acl == 1 && has_file_system(step))
		add_option(&options, "acl");
	if (step->is_base)
		add_option(&options, "noload");
	if (plan_quota(plan, step, mp, &options, notes, err) < 0)
		return -1;
	if (options.len)
		step->options = strbuf_take(&options);
	return plan_idmap(plan, step, mp, notes, err);
}

static int check_target(const struct mount_plan *plan, const struct mount_step *step,
			unsigned flags, struct error *err)
{
	bool is_first = plan->count == 0 && !(flags & MOUNT_HOTPLUG);
	bool is_root = strspn(step->target, "/") == strlen(step->target);

	if (check_path(step->source, err) < 0 || check_path(step->target, err) < 0)
		return -1;
	if (is_first && !is_root)
		return fail(err, 0, "%s: the first volume has to be rootfs", step->key);
	if (!is_first && is_root)
		return fail(err, 0, "%s: mp: '%s' is the root directory", step->key,
			    step->target);
	return 0;
}

static void step_done(struct mount_step *step)
{
	free(step->key);
	free(step->source);
	free(step->target);
	free(step->options);
	free(step->idmap);
	*step = (struct mount_step){ 0 };
}

void mount_plan_read_only(struct mount_plan *plan)
{
	plan->is_read_only = true;
	for (size_t i = 0; i < plan->count; i++) {
		plan->at[i].ro = true;
		plan->at[i].attributes |= MOUNT_ATTR_RDONLY;
		plan->at[i].keepattrs = false;
	}
}

void mount_plan_done(struct mount_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		step_done(&plan->at[i]);
	free(plan->at);
	plan->at = NULL;
	plan->count = 0;
}

int mount_plan_add(struct mount_plan *plan, const char *key, const struct mountpoint *mp,
		   enum mount_kind kind, const char *source, bool is_base, unsigned flags,
		   struct notes *notes, struct error *err)
{
	struct mount_step step = {
		.key = xstrdup(key),
		.kind = kind,
		.source = xstrdup(source),
		.target = xstrdup(strcmp(key, "rootfs") == 0 || !mp->mp ? "/" : mp->mp),
		.ro = is_base || (mp->ro == 1 && !(flags & MOUNT_IGNORE_RO)),
		.keepattrs = mp->keepattrs == 1,
		.is_base = is_base,
	};

	if (step.ro) {
		step.attributes |= MOUNT_ATTR_RDONLY;
		if (step.keepattrs)
			notes_add(notes, "%s: keepattrs has no effect on a read-only mount",
				  key);
		step.keepattrs = false;
	}
	if (check_target(plan, &step, flags, err) < 0 ||
	    plan_options(plan, &step, mp, notes, err) < 0) {
		step_done(&step);
		return -1;
	}
	plan->at = xreallocarray(plan->at, plan->count + 1, sizeof(*plan->at));
	plan->at[plan->count++] = step;
	return 0;
}
