#include "ct/sharedbind.h"

#include "configs.h"

#define OURS "unprivileged: 1\nmp0: /srv/media,mp=/media\n"

static bool is_shared(const char *ours, const char *theirs)
{
	auto_config struct config *config = config_of(ours), *other = config_of(theirs);

	return bind_is_shared(config, "mp0", other);
}

TEST("a directory that both bind with the default ids is shared, also below or above")
{
	EXPECT(is_shared(OURS, OURS));
	EXPECT(is_shared(OURS, "unprivileged: 1\nmp7: /srv//media/,mp=/x\n"));
	EXPECT(is_shared(OURS, "unprivileged: 1\nmp0: /srv,mp=/x\n"));
	EXPECT(is_shared(OURS, "unprivileged: 1\nmp0: /srv/media/films,mp=/x\n"));
	EXPECT(is_shared(OURS, "unprivileged: 1\nmp0: /,mp=/x\n"));
	EXPECT(is_shared(OURS, "unprivileged: 1\nmp0: /other,mp=/x\nmp1: /srv,mp=/y\n"));
}

TEST("another directory, a volume, or a name that only begins so is not shared")
{
	EXPECT(!is_shared(OURS, "unprivileged: 1\nmp0: /srv/mediaX,mp=/x\n"));
	EXPECT(!is_shared(OURS, "unprivileged: 1\nmp0: /srv/med,mp=/x\n"));
	EXPECT(!is_shared(OURS, "unprivileged: 1\nmp0: local:101/a.raw,mp=/srv/media\n"));
	EXPECT(!is_shared(OURS, "unprivileged: 1\nrootfs: local:101/a.raw\n"));
	EXPECT(!is_shared("unprivileged: 1\nmp0: local:1/a.raw,mp=/srv/media\n", OURS));
}

TEST("containers with ids of their own, or of the host, are not meant")
{
	const char *own = "lxc.idmap: u 0 200000 65536\nlxc.idmap: g 0 200000 65536\n";
	auto_free char *mapped = xasprintf(OURS "%s", own);

	EXPECT(!is_shared(OURS, mapped));
	EXPECT(!is_shared(mapped, OURS));
	EXPECT(!is_shared(OURS, "mp0: /srv/media,mp=/x\n"));
	EXPECT(!is_shared("mp0: /srv/media,mp=/x\n", OURS));
}

TEST("mounts with other ids, and those that neither can write to, are not meant")
{
	EXPECT(!is_shared(OURS,
			  "unprivileged: 1\nmp0: /srv/media,mp=/x,idmap=passthrough\n"));
	EXPECT(!is_shared("unprivileged: 1\nmp0: /srv/media,mp=/x,ro=1\n",
			  "unprivileged: 1\nmp0: /srv/media,mp=/x,ro=1\n"));
	EXPECT(is_shared("unprivileged: 1\nmp0: /srv/media,mp=/x,ro=1\n", OURS));
}
