#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/path.h"
#include "base/sort.h"
#include "base/strbuf.h"
#include "template/template.h"

/* Recipes are the programs beside the directory of their common parts. */
static bool is_recipe(int dir, const char *name)
{
	struct stat st;

	return name[0] != '.' && fstatat(dir, name, &st, 0) == 0 && S_ISREG(st.st_mode) &&
	       st.st_mode & S_IXUSR;
}

int recipe_list(char ***names, struct error *err)
{
	auto_free char *path = path_share("templates");
	auto_dir DIR *dir = opendir(path);
	char **list = xcalloc(1, sizeof(*list));
	struct dirent *entry;
	size_t count = 0;

	if (!dir) {
		free(list);
		return fail(err, errno, "cannot open directory '%s'", path);
	}
	while ((entry = readdir(dir))) {
		if (!is_recipe(dirfd(dir), entry->d_name))
			continue;
		list = xreallocarray(list, count + 2, sizeof(*list));
		list[count++] = xstrdup(entry->d_name);
		list[count] = NULL;
	}
	sort_texts(list, count);
	*names = list;
	return 0;
}

int recipe_find(const char *name, char **path, struct error *err)
{
	auto_strbuf struct strbuf known = STRBUF_INIT;
	auto_words char **names = NULL;

	if (recipe_list(&names, err) < 0)
		return -1;
	for (size_t i = 0; names[i]; i++) {
		if (strcmp(names[i], name) == 0) {
			*path = path_share("templates/%s", name);
			return 0;
		}
		strbuf_addf(&known, " %s", names[i]);
	}
	return fail(err, 0, "recipe '%s' does not exist; there are:%s", name, known.at);
}
