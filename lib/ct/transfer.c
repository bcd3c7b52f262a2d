#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock.h"
#include "base/own.h"
#include "base/sandbox.h"
#include "ct/accounts.h"
#include "ct/ct.h"
#include "ct/guard.h"
#include "ct/transferfile.h"
#include "lxc/command.h"

/* What the two directions share. */
struct transfer {
	const struct transfer_request *request;
	struct idmap map; /* the container's */
	struct transfer_mode mode;
	int host_fd; /* the file on the host */
};

/* Number, or name of the host. */
static int host_id(const char *text, bool group, long long *id, struct error *err)
{
	const struct passwd *user;
	const struct group *found;

	if (!text || account_number(text, id))
		return 0;
	if (group) {
		found = getgrnam(text);
		if (!found)
			return fail(err, 0, "failed to get gid for: %s", text);
		*id = found->gr_gid;
		return 0;
	}
	user = getpwnam(text);
	if (!user)
		return fail(err, 0, "failed to get uid for: %s", text);
	*id = user->pw_uid;
	return 0;
}

/* Number, or name in the guest's files: no library of the guest is asked. */
static int guest_id(int root, const char *text, bool group, long long *id,
		    struct error *err)
{
	if (!text || account_number(text, id))
		return 0;
	if (account_find(root, group ? "/etc/group" : "/etc/passwd", text, id) == 0)
		return 0;
	return fail(err, 0, "failed to get %s for: %s", group ? "gid" : "uid", text);
}

/* Its name, where an error has only the kernel's reason. */
static int fail_at(const char *path, struct error *err)
{
	return err->code ? fail_in(err, "%s", path) : -1;
}

static int fill_inside(struct transfer *work, int *fd, bool is_new, struct error *err)
{
	const char *path = work->request->to;

	if (transfer_copy(work->host_fd, *fd, err) < 0 ||
	    transfer_finish(*fd, is_new, &work->mode, err) < 0)
		return fail_at(path, err);
	return transfer_close(fd, path, err);
}

static int push_inside(void *arg, const struct sandbox_io *io, struct error *err)
{
	struct transfer *work = arg;
	const struct transfer_request *request = work->request;
	auto_close int fd = -1;
	bool is_new = false;

	transfer_watch();
	if (guest_id(io->root, request->user, false, &work->mode.uid, err) < 0 ||
	    guest_id(io->root, request->group, true, &work->mode.gid, err) < 0)
		return -1;
	fd = transfer_create_inside(io->root, request->to, work->map.count == 0, &is_new,
				    err);
	if (fd < 0)
		return -1;
	if (fill_inside(work, &fd, is_new, err) == 0)
		return 0;
	if (is_new)
		transfer_remove_inside(io->root, request->to);
	return -1;
}

static int pull_inside(void *arg, const struct sandbox_io *io, struct error *err)
{
	struct transfer *work = arg;
	const char *path = work->request->from;
	auto_close int fd = -1;

	transfer_watch();
	fd = open_in_root(io->root, path, O_RDONLY | O_NONBLOCK, 0, err);
	if (fd < 0)
		return fail(err, err->code, "failed to open %s", path);
	if (transfer_check_regular(fd, path, err) < 0)
		return -1;
	return transfer_copy(fd, work->host_fd, err) < 0 ? fail_at(work->request->to, err)
							 : 0;
}

static int enter(struct transfer *work, unsigned flags, uint64_t caps,
		 int (*body)(void *, const struct sandbox_io *, struct error *),
		 struct error *err)
{
	auto_close int init = lxc_get_init_pidfd(work->request->vmid, err);
	const int keep[] = { work->host_fd, -1 };
	const struct sandbox sandbox = { .rootfd = init,
					 .flags = SANDBOX_RUNNING | flags,
					 .keep_caps = caps,
					 .keep_fds = keep };

	return init < 0 ? -1 : sandbox_run(&sandbox, body, work, NULL, err);
}

static int begin(const struct transfer_request *request, const char *refusal,
		 struct transfer *work, struct lock *lock, struct error *err)
{
	auto_config struct config *config = NULL;
	mode_t mask = umask(0);

	umask(mask);
	*work = (struct transfer){
		.request = request,
		.mode = { .new_mode = 0666 & ~mask, .perms = -1, .uid = -1, .gid = -1 },
		.host_fd = -1,
	};
	if (request->perms && transfer_perms(request->perms, &work->mode.perms, err) < 0)
		return -1;
	if (lock_config(request->vmid, 10, lock, err) < 0 ||
	    ct_load(request->vmid, &config, err) < 0 ||
	    config_idmap(config, &work->map, err) < 0)
		return -1;
	return lxc_is_running(request->vmid) ? 0 : fail(err, 0, "%s", refusal);
}

int ct_push(const struct transfer_request *request, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_close int fd = -1;
	struct transfer work;

	if (begin(request, "can only push files to a running CT", &work, &lock, err) < 0)
		return -1;
	fd = open(request->from, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return fail(err, errno, "failed to open %s for reading", request->from);
	if (transfer_check_regular(fd, request->from, err) < 0)
		return -1;
	work.host_fd = fd;
	return enter(&work, 0,
		     SANDBOX_CAP(CAP_DAC_OVERRIDE) | SANDBOX_CAP(CAP_CHOWN) |
			     SANDBOX_CAP(CAP_FOWNER) | SANDBOX_CAP(CAP_FSETID),
		     push_inside, err);
}

/* A new file whose bytes did not come goes again; an old one keeps what it has. */
static int receive(struct transfer *work, int *fd, bool is_new, struct error *err)
{
	const struct transfer_request *request = work->request;

	work->host_fd = *fd;
	if (enter(work, SANDBOX_READ_ONLY,
		  SANDBOX_CAP(CAP_DAC_OVERRIDE) | SANDBOX_CAP(CAP_DAC_READ_SEARCH),
		  pull_inside, err) < 0)
		return -1;
	if (transfer_finish(*fd, is_new, &work->mode, err) < 0)
		return fail_at(request->to, err);
	return transfer_close(fd, request->to, err);
}

int ct_pull(const struct transfer_request *request, struct error *err)
{
	auto_lock struct lock lock = { 0 };
	auto_close int fd = -1;
	struct transfer work;
	bool is_new = false;

	if (begin(request, "can only pull files from a running VM", &work, &lock, err) <
		    0 ||
	    host_id(request->user, false, &work.mode.uid, err) < 0 ||
	    host_id(request->group, true, &work.mode.gid, err) < 0)
		return -1;
	fd = transfer_create(request->to, &is_new, err);
	if (fd < 0)
		return -1;
	if (receive(&work, &fd, is_new, err) == 0)
		return 0;
	if (is_new)
		unlink(request->to);
	return -1;
}
