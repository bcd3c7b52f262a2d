#include "base/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t seen;
static bool is_deferred;

static void note(int sig)
{
	seen = sig;
}

void interrupt_catch_signal(int sig)
{
	struct sigaction action = { .sa_handler = note };

	sigemptyset(&action.sa_mask);
	sigaction(sig, &action, NULL);
}

void interrupt_catch(void)
{
	struct sigaction before;

	interrupt_catch_signal(SIGINT);
	interrupt_catch_signal(SIGQUIT);
	interrupt_catch_signal(SIGTERM);
	/* A lost terminal; nohup(1) has it ignored, and so it stays. */
	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		interrupt_catch_signal(SIGHUP);
}

static void go_on(int sig)
{
	(void)sig;
}

/* Not SIG_IGN, which exec would leave in force. */
void interrupt_outlive_readers(void)
{
	struct sigaction action = { .sa_handler = go_on, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigaction(SIGPIPE, &action, NULL);
}

bool interrupt_seen(void)
{
	return seen != 0 && !is_deferred;
}

void interrupt_defer(void)
{
	is_deferred = true;
}

void interrupt_resume(void)
{
	is_deferred = false;
}

int interrupt_check(struct error *err)
{
	return interrupt_seen() ? fail(err, 0, "received interrupt") : 0;
}
