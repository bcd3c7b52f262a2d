#include "config/snapshot.h"

#include "configs.h"

#define MAIN                                                      \
	"#the shop\narch: amd64\nlock: backup\nmemory: 64\nmp0: " \
	"aa:m,mp=/x\nparent: one\nrootfs: aa:r\nunused0: aa:u\n"  \
	"lxc.environment.runtime: A=1\nlxc.tty.max: 3\n"
#define PENDING "\n[pve:pending]\nmemory: 128\n"

static int add(struct config *config, const char *name, struct error *err)
{
	return snapshot_add(config, name, "before\nlunch", 1700000000, NULL, err);
}

TEST("a snapshot is a copy of the state: no lock, description, unused volume or pending key")
{
	auto_config struct config *config = config_of(MAIN PENDING);
	struct error err;

	EXPECT_INT(add(config, "two", &err), 0);
	EXPECT_CONFIG(
		config, MAIN PENDING
		"\n[two]\n#before\n#lunch\narch: amd64\nmemory: 64\nmp0: aa:m,mp=/x\n"
		"parent: one\nrootfs: aa:r\nsnapstate: prepare\nsnaptime: 1700000000\n"
		"lxc.environment.runtime: A=1\nlxc.tty.max: 3\n");
}

TEST("a snapshot without a description has none, whatever the container has")
{
	auto_config struct config *config = config_of("#notes\nmemory: 64\n");
	struct error err;

	EXPECT_INT(snapshot_add(config, "aa", NULL, 5, NULL, &err), 0);
	EXPECT_CONFIG(config, "#notes\nmemory: 64\n\n[aa]\nmemory: 64\nsnapstate: prepare\n"
			      "snaptime: 5\n");
}

TEST("a name that is taken is refused")
{
	auto_config struct config *config = config_of("memory: 64\n\n[two]\nmemory: 32\n");
	struct error err;

	EXPECT_INT(add(config, "two", &err), -1);
	EXPECT_TEXT(err.text, "snapshot name 'two' already used");
	EXPECT_CONFIG(config, "memory: 64\n\n[two]\nmemory: 32\n");
}

TEST("what names the new snapshot as its parent already means another one, and loses it")
{
	auto_config struct config *config =
		config_of("memory: 64\nparent: new\n\n[old]\nmemory: 32\nparent: new\n");
	auto_notes struct notes notes = { 0 };
	struct error err;

	EXPECT_INT(snapshot_add(config, "new", NULL, 5, &notes, &err), 0);
	EXPECT_CONFIG(config, "memory: 64\nparent: new\n\n[new]\nmemory: 64\nsnapstate: "
			      "prepare\nsnaptime: 5\n\n[old]\nmemory: 32\n");
	EXPECT_INT(notes.count, 2);
	EXPECT_TEXT(notes.text[0],
		    "snapshot 'old' no longer descends from 'new', which is new");
}

TEST("a snapshot that is whole has no snapstate and is the parent of the present")
{
	auto_config struct config *config = config_of("memory: 64\nparent: one\n");
	struct error err;

	EXPECT_INT(snapshot_add(config, "two", NULL, 5, NULL, &err), 0);
	snapshot_commit(config, "two");
	EXPECT_CONFIG(config, "memory: 64\nparent: two\n\n[two]\nmemory: 64\nparent: one\n"
			      "snaptime: 5\n");
}

#define FAMILY                                                        \
	"memory: 64\nparent: bb\n\n[aa]\nmemory: 1\n\n[bb]\nmemory: " \
	"2\nparent: aa\n\n[cc]\nmemory: 3\nparent: bb\n"

TEST("what descends from a removed snapshot descends from its parent")
{
	auto_config struct config *config = config_of(FAMILY);

	snapshot_remove(config, "bb");
	EXPECT_CONFIG(config,
		      "memory: 64\nparent: aa\n\n[aa]\nmemory: 1\n\n[cc]\nmemory: 3\n"
		      "parent: aa\n");
}

TEST("what descends from a removed first snapshot has no parent")
{
	auto_config struct config *config = config_of(FAMILY);

	snapshot_remove(config, "aa");
	EXPECT_CONFIG(config,
		      "memory: 64\nparent: bb\n\n[bb]\nmemory: 2\n\n[cc]\nmemory: 3\n"
		      "parent: bb\n");
}

TEST("removing a snapshot that does not exist changes nothing")
{
	auto_config struct config *config = config_of(FAMILY);

	snapshot_remove(config, "zz");
	EXPECT_CONFIG(config, FAMILY);
}

TEST("a rollback brings the keys back; description, unused volumes and snapshots stay")
{
	auto_config struct config *config = config_of(
		"#now\nlock: rollback\nmemory: 64\nmp1: aa:new,mp=/n\nparent: "
		"two\nunused3: aa:u\nlxc.tty.max: 3\n" PENDING
		"\n[one]\n#then\nmemory: 32\nrootfs: aa:r\nsnaptime: 5\n"
		"lxc.environment.runtime: B=2\n\n[two]\nmemory: 1\nparent: one\n");

	snapshot_restore(config, "one");
	EXPECT_CONFIG(config,
		      "#now\nmemory: 32\nparent: one\nrootfs: aa:r\nunused3: aa:u\n"
		      "lxc.environment.runtime: B=2\n"
		      "\n[one]\n#then\nmemory: 32\nrootfs: aa:r\nsnaptime: 5\n"
		      "lxc.environment.runtime: B=2\n\n[two]\nmemory: 1\nparent: one\n");
}

TEST("a snapshot's state reads like a container of its own")
{
	auto_config struct config *config =
		config_of("memory: 64\n" PENDING "\n[one]\nmemory: 32\nrootfs: aa:r\n");
	auto_config struct config *view =
		snapshot_view(config, snapshot_find(config, "one"));

	EXPECT_INT(config_int(view, "memory"), 32);
	EXPECT_INT(view->snapshot_count, 0);
	EXPECT_INT(view->vmid, config->vmid);
	EXPECT_CONFIG(view, "memory: 32\nrootfs: aa:r\n");
}

TEST("a snapshot that is asked for by a wrong name is told by it")
{
	auto_config struct config *config = config_of("memory: 64\n\n[one]\nmemory: 1\n");
	struct section *section = NULL;
	struct error err;

	EXPECT_INT(snapshot_get(config, "oNe", &section, &err), -1);
	EXPECT_TEXT(err.text, "snapshot 'oNe' does not exist");
	EXPECT(section == NULL);
}
