/* Volume ids. */
#include <stdint.h>
#include <stdlib.h>

#include "config/volid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of((const char *)data, size), storage, name;
	uint64_t kib;
	struct error err;

	if (volid_parse(text, &storage, &name, &err) == 0 &&
	    storage.len + 1 + name.len != text.len)
		abort();
	volume_kind(text);
	if (volume_is_new(text, "local", &storage, &kib) &&
	    (kib % 1024 != 0 || !storage_id_is_valid(storage)))
		abort();
	return 0;
}
