#include "ct/pending.h"

#include "configs.h"

TEST("deletions are kept sorted, separated by commas, forced ones marked")
{
	auto_config struct config *config =
		config_of("memory: 64\n\n[pve:pending]\ndelete: tty;!mp0 arch\n");

	pending_add_delete(config, "cores");
	pending_add_delete(config, "mp0");
	EXPECT_CONFIG(config, "memory: 64\n\n[pve:pending]\ndelete: arch,cores,!mp0,tty\n");
	pending_drop_delete(config, "arch");
	pending_drop_delete(config, "mp0");
	pending_drop_delete(config, "nothing");
	EXPECT_CONFIG(config, "memory: 64\n\n[pve:pending]\ndelete: cores,tty\n");
}

TEST("the pending section goes with its last entry")
{
	auto_config struct config *config =
		config_of("memory: 64\n\n[pve:pending]\ndelete: memory\n");

	EXPECT(!pending_is_empty(config));
	pending_drop_delete(config, "memory");
	EXPECT(pending_is_empty(config));
	EXPECT_CONFIG(config, "memory: 64\n");
}

TEST("env alone makes a container have pending changes")
{
	auto_config struct config *config =
		config_of("memory: 64\n\n[pve:pending]\nlxc.environment.runtime: A=1\n");

	EXPECT(!pending_is_empty(config));
}

TEST("values as they are already, and deletions of what is not there, are dropped")
{
	auto_config struct config *config =
		config_of("#note\nmemory: 64\nswap: 1\n\n[pve:pending]\n#note\n"
			  "delete: cores,swap\nmemory: 64\ntty: 1\n");

	pending_clean_up(config);
	EXPECT_CONFIG(config, "#note\nmemory: 64\nswap: 1\n\n[pve:pending]\n"
			      "delete: swap\ntty: 1\n");
}
