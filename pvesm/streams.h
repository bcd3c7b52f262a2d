/* What export and import have in common. */
#pragma once

extern const char *const stream_formats[];
