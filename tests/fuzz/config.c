/* A container's file: reading never fails, and what is written reads back the same. */
#include <stdint.h>
#include <stdlib.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct config *config)
{
	auto_keyvals struct keyvals keys = { 0 };
	auto_features struct features features = { 0 };
	auto_net struct net net = { 0 };
	struct idmap map;
	struct error err;
	const char **volumes = config_volume_keys(config);

	config_future(config, &keys);
	config_int(config, "memory");
	config_net(config, 0, &net, &err);
	config_features(config, &features, &err);
	config_idmap(config, &map, &err);
	for (size_t i = 0; volumes[i]; i++) {
		auto_mountpoint struct mountpoint mp = { 0 };

		config_mountpoint(config, volumes[i], &mp, &err);
	}
	free(volumes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_notes struct notes warnings = { 0 };
	auto_config struct config *config =
		config_parse(slice_of((const char *)data, size), 100, &warnings);
	auto_config struct config *again = NULL;
	auto_strbuf struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
	struct error err;

	use(config);
	if (config_format(config, &first, &err) < 0)
		abort();
	again = config_parse(strbuf_slice(&first), 100, NULL);
	if (config_format(again, &second, &err) < 0 ||
	    !slice_is(strbuf_slice(&first), second.at))
		abort();
	return 0;
}
