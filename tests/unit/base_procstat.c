#include <limits.h>
#include <unistd.h>

#include "base/procstat.h"
#include "test.h"

TEST("a process has started after its parent; one that is not there never did")
{
	unsigned long long mine = process_start_ticks(getpid());

	EXPECT(mine > 0);
	EXPECT(mine >= process_start_ticks(getppid()));
	EXPECT_INT(process_start_ticks(INT_MAX), 0);
}
