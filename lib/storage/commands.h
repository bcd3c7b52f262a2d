/*
 * A list of commands to run one after the other: what a backend plans, so that it can be
 * looked at as text before, or instead of, running it.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/notes.h"
#include "base/strbuf.h"

enum command_mode {
	COMMAND_MUST,   /* the list ends with its failure */
	COMMAND_SHOULD, /* its failure is a note */
};

/* Starts as { .package = "lvm2" }: where the programs come from. */
struct commands {
	const char *package;
	struct one_command {
		char **argv; /* owned words, NULL at the end */
		enum command_mode mode;
	} * at;
	size_t count;
};

/* The words of one command, written WORDS("lvchange", "-an", name). They are copied. */
void commands_add(struct commands *commands, enum command_mode mode,
		  const char *const *words);
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* "lvchange -an pve/x\n" for each; words with a blank in them stand in quotes. Pure. */
void commands_format(const struct commands *commands, struct strbuf *out);

/* timeout_s is each one's; 0: none. */
int commands_run(const struct commands *commands, unsigned timeout_s, struct notes *notes,
		 struct error *err);
void commands_done(struct commands *commands);
#define auto_commands __attribute__((cleanup(commands_done)))
