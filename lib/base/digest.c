#include "base/digest.h"

#include <sha1.h>

void digest_sha1(struct slice bytes, char out[DIGEST_SIZE])
{
	SHA1Data((const uint8_t *)bytes.at, bytes.len, out);
}
