#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "config/config.h"
#include "test.h"

static struct config *parsed(const char *text)
{
	return config_parse(slice(text), 100, NULL);
}

TEST("typed keys that are missing have the schema's default")
{
	auto_config struct config *config = parsed("");

	EXPECT_INT(config_int(config, "memory"), 512);
	EXPECT_INT(config_int(config, "swap"), 0);
	EXPECT_INT(config_int(config, "cores"), -1);
	EXPECT_INT(config_int(config, "tty"), 2);
	EXPECT(config_bool(config, "console"));
	EXPECT(!config_bool(config, "unprivileged"));
	EXPECT_INT(config_number(config, "cpulimit"), 0);
	EXPECT_INT(config_int(config, "nosuch"), -1);
}

TEST("typed keys that are invalid have the schema's default too")
{
	auto_config struct config *config =
		parsed("memory: x\nonboot: maybe\ncpulimit: 2.5\n");

	EXPECT_INT(config_int(config, "memory"), 512);
	EXPECT(!config_bool(config, "onboot"));
	EXPECT_INT(config_number(config, "cpulimit") * 10, 25);
}

TEST("a view of an interface, or why there is none")
{
	auto_config struct config *config =
		parsed("net0: name=eth0,bridge=vmbr0\nnet1: bridge=x\n");
	auto_net struct net net = { 0 };
	struct error err;

	EXPECT(config_net(config, 0, &net, &err) == 0);
	EXPECT_TEXT(net.bridge, "vmbr0");
	EXPECT(config_net(config, 5, &net, &err) < 0 && err.code == ENOENT);
	EXPECT(config_net(config, 1, &net, &err) < 0 && err.code == 0);
	EXPECT_TEXT(err.text, "net1: name: property is missing and it is not optional");
}

TEST("missing features are all off")
{
	auto_config struct config *config = parsed("");
	auto_config struct config *broken = parsed("features: x=1\n");
	auto_features struct features features = { .nesting = 7 };
	struct error err;

	EXPECT(config_features(config, &features, &err) == 0);
	EXPECT_INT(features.nesting, 0);
	EXPECT(features.mount == NULL);
	EXPECT(config_features(broken, &features, &err) < 0);
}

TEST("devices are read by number")
{
	auto_config struct config *config = parsed("dev7: /dev/null,gid=5\n");
	auto_device struct device device = { 0 };
	struct error err;

	EXPECT(config_device(config, 7, &device, &err) == 0);
	EXPECT_INT(device.gid, 5);
	EXPECT(config_device(config, 0, &device, &err) < 0 && err.code == ENOENT);
}

TEST("rootfs has no mount path, and other keys are no mount points")
{
	auto_config struct config *config =
		parsed("rootfs: local:1\nmp3: /a,mp=/b,backup=1\n");
	auto_mountpoint struct mountpoint root = { .mp = NULL }, mp = { .mp = NULL };
	struct error err;

	EXPECT(config_mountpoint(config, "rootfs", &root, &err) == 0);
	EXPECT(root.mp == NULL && root.backup == -1 && root.keepattrs == -1);
	EXPECT(config_mountpoint(config, "mp3", &mp, &err) == 0);
	EXPECT_TEXT(mp.mp, "/b");
	EXPECT_INT(mp.backup, 1);
	EXPECT(config_mountpoint(config, "mp4", &mp, &err) < 0 && err.code == ENOENT);
	EXPECT(config_mountpoint(config, "net0", &mp, &err) < 0);
	EXPECT_TEXT(mp.mp, "/b");
}

TEST("volume keys come as root, then by number")
{
	auto_config struct config *config =
		parsed("mp10: /a,mp=/a\nmp2: /a,mp=/a\nmp0: bad\n"
		       "rootfs: x:1\nunused0: a1:b\n");
	auto_free const char **keys = config_volume_keys(config);

	EXPECT_TEXT(keys[0], "rootfs");
	EXPECT_TEXT(keys[1], "mp0");
	EXPECT_TEXT(keys[2], "mp2");
	EXPECT_TEXT(keys[3], "mp10");
	EXPECT(keys[4] == NULL);
}

TEST("the host name is the key's, else made of the id")
{
	auto_config struct config *named = parsed("hostname: www\n"), *unnamed = parsed("");
	auto_free char *first = config_hostname(named), *second = config_hostname(unnamed);

	EXPECT_TEXT(first, "www");
	EXPECT_TEXT(second, "CT100");
}

TEST("the id map is the raw entries', else the default one, else none")
{
	auto_config struct config *raw = parsed("unprivileged: 1\nlxc.idmap: u 0 5 10\n"
						"lxc.id_map = g 0 7 10\n");
	auto_config struct config *plain = parsed("unprivileged: 1\n"), *none = parsed("");
	auto_config struct config *bad = parsed("lxc.idmap: u 0 5\n");
	struct idmap map;
	struct error err;

	EXPECT(config_idmap(raw, &map, &err) == 0);
	EXPECT_INT(map.count, 2);
	EXPECT_INT(idmap_root(&map, 'g'), 7);
	EXPECT(config_idmap(plain, &map, &err) == 0);
	EXPECT_INT(idmap_root(&map, 'u'), 100000);
	EXPECT(config_idmap(none, &map, &err) == 0);
	EXPECT_INT(map.count, 0);
	EXPECT(config_idmap(bad, &map, &err) < 0);
	EXPECT_TEXT(err.text, "failed to parse idmap: u 0 5");
}

TEST("of raw entries with one key the last one is told")
{
	auto_config struct config *config = parsed("lxc.cap.drop: a\nlxc.cap.drop: b\n");

	EXPECT_TEXT(config_raw(config, "lxc.cap.drop"), "b");
	EXPECT(config_raw(config, "lxc.cap.keep") == NULL);
}

TEST("the future has pending values, lacks what is to be deleted, and encodes the notes")
{
	auto_config struct config *config =
		parsed("#a: b\nhostname: www\nmemory: 1\nmp0: /a,mp=/a\nlxc.cap.drop: x\n"
		       "[pve:pending]\ndelete: hostname,!mp0;cores\nmemory: 2\nswap: 3\n");
	auto_keyvals struct keyvals keys = { 0 };

	config_future(config, &keys);
	EXPECT_INT(keys.count, 3);
	EXPECT_TEXT(keyvals_get(&keys, "description"), "a%3A b%0A");
	EXPECT_TEXT(keyvals_get(&keys, "memory"), "2");
	EXPECT_TEXT(keyvals_get(&keys, "swap"), "3");
}
