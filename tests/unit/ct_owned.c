#include "ct/owned.h"

#include "base/own.h"
#include "configs.h"

TEST("a container's volumes are told once each, what is still to be made is none of them")
{
	auto_config struct config *config =
		config_of("mp0: aa:100/one,mp=/x\nmp1: /srv,mp=/y\nmp2: /dev/sdz,mp=/z\n"
			  "rootfs: aa:100/root\nunused0: aa:100/two\n\n"
			  "[pve:pending]\nmp0: aa:0.5,mp=/x\nmp1: aa:100/three,mp=/y\n"
			  "mp3: aa:8,mp=/v\n\n"
			  "[snap]\nmp0: aa:100/one,mp=/x\nmp4: aa:100/four,mp=/w\n");
	auto_notes struct notes notes = { 0 };
	auto_words char **volids = owned_volumes(config, &notes);
	static const char *const want[] = { "aa:100/one", "aa:100/root", "aa:100/two",
					    "aa:100/three", "aa:100/four" };
	size_t count = 0;

	for (; volids[count]; count++)
		EXPECT_TEXT(volids[count], count < 5 ? want[count] : "");
	EXPECT_INT(count, 5);
	EXPECT_INT(notes.count, 0);
}
