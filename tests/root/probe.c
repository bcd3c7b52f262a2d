/*
 * What the seccomp filters of this process do with calls that a container may not make
 * (runtime.md 2.7). Each call is tried in a child that first adds a filter of its own,
 * "trace" without a tracer: such a call is not carried out and ends with ENOSYS, unless an
 * older filter denies it, whose errno wins. So the answer is the filter's, whatever else
 * capabilities or the kernel would say, and no call does any harm.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BTRFS_IOC_CLONE   0x40049409UL
#define NO_SUCH_OPERATION 9999
#define X32               0x40000000L

enum way {
	FILTERED,
	AS_IT_IS, /* the kernel's own answer tells, without the filter */
	OF_I386,  /* by the door for programs of 32 bits */
};

struct probe {
	const char *name;
	long number, first, second;
	enum way way;
};

static const struct probe probes[] = {
	{ "kexec_load", SYS_kexec_load, 0, 0, FILTERED },
	{ "open_by_handle_at", SYS_open_by_handle_at, -1, 0, FILTERED },
	{ "init_module", SYS_init_module, 0, 0, FILTERED },
	{ "finit_module", SYS_finit_module, -1, 0, FILTERED },
	{ "delete_module", SYS_delete_module, 0, O_NONBLOCK, FILTERED },
	{ "umount -f", SYS_umount2, 0, MNT_FORCE, FILTERED },
	{ "umount", SYS_umount2, 0, MNT_DETACH, FILTERED },
	{ "ioctl of btrfs", SYS_ioctl, -1, (long)BTRFS_IOC_CLONE, FILTERED },
	{ "ioctl", SYS_ioctl, -1, 0x5401, FILTERED },
	{ "socket AF_ALG", SYS_socket, AF_ALG, SOCK_SEQPACKET, FILTERED },
	{ "socket AF_UNIX", SYS_socket, AF_UNIX, SOCK_STREAM, FILTERED },
	/* Denied with ENOSYS, which the trick above cannot tell from its own. */
	{ "keyctl", SYS_keyctl, NO_SUCH_OPERATION, 0, AS_IT_IS },
#ifdef __x86_64__
	{ "finit_module of x32", X32 | SYS_finit_module, -1, 0, FILTERED },
	{ "finit_module of i386", 350, -1, 0, OF_I386 },
#endif
};

static int add_filter(unsigned number)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {
		.len = sizeof(rules) / sizeof(*rules),
		.filter = rules,
	};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
		       ? -1
		       : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* 0, or the errno. */
static int call(const struct probe *probe)
{
#ifdef __x86_64__
	if (probe->way == OF_I386) {
		long result = probe->number;

		__asm__ volatile("int $0x80"
				 : "+a"(result)
				 : "b"(probe->first), "c"(probe->second), "d"(0L)
				 : "memory", "r8", "r9", "r10", "r11");
		return result < 0 ? (int)-result : 0;
	}
#endif
	return syscall(probe->number, probe->first, probe->second, 0, 0, 0) < 0 ? errno : 0;
}

/* The child's exit status is the errno of the call; 255: the filter did not take. */
static int ask(const struct probe *probe)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (probe->way != AS_IT_IS && add_filter((unsigned)probe->number) < 0)
			_exit(255);
		_exit(call(probe));
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return 255;
	return WEXITSTATUS(status);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(probes) / sizeof(*probes); i++) {
		int code = ask(&probes[i]);

		if (code == 255)
			printf("%s: cannot be probed\n", probes[i].name);
		else if (code == ENOSYS && probes[i].way != AS_IT_IS)
			printf("%s: passes\n", probes[i].name);
		else
			printf("%s: %s\n", probes[i].name, strerrorname_np(code));
	}
	return 0;
}
