#include "base/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t seen;

static void note(int sig)
{
	seen = sig;
}

void interrupt_catch(void)
{
	struct sigaction action = { .sa_handler = note }, before;

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGQUIT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	/* A lost terminal; nohup(1) has it ignored, and so it stays. */
	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &action, NULL);
}

bool interrupt_seen(void)
{
	return seen != 0;
}

int interrupt_check(struct error *err)
{
	return seen ? fail(err, 0, "received interrupt") : 0;
}
