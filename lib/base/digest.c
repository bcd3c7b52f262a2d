#include "base/digest.h"

#include <sha1.h>
#include <sha2.h>

#include "base/own.h"

void digest_sha1(struct slice bytes, char out[DIGEST_SIZE])
{
	SHA1Data((const uint8_t *)bytes.at, bytes.len, out);
}

struct sha256 {
	SHA2_CTX context;
};

struct sha256 *sha256_new(void)
{
	struct sha256 *sha256 = xmalloc(sizeof(*sha256));

	SHA256Init(&sha256->context);
	return sha256;
}

void sha256_add(struct sha256 *sha256, const void *bytes, size_t len)
{
	SHA256Update(&sha256->context, bytes, len);
}

void sha256_end(struct sha256 **sha256, char out[SHA256_SIZE])
{
	SHA256End(&(*sha256)->context, out);
	free_ptr(sha256);
}
