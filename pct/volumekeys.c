#include "pct.h"

#define TEN(key, tens)                                                        \
	key tens "0", key tens "1", key tens "2", key tens "3", key tens "4", \
		key tens "5", key tens "6", key tens "7", key tens "8", key tens "9"
#define HUNDRED(key, h)                                                             \
	TEN(key, h "0"), TEN(key, h "1"), TEN(key, h "2"), TEN(key, h "3"),         \
		TEN(key, h "4"), TEN(key, h "5"), TEN(key, h "6"), TEN(key, h "7"), \
		TEN(key, h "8"), TEN(key, h "9")
#define ALL(key)                                                                           \
	TEN(key, ""), TEN(key, "1"), TEN(key, "2"), TEN(key, "3"), TEN(key, "4"),          \
		TEN(key, "5"), TEN(key, "6"), TEN(key, "7"), TEN(key, "8"), TEN(key, "9"), \
		HUNDRED(key, "1"), TEN(key, "20"), TEN(key, "21"), TEN(key, "22"),         \
		TEN(key, "23"), TEN(key, "24"), key "250", key "251", key "252",           \
		key "253", key "254", key "255"

const char *const volume_keys[] = { "rootfs", ALL("mp"), NULL };

const char *const all_volume_keys[] = { "rootfs", ALL("mp"), ALL("unused"), NULL };
