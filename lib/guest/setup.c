/* The events of a container and their steps (guest-setup.md 2). */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/own.h"
#include "guest/confine.h"
#include "guest/cron.h"
#include "guest/detect.h"
#include "guest/files.h"
#include "guest/guest.h"
#include "guest/hosts.h"
#include "guest/identity.h"
#include "guest/passwd.h"
#include "guest/preview.h"
#include "guest/resolv.h"
#include "guest/systemd.h"
#include "guest/timezone.h"

#define FALLBACK_ARCH "amd64"

struct step {
	const char *name; /* for messages */
	int (*run)(const struct guest *guest, struct error *err);
};

static int write_fastboot(const struct guest *guest, struct error *err)
{
	return guest_write(guest->root, "/fastboot", slice(""), 0644, GUEST_REWRITE, err);
}

static int fix_certificates(const struct guest *guest, struct error *err)
{
	return guest->type->fix_certificates ? guest->type->fix_certificates(guest, err)
					     : 0;
}

static int fix_template(const struct guest *guest, struct error *err)
{
	return guest->type->fix_template ? guest->type->fix_template(guest, err) : 0;
}

static int write_init(const struct guest *guest, struct error *err)
{
	return guest->type->init ? guest->type->init(guest, err) : 0;
}

static int write_network(const struct guest *guest, struct error *err)
{
	return guest->type->network ? guest->type->network(guest, err) : 0;
}

static int write_hostname(const struct guest *guest, struct error *err)
{
	if (hosts_write(guest, err) < 0)
		return -1;
	return guest->type->hostname ? guest->type->hostname(guest, err) : 0;
}

static int check_init(const struct guest *guest, struct error *err)
{
	(void)err;
	systemd_check(guest, false);
	return 0;
}

static int check_init_and_cgroup(const struct guest *guest, struct error *err)
{
	(void)err;
	systemd_check(guest, guest->job->facts->cgroup_v2 &&
				     !(guest->type->flags & GUEST_ANY_CGROUP));
	return 0;
}

#define SHARED_STEPS                                                                 \
	{ "init setup", write_init }, { "network setup", write_network },            \
		{ "hostname setup", write_hostname }, { "DNS setup", resolv_write }, \
	{                                                                            \
		"time zone setup", timezone_write                                    \
	}

static const struct step create_steps[] = {
	{ "machine id setup", identity_remove_machine_id },
	{ "certificate setup", fix_certificates },
	{ "template setup", fix_template },
	{ "cron setup", cron_write },
	{ "password setup", passwd_write },
	{ "ssh key setup", passwd_write_keys },
	SHARED_STEPS,
	{ "init check", check_init },
	{ NULL, NULL },
};

static const struct step start_steps[] = {
	{ "fastboot setup", write_fastboot },
	SHARED_STEPS,
	{ "init check", check_init_and_cgroup },
	{ NULL, NULL },
};

static const struct step restore_steps[] = {
	{ "template setup", fix_template },
	{ NULL, NULL },
};

static const struct step clone_steps[] = {
	{ "machine id setup", identity_clear_machine_id },
	{ "init check", check_init },
	{ NULL, NULL },
};

static const struct step network_steps[] = {
	{ "network setup", write_network },
	{ NULL, NULL },
};

static const struct {
	const struct step *steps;
	/* guest_detect comes first, and tells what is odd about the guest's type. */
	bool is_told;
} events[] = {
	[GUEST_CREATE] = { create_steps, true },
	[GUEST_RESTORE] = { restore_steps, true },
	[GUEST_CLONE] = { clone_steps, true },
	[GUEST_START] = { start_steps, false },
	[GUEST_NETWORK] = { network_steps, false },
};

static void note_unused_access(const struct guest_job *job, struct notes *notes)
{
	if (job->event == GUEST_CREATE && strcmp(job->password_hash, "*") != 0)
		notes_add(notes, "the root password is not set in an unmanaged container");
	if (job->event == GUEST_CREATE && job->ssh_keys)
		notes_add(notes, "ssh keys are not installed in an unmanaged container");
}

static int run_detection(struct guest *guest, struct error *err)
{
	struct notes *notes = guest->notes;
	int status;

	if (events[guest->job->event].is_told)
		guest->notes = NULL;
	status = detect_type(guest, config_get(guest->job->config, "ostype"), err);
	guest->notes = notes;
	return status < 0 ? fail_in(err, "OS detection") : 0;
}

static int run_steps(struct guest *guest, struct strbuf *result, struct error *err)
{
	(void)result;
	if (run_detection(guest, err) < 0)
		return -1;
	if (guest->type->flags & GUEST_UNMANAGED) {
		note_unused_access(guest->job, guest->notes);
		return 0;
	}
	for (const struct step *step = events[guest->job->event].steps; step->name; step++)
		if (step->run(guest, err) < 0)
			return fail_in(err, "%s", step->name);
	return 0;
}

bool guest_is_unmanaged(const struct config *config)
{
	const char *ostype = config_get(config, "ostype");

	return ostype && strcmp(ostype, guest_unmanaged.name) == 0;
}

static int check_job(const struct guest_job *job, struct error *err)
{
	if (job->event == GUEST_CREATE &&
	    job->password_hash[strcspn(job->password_hash, ":\r\n")])
		return fail(err, 0,
			    "the password hash has a character that shadow cannot hold");
	return 0;
}

/* Inside: the steps on a root that notes what they do, then what differs from it. */
static int run_preview(struct guest *guest, struct strbuf *result, struct error *err)
{
	auto_record struct record record = { 0 };
	const struct guest_root noting = { .fd = guest->root->fd, .record = &record };
	struct guest watched = *guest;

	watched.root = &noting;
	if (run_steps(&watched, NULL, err) < 0)
		return -1;
	preview_add(guest->root, &record, result);
	return 0;
}

static int confine(const struct guest_job *job, unsigned flags,
		   int (*body)(struct guest *, struct strbuf *, struct error *),
		   struct strbuf *result, struct notes *notes, struct error *err)
{
	auto_guest_wants struct guest_wants wants = { 0 };
	struct guest guest = { .job = job, .wants = &wants };

	if (guest_is_unmanaged(job->config)) {
		note_unused_access(job, notes);
		return 0;
	}
	if (check_job(job, err) == 0 &&
	    guest_wants_read(job->config, job->facts, &wants, err) == 0 &&
	    guest_confine(&guest, flags, body, result, notes, err) == 0)
		return 0;
	error_escape(err);
	return fail_in(err, "guest setup");
}

int guest_setup(const struct guest_job *job, struct notes *notes, struct error *err)
{
	return confine(job, 0, run_steps, NULL, notes, err);
}

int guest_preview(const struct guest_job *job, struct strbuf *diff, struct notes *notes,
		  struct error *err)
{
	return confine(job, CONFINE_READ_ONLY | CONFINE_LONG_RESULT, run_preview, diff,
		       notes, err);
}

/* Inside: the two names, a line each; an empty one where there is none. */
static int run_detect(struct guest *guest, struct strbuf *result, struct error *err)
{
	const struct config *config = guest->job->config;
	const char *arch = config_get(config, "arch");

	if (detect_type(guest, config_get(config, "ostype"), err) < 0)
		return -1;
	if (!arch && !(guest->type->flags & GUEST_UNMANAGED))
		arch = detect_arch(guest);
	strbuf_addf(result, "%s\n%s\n", guest->type->name, arch ? arch : "");
	return 0;
}

static void fall_back(struct guest_os *os, unsigned vmid, struct notes *notes)
{
	if (os->arch[0])
		return;
	snprintf(os->arch, sizeof(os->arch), "%s", FALLBACK_ARCH);
	notes_add(notes,
		  "architecture not known, falling back to " FALLBACK_ARCH
		  ". Use `pct set %u --arch ARCH` to change.",
		  vmid);
}

int guest_detect(int rootfd, const struct idmap *map, const struct config *config,
		 struct guest_os *os, struct notes *notes, struct error *err)
{
	const struct guest_job job = { .rootfd = rootfd, .map = map, .config = config };
	auto_strbuf struct strbuf result = STRBUF_INIT;
	struct guest guest = { .job = &job };
	struct guest_os found = { 0 };
	struct slice rest, line;

	if (guest_is_unmanaged(config))
		strbuf_addf(&result, "%s\n%s\n", guest_unmanaged.name,
			    config_get(config, "arch") ? config_get(config, "arch") : "");
	else if (guest_confine(&guest, CONFINE_READ_ONLY, run_detect, &result, notes, err) <
		 0)
		return fail_in(err, "OS detection");
	rest = strbuf_slice(&result);
	if (slice_line(&rest, &line))
		snprintf(found.ostype, sizeof(found.ostype), SLICE_FMT, SLICE_ARG(line));
	if (slice_line(&rest, &line))
		snprintf(found.arch, sizeof(found.arch), SLICE_FMT, SLICE_ARG(line));
	found.arch_detected = found.arch[0] && !config_get(config, "arch");
	fall_back(&found, config->vmid, notes);
	*os = found;
	return 0;
}
