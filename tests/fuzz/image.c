/* What images hold: the first byte chooses the document or the form. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "guest/user.h"
#include "template/ocijson.h"
#include "template/whiteout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_index(struct slice text)
{
	struct descriptor out;
	struct error err;

	if (oci_read_index(text, "amd64", &out, &err) == 0 &&
	    strlen(out.digest) != SHA256_SIZE - 1)
		abort();
}

static void try_manifest(struct slice text)
{
	auto_manifest struct manifest manifest = { 0 };
	struct error err;

	if (oci_read_manifest(text, &manifest, &err) == 0 && manifest.count > LAYERS_MAX)
		abort();
}

/* What an image says arrives as it was sent. */
static void send(const struct image *image)
{
	auto_strbuf struct strbuf text = STRBUF_INIT, again = STRBUF_INIT;
	auto_image struct image got = { 0 };
	struct error err;

	image_format(image, &text);
	if (text.len != image->size || image_parse(strbuf_slice(&text), &got, &err) < 0)
		abort();
	image_format(&got, &again);
	if (again.len != text.len || memcmp(again.at, text.at, text.len) != 0)
		abort();
}

static void try_config(struct slice text)
{
	auto_image struct image image = { 0 };
	auto_diff_ids struct diff_ids ids = { 0 };
	struct error err;

	if (oci_read_config(text, &image, &ids, &err) == 0)
		send(&image);
}

static void try_report(struct slice text)
{
	auto_image struct image image = { 0 };
	struct error err;

	if (image_parse(text, &image, &err) == 0)
		send(&image);
}

/* The wanted user, an LF, and what is passwd and group at once. */
static void try_user(struct slice text)
{
	auto_guest_user struct guest_user user = { .groups = STRBUF_INIT };
	struct slice rest, wanted = slice_cut(text, '\n', &rest);
	struct error err;

	user_find(wanted, rest.at ? rest : slice(""), rest.at ? rest : slice(""), &user,
		  NULL, &err);
}

static void try_whiteout(struct slice text)
{
	auto_free char *copy = slice_dup(text);
	struct whiteout whiteout;
	struct member_name name;
	struct error err;

	if (member_name_parse(copy, &name, &err) < 0)
		return;
	whiteout_parse(&name, &whiteout);
	if (whiteout.kind == WHITEOUT_ENTRY &&
	    (whiteout.name.len == 0 || strlen(whiteout.name.text) != whiteout.name.len ||
	     member_name_climbs(whiteout.name.text)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(struct slice) = { try_index,  try_manifest,
						       try_config, try_report,
						       try_user,   try_whiteout };

	if (size > 0)
		tries[data[0] % (sizeof(tries) / sizeof(tries[0]))](
			slice_of((const char *)data + 1, size - 1));
	return 0;
}
