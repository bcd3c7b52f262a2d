/*
 * Hand-made tar archives for tests: every field can be a lie (POSIX pax format). Kept
 * in a strbuf; tar_save writes it to a file of the test's directory.
 */
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"
#include "base/strbuf.h"

#define TAR_BLOCK 512

struct tar_member {
	const char *name;
	char type; /* 0: a regular file */
	unsigned mode, uid, gid;
	const char *link, *data;
	uint64_t announced; /* size in the header when it is not that of data */
	unsigned major, minor;
	const struct strbuf *pax; /* records of tar_pax */
};

static inline void tar_pax(struct strbuf *pax, const char *key, const void *value,
			   size_t len)
{
	size_t rest = strlen(key) + len + 3, total = rest + 1;

	while (total != rest + (size_t)snprintf(NULL, 0, "%zu", total))
		total++;
	strbuf_addf(pax, "%zu %s=", total, key);
	strbuf_add(pax, value, len);
	strbuf_addc(pax, '\n');
}

static inline void tar_block(struct strbuf *tar, const void *bytes, size_t len)
{
	static const char zeros[TAR_BLOCK];

	strbuf_add(tar, bytes, len);
	strbuf_add(tar, zeros, (TAR_BLOCK - len % TAR_BLOCK) % TAR_BLOCK);
}

static inline void tar_header(struct strbuf *tar, const struct tar_member *member,
			      char type, uint64_t size)
{
	char block[TAR_BLOCK + 1] = { 0 };
	unsigned sum = 0;

	snprintf(block, 100, "%s", member->name);
	snprintf(block + 100, 8, "%07o", member->mode);
	snprintf(block + 108, 8, "%07o", member->uid);
	snprintf(block + 116, 8, "%07o", member->gid);
	snprintf(block + 124, 13, "%011llo", (unsigned long long)size);
	snprintf(block + 136, 12, "%011o", 1000000000U);
	memset(block + 148, ' ', 8);
	block[156] = type;
	if (member->link)
		snprintf(block + 157, 100, "%s", member->link);
	memcpy(block + 257,
	       "ustar\0"
	       "00",
	       8);
	snprintf(block + 329, 8, "%07o", member->major);
	snprintf(block + 337, 8, "%07o", member->minor);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	strbuf_add(tar, block, TAR_BLOCK);
}

static inline void tar_add(struct strbuf *tar, const struct tar_member *member)
{
	size_t len = member->data ? strlen(member->data) : 0;

	if (member->pax) {
		tar_header(tar, &(struct tar_member){ .name = "pax", .mode = 0644 }, 'x',
			   member->pax->len);
		tar_block(tar, member->pax->at, member->pax->len);
	}
	tar_header(tar, member, member->type ? member->type : '0',
		   member->announced ? member->announced : len);
	if (len > 0)
		tar_block(tar, member->data, len);
}

static inline void tar_end(struct strbuf *tar)
{
	static const char zeros[2 * TAR_BLOCK];

	strbuf_add(tar, zeros, sizeof(zeros));
}

static inline void tar_save(const struct strbuf *tar, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct error err;

	if (fd < 0 || write_all(fd, tar->at, tar->len, &err) < 0) {
		perror(path);
		exit(2);
	}
	close(fd);
}
