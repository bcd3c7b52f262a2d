#include "pct.h"

#define TEN(tens)                                                                  \
	"mp" tens "0", "mp" tens "1", "mp" tens "2", "mp" tens "3", "mp" tens "4", \
		"mp" tens "5", "mp" tens "6", "mp" tens "7", "mp" tens "8", "mp" tens "9"
#define HUNDRED(h)                                                              \
	TEN(h "0"), TEN(h "1"), TEN(h "2"), TEN(h "3"), TEN(h "4"), TEN(h "5"), \
		TEN(h "6"), TEN(h "7"), TEN(h "8"), TEN(h "9")

const char *const volume_keys[] = {
	"rootfs",  TEN(""),   TEN("1"),  TEN("2"),  TEN("3"),  TEN("4"),
	TEN("5"),  TEN("6"),  TEN("7"),  TEN("8"),  TEN("9"),  HUNDRED("1"),
	TEN("20"), TEN("21"), TEN("22"), TEN("23"), TEN("24"), "mp250",
	"mp251",   "mp252",   "mp253",   "mp254",   "mp255",   NULL,
};
