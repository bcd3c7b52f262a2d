/*
 * Interfaces of a running container: added, changed and removed as net_plan_live says.
 * What is asked for is in the file, as pending, before anything is done, and what is in
 * force is there after each step: whenever this process dies, the file agrees with the
 * kernel, or says what is still to come.
 */
#pragma once

#include "config/config.h"

/*
 * Make the value of netN (as it is to be stored) come into force. disk is what the file
 * holds; it is changed and saved on the way. now gets the value that is in force in the
 * end: where it is another one, the rest waits in disk's pending section. What concerns
 * one address only is a warning. A failure leaves the old interface as it was, unless the
 * pair had to be replaced: then the container has none until its next start.
 */
int hotnet_set(struct config *disk, const char *key, const char *value, struct strbuf *now,
	       struct error *err);

/* The same for taking netN away. */
int hotnet_delete(struct config *disk, const char *key, struct error *err);
