#include "ct/moveplan.h"

#include "base/own.h"
#include "ct/unused.h"

#include "configs.h"
#include "test.h"

#define SOURCE                                                         \
	"mp0: local:100/vm-100-disk-1.raw,mp=/data,backup=1,size=8G\n" \
	"mp1: /srv,mp=/srv\n"                                          \
	"rootfs: local:100/vm-100-disk-0.raw,size=4G\n"                \
	"unused0: local:100/vm-100-disk-2.raw\n"
#define TARGET "rootfs: local:200/vm-200-disk-0.raw,size=4G\n"

static void expect_problems(const struct move_request *request, const char *want)
{
	auto_problems struct problems problems = { 0 };
	auto_strbuf struct strbuf text = STRBUF_INIT;

	move_check(request, &problems);
	problems_format(&problems, &text);
	EXPECT_TEXT(text.len ? text.at : "", want);
}

TEST("a move goes to a storage or to a container, and not to both")
{
	expect_problems(&(struct move_request){ .vmid = 100, .key = "mp0" },
			"storage: a storage or a target-vmid is needed\n"
			"target-vmid: a storage or a target-vmid is needed\n");
	expect_problems(
		&(struct move_request){
			.vmid = 100, .key = "mp0", .storage = "one", .target_vmid = 200 },
		"storage: either a storage or a target-vmid, not both\n"
		"target-vmid: either a storage or a target-vmid, not both\n");
	expect_problems(
		&(struct move_request){ .vmid = 100, .key = "mp0", .storage = "one" }, "");
	expect_problems(
		&(struct move_request){ .vmid = 100, .key = "mp0", .target_vmid = 200 },
		"");
}

TEST("every parameter that is wrong is named")
{
	expect_problems(&(struct move_request){ .vmid = 100,
						.key = "rootfs",
						.target_vmid = 100,
						.target_key = "rootfs",
						.delete = true },
			"delete: nothing is left to delete of a volume that another "
			"container gets\n"
			"target-vmid: is the container itself\n"
			"target-volume: a volume cannot become the root file system\n"
			"volume: a root file system cannot go to another container\n");
	expect_problems(&(struct move_request){ .vmid = 100,
						.key = "unused0",
						.target_vmid = 200,
						.target_key = "mp0" },
			"target-volume: an unused volume can only become an unused one\n");
}

static void expect_source(const char *text, const char *key, bool delete, const char *want)
{
	const struct move_request request = {
		.vmid = 100, .key = key, .storage = "one", .delete = delete
	};
	auto_config struct config *config = config_of(text);
	auto_free char *volid = NULL;
	struct error err;

	if (move_source(config, &request, &volid, &err) < 0)
		EXPECT_TEXT(err.text, want);
	else
		EXPECT_TEXT(volid, want);
}

TEST("a volume of a storage that nothing else needs can be moved")
{
	expect_source(SOURCE, "mp0", true, "local:100/vm-100-disk-1.raw");
	expect_source(SOURCE, "mp1", false,
		      "'/srv' is no volume of a storage: it cannot be moved");
	expect_source(SOURCE, "mp2", false, "CT 100 has no volume 'mp2'");
	expect_source(SOURCE "[pve:pending]\n"
			     "mp5: local:100/vm-100-disk-1.raw,mp=/other\n",
		      "mp0", false,
		      "a pending change of CT 100 uses 'local:100/vm-100-disk-1.raw'");
}

TEST("only without --delete, where a snapshot or another entry needs it")
{
	static const char snapshot[] = SOURCE "[one]\n"
					      "mp0: local:100/vm-100-disk-1.raw,mp=/data\n"
					      "snaptime: 1\n";
	static const char twice[] = SOURCE "mp4: local:100/vm-100-disk-1.raw,mp=/two\n";

	expect_source(snapshot, "mp0", false, "local:100/vm-100-disk-1.raw");
	expect_source(snapshot, "mp0", true,
		      "you can't move a volume with snapshots and delete the source");
	expect_source(twice, "mp0", false, "local:100/vm-100-disk-1.raw");
	expect_source(twice, "mp0", true,
		      "another entry of CT 100 uses 'local:100/vm-100-disk-1.raw'");
}

TEST("the new volume takes the key, and the old one becomes the unused one")
{
	auto_config struct config *config =
		config_of(SOURCE "unused1: two:vm-100-disk-9\n");
	struct error err;

	EXPECT_INT(move_switch(config, "mp0", "local:100/vm-100-disk-1.raw",
			       "two:vm-100-disk-9", 1073741824, &err),
		   0);
	EXPECT_TEXT(config_get(config, "mp0"),
		    "two:vm-100-disk-9,mp=/data,backup=1,size=1G");
	EXPECT_TEXT(config_get(config, "unused1"), "local:100/vm-100-disk-1.raw");
	EXPECT_INT(
		move_switch(config, "mp0", "local:100/vm-100-disk-1.raw", "two:x", 0, &err),
		-1);
	EXPECT_TEXT(err.text,
		    "'mp0' of CT 100 is not 'local:100/vm-100-disk-1.raw' any more");
}

static void expect_handed(const char *source_text, const char *target_text,
			  const struct move_request *request, const char *want)
{
	auto_config struct config *source = config_of(source_text);
	auto_config struct config *target = config_parse(slice(target_text), 200, NULL);
	auto_free char *volid = NULL;
	struct error err;

	if (move_handed(source, target, request, NULL, &volid, &err) < 0)
		EXPECT_TEXT(err.text, want);
	else
		EXPECT_TEXT(volid, want);
}

TEST("another container gets a volume that only this one uses, under a key that is free")
{
	static const struct move_request request = { .vmid = 100,
						     .key = "mp0",
						     .target_vmid = 200 };

	expect_handed(SOURCE, TARGET, &request, "local:100/vm-100-disk-1.raw");
	expect_handed(SOURCE, TARGET "mp0: /a,mp=/a\n", &request,
		      "Target volume key 'mp0' is already in use for container '200'");
	expect_handed(SOURCE, TARGET "[pve:pending]\nmp0: /a,mp=/a\n", &request,
		      "Target volume key 'mp0' is already in use for container '200'");
	expect_handed(SOURCE "[one]\nmp0: local:100/vm-100-disk-1.raw,mp=/data\n"
			     "snaptime: 1\n",
		      TARGET, &request,
		      "a snapshot of CT 100 uses 'local:100/vm-100-disk-1.raw'");
	expect_handed(SOURCE "mp4: local:100/vm-100-disk-1.raw,mp=/two\n", TARGET, &request,
		      "another entry of CT 100 uses 'local:100/vm-100-disk-1.raw'");
}

TEST("neither a template nor a protected container takes part in that")
{
	static const struct move_request request = {
		.vmid = 100, .key = "mp0", .target_vmid = 200, .target_key = "mp7"
	};

	expect_handed("template: 1\n" SOURCE, TARGET, &request,
		      "CT 100 is a template: its volumes stay with it");
	expect_handed(SOURCE, "template: 1\n" TARGET, &request,
		      "CT 200 is a template: its volumes stay with it");
	expect_handed("protection: 1\n" SOURCE, TARGET, &request,
		      "can't remove CT 100 drive 'mp0' - protection mode enabled");
	expect_handed(SOURCE, "protection: 1\n" TARGET, &request,
		      "can't update CT 200 drive 'mp7' - protection mode enabled");
}

TEST("the entry keeps its properties, and loses them as an unused one")
{
	struct move_request request = { .vmid = 100, .key = "mp0", .target_vmid = 200 };
	auto_config struct config *config = config_of(SOURCE);
	auto_strbuf struct strbuf mp = STRBUF_INIT, unused = STRBUF_INIT;
	struct error err;

	EXPECT_INT(move_target_value(config, &request, "local:200/x.raw", &mp, &err), 0);
	EXPECT_TEXT(mp.at, "local:200/x.raw,mp=/data,backup=1,size=8G");
	request.target_key = "unused3";
	EXPECT_INT(move_target_value(config, &request, "local:200/x.raw", &unused, &err),
		   0);
	EXPECT_TEXT(unused.at, "local:200/x.raw");
}
