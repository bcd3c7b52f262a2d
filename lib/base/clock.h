/* Time for deadlines and pauses: the monotonic clock, which nobody sets. */
#pragma once

#include <stdint.h>

/* Milliseconds since some moment in the past. */
int64_t clock_ms(void);

/* Milliseconds until that value of clock_ms, as poll(2) takes them; 0 when it is past. */
int clock_left_ms(int64_t end_ms);

/* Sleep; a signal ends it early. */
void clock_pause(unsigned ms);
