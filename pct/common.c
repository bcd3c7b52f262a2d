#include <limits.h>
#include <stdio.h>

#include "pct.h"

const struct prop vmid_args[] = { VMID_ARG(vmid_options), { 0 } };

const struct prop read_args[] = { VMID_ARG(read_options), { 0 } };

const struct prop read_options[] = { OUTPUT_FORMAT(read_options), { 0 } };

int print_read(const struct read_options *opt,
	       int (*text)(unsigned vmid, struct strbuf *out, struct error *err),
	       int (*tree)(unsigned vmid, struct json_t **out, struct error *err),
	       struct error *err)
{
	auto_strbuf struct strbuf lines = STRBUF_INIT;
	auto_value struct json_t *value = NULL;

	if (!output_is_text(opt->format))
		return tree((unsigned)opt->vmid, &value, err) < 0
			       ? -1
			       : output_print(opt->format, value, err);
	if (text((unsigned)opt->vmid, &lines, err) < 0)
		return -1;
	fwrite(lines.at, 1, lines.len, stdout);
	return 0;
}

struct transfer_request transfer_of(const struct call *call)
{
	const struct transfer_options *opt = call->options;

	return (struct transfer_request){ .vmid = (unsigned)opt->vmid,
					  .from = opt->from,
					  .to = opt->to,
					  .user = opt->user,
					  .group = opt->group,
					  .perms = opt->perms };
}

int check_exists(struct call *call, struct error *err)
{
	unsigned vmid;

	if (!vmid_parse(slice(keyvals_get(&call->given, "vmid")), &vmid))
		return fail(err, 0, "no container named");
	return ct_must_exist(vmid, err);
}

unsigned timeout_of(long long seconds)
{
	return seconds > INT_MAX ? INT_MAX : (unsigned)seconds;
}
