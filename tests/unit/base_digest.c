#include "base/digest.h"
#include "test.h"

TEST("a digest is the SHA-1 of the bytes in lower-case hex digits")
{
	char digest[DIGEST_SIZE];

	digest_sha1(slice("abc"), digest);
	EXPECT_TEXT(digest, "a9993e364706816aba3e25717850c26c9cd0d89d");
	digest_sha1(slice(""), digest);
	EXPECT_TEXT(digest, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST("a SHA-256 is that of all that was added, however it was cut")
{
	/* The examples of FIPS 180-4. */
	static const char message[] =
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	struct sha256 *sha256 = sha256_new();
	char digest[SHA256_SIZE];

	sha256_end(&sha256, digest);
	EXPECT(sha256 == NULL);
	EXPECT_TEXT(digest, "e3b0c44298fc1c149afbf4c8996fb924"
			    "27ae41e4649b934ca495991b7852b855");
	sha256 = sha256_new();
	sha256_add(sha256, message, 10);
	sha256_add(sha256, message + 10, sizeof(message) - 1 - 10);
	sha256_end(&sha256, digest);
	EXPECT_TEXT(digest, "248d6a61d20638b8e5c026930c3e6039"
			    "a33ce45964ff2167f6ecedd419db06c1");
}
