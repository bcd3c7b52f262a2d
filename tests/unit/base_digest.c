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
