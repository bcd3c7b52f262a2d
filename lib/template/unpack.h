/* What template_unpack and the program pct-unpack agree on. */
#pragma once

#define UNPACK_ROOT_FD 3 /* descriptor of the root in pct-unpack */
#define UNPACK_IGNORED 3 /* exit status: done, but errors were ignored */
