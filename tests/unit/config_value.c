#include "configs.h"

TEST("description and env are keys like others to whoever asks")
{
	auto_config struct config *config = config_new(100);
	auto_free char *env = NULL, *description = NULL;

	section_put(&config->main, "description", "one\ntwo");
	section_put(&config->main, "env", "A=1\nB=2 3");
	section_put(&config->main, "memory", "64");
	EXPECT_CONFIG(config, "#one\n#two\nmemory: 64\nlxc.environment.runtime: A=1\n"
			      "lxc.environment.runtime: B=2 3\n");
	env = section_get(&config->main, "env");
	EXPECT_TEXT(env, "A=1\nB=2 3");
	description = section_get(&config->main, "description");
	EXPECT_TEXT(description, "one\ntwo\n");
}

TEST("a key that is dropped is gone, whatever its form")
{
	auto_config struct config *config =
		config_of("#note\nmemory: 64\nswap: 1\nlxc.environment.runtime: A=1\n");
	auto_free char *env = NULL;

	section_drop(&config->main, "description");
	section_drop(&config->main, "env");
	section_drop(&config->main, "swap");
	EXPECT_CONFIG(config, "memory: 64\n");
	env = section_get(&config->main, "env");
	EXPECT(env == NULL);
}

TEST("the names of a section are sorted, description and env among them")
{
	auto_config struct config *config =
		config_of("#note\nmemory: 64\narch: amd64\nlxc.environment.runtime: A=1\n");
	auto_keyvals struct keyvals names = { 0 };

	section_names(&config->main, &names);
	EXPECT_INT(names.count, 4);
	EXPECT_TEXT(names.at[0].key, "arch");
	EXPECT_TEXT(names.at[1].key, "description");
	EXPECT_TEXT(names.at[2].key, "env");
	EXPECT_TEXT(names.at[3].key, "memory");
}

TEST("an empty description is none")
{
	auto_config struct config *config = config_of("#note\nmemory: 64\n");

	section_put(&config->main, "description", "");
	EXPECT_CONFIG(config, "memory: 64\n");
}
