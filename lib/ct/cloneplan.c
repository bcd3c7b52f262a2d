#include "ct/cloneplan.h"

#include <string.h>

#include "base/own.h"
#include "base/random.h"
#include "config/volid.h"
#include "ct/unused.h"

/* Keys that are about the source alone. */
static const char *const not_copied[] = { "digest", "lock", "parent", "snaptime",
					  "template" };

bool config_key_is_copied(const char *key)
{
	const struct prop *row = prop_find(container_props, slice(key));

	for (size_t i = 0; i < sizeof(not_copied) / sizeof(not_copied[0]); i++)
		if (strcmp(key, not_copied[i]) == 0)
			return false;
	return !row || !(row->flags & PROP_VOLUME);
}

int config_renew_mac(struct config *config, const char *key,
		     const struct settings *settings, struct error *err)
{
	auto_strbuf struct strbuf value = STRBUF_INIT;
	char mac[18];

	random_mac(mac, settings->mac_prefix);
	if (group_with(slice(config_get(config, key)), net_props, "hwaddr", mac, &value,
		       err) < 0)
		return fail_in(err, "%s", key);
	config_set(config, key, value.at);
	return 0;
}

static int renew_macs(struct config *config, const struct settings *settings,
		      struct error *err)
{
	for (unsigned i = 0; i < NET_COUNT; i++) {
		auto_free char *key = xasprintf("net%u", i);

		if (config_get(config, key) &&
		    config_renew_mac(config, key, settings, err) < 0)
			return -1;
	}
	return 0;
}

int clone_config(const struct config *state, const struct clone_request *request,
		 const struct settings *settings, struct config **out, struct error *err)
{
	auto_config struct config *config = config_copy(state);

	config->vmid = request->newid;
	free_ptr(&config->main.snapstate);
	for (size_t i = state->main.keys.count; i > 0; i--)
		if (!config_key_is_copied(state->main.keys.at[i - 1].key))
			config_unset(config, state->main.keys.at[i - 1].key);
	if (request->hostname)
		config_set(config, "hostname", request->hostname);
	if (request->description)
		section_put(&config->main, "description", request->description);
	if (renew_macs(config, settings, err) < 0)
		return -1;
	*out = take_ptr(&config);
	return 0;
}

int clone_check_volumes(const struct config *state, struct error *err)
{
	static const char *const kinds[] = {
		[VOLUME_DEVICE] = "device", [VOLUME_BIND] = "bind"
	};
	auto_free const char **keys = config_volume_keys(state);

	if (!keys[0] || strcmp(keys[0], "rootfs") != 0)
		return fail(err, 0, "missing 'rootfs' configuration");
	for (size_t i = 0; keys[i]; i++) {
		auto_free char *volume =
			entry_volume(keys[i], config_get(state, keys[i]), err);
		enum volume_kind kind;

		if (!volume)
			return -1;
		kind = volume_kind(slice(volume));
		if (kind != VOLUME_STORAGE)
			return fail(err, 0, "unable to clone mountpoint '%s' (type %s)",
				    keys[i], kinds[kind]);
	}
	return 0;
}
