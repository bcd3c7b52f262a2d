#include "storage/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "storage/program.h"

void commands_add(struct commands *commands, enum command_mode mode,
		  const char *const *words)
{
	struct one_command command = { .mode = mode };
	size_t count = 0;

	while (words[count])
		count++;
	command.argv = xcalloc(count + 1, sizeof(*command.argv));
	for (size_t i = 0; i < count; i++)
		command.argv[i] = xstrdup(words[i]);
	commands->at = grow_array(commands->at, commands->count, sizeof(*commands->at));
	commands->at[commands->count++] = command;
}

void commands_format(const struct commands *commands, struct strbuf *out)
{
	for (size_t i = 0; i < commands->count; i++) {
		for (char **word = commands->at[i].argv; *word; word++) {
			const char *quote = strchr(*word, ' ') || !**word ? "'" : "";

			strbuf_addf(out, "%s%s%s%s",
				    word == commands->at[i].argv ? "" : " ", quote, *word,
				    quote);
		}
		strbuf_addc(out, '\n');
	}
}

int commands_run(const struct commands *commands, unsigned timeout_s, struct notes *notes,
		 struct error *err)
{
	for (size_t i = 0; i < commands->count; i++) {
		const struct storage_program program = {
			.package = commands->package,
			.argv = (const char *const *)commands->at[i].argv,
			.timeout_s = timeout_s,
		};
		struct error one;

		if (program_run(&program, &one) == 0)
			continue;
		if (commands->at[i].mode == COMMAND_MUST) {
			*err = one;
			return -1;
		}
		notes_add(notes, "%s", one.text);
	}
	return 0;
}

void commands_done(struct commands *commands)
{
	for (size_t i = 0; i < commands->count; i++)
		free_words(&commands->at[i].argv);
	free(commands->at);
	commands->at = NULL;
	commands->count = 0;
}
