#include "ct/unused.h"

#include "configs.h"

#define DISK "local:100/vm-100-disk-1.raw"

TEST("a detached volume gets the lowest free number")
{
	auto_config struct config *config = config_of("unused0: a:x\nunused2: a:y\n");
	struct error err;

	EXPECT_INT(unused_add(config, DISK, &err), 0);
	EXPECT_CONFIG(config, "unused0: a:x\nunused1: " DISK "\nunused2: a:y\n");
}

TEST("a volume is remembered once, and not at all while it is mounted")
{
	auto_config struct config *config =
		config_of("mp0: " DISK ",mp=/x\nunused3: aa:y\n");
	struct error err;

	EXPECT_INT(unused_add(config, DISK, &err), 0);
	EXPECT_INT(unused_add(config, "aa:y", &err), 0);
	EXPECT_CONFIG(config, "mp0: " DISK ",mp=/x\nunused3: aa:y\n");
}

TEST("devices and directories of the host are not remembered")
{
	auto_config struct config *config = config_of("memory: 64\n");
	struct error err;

	EXPECT_INT(unused_add(config, "/srv", &err), 0);
	EXPECT_INT(unused_add(config, "/dev/sdb", &err), 0);
	EXPECT_CONFIG(config, "memory: 64\n");
}

TEST("with 256 unused volumes the next one is refused")
{
	auto_config struct config *config = config_new(100);
	struct error err;

	for (int i = 0; i < 256; i++) {
		auto_free char *key = xasprintf("unused%d", i);
		auto_free char *volume = xasprintf("aa:%d", i);

		config_set(config, key, volume);
	}
	EXPECT_INT(unused_add(config, DISK, &err), -1);
	EXPECT_TEXT(err.text, "Too many unused volumes - please delete them first.");
}

TEST("the users of a volume are told apart: mounts, unused, pending, snapshots")
{
	auto_config struct config *config =
		config_of("mp0: aa:m,mp=/x\nunused0: aa:u\n\n[pve:pending]\n"
			  "mp1: aa:p,mp=/y\n\n[snap]\nrootfs: aa:s\n");

	EXPECT(volume_is_used(config, "aa:m", USED_BY_MOUNTS));
	EXPECT(!volume_is_used(config, "aa:m", USED_BY_UNUSED | USED_BY_SNAPSHOTS));
	EXPECT(volume_is_used(config, "aa:u", USED_BY_UNUSED));
	EXPECT(!volume_is_used(config, "aa:u", USED_BY_MOUNTS));
	EXPECT(volume_is_used(config, "aa:p", USED_BY_PENDING));
	EXPECT(!volume_is_used(config, "aa:p", USED_BY_MOUNTS | USED_BY_SNAPSHOTS));
	EXPECT(volume_is_used(config, "aa:s", USED_BY_SNAPSHOTS));
	EXPECT(!volume_is_used(config, "aa:s", USED_BY_MOUNTS | USED_BY_PENDING));
}

TEST("an entry that cannot be read names no volume, and says why")
{
	struct error err;

	EXPECT(entry_volume("mp0", "aa:m", &err) == NULL);
	EXPECT_TEXT(err.text, "mp0: mp: property is missing and it is not optional");
	EXPECT(entry_volume("memory", "64", &err) == NULL);
	EXPECT_TEXT(err.text, "");
}

TEST("a volume is forgotten under every unused number, and stays where it is mounted")
{
	auto_config struct config *config =
		config_of("mp0: " DISK ",mp=/x\nunused0: " DISK "\nunused1: aa:y\n"
			  "unused7: " DISK "\n");

	unused_drop(config, DISK);
	EXPECT_CONFIG(config, "mp0: " DISK ",mp=/x\nunused1: aa:y\n");
}
