/* How an interface on the host says whose it is: its alias. */
#pragma once

/* "pct:<PATH_LXC>/<id>"; the caller frees it. */
char *net_mark(unsigned vmid);
