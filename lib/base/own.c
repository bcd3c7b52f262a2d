#include "base/own.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *or_die(void *memory)
{
	static const char text[] = "out of memory\n";

	if (memory)
		return memory;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(255);
	_exit(255);
}

void *xmalloc(size_t size)
{
	return or_die(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return or_die(calloc(count ? count : 1, size ? size : 1));
}

void *xreallocarray(void *old, size_t count, size_t size)
{
	return or_die(reallocarray(old, count ? count : 1, size ? size : 1));
}

void *grow_array(void *items, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0)
		return items;
	return xreallocarray(items, count ? count * 2 : 1, size);
}

char *xstrdup(const char *text)
{
	return text ? or_die(strdup(text)) : NULL;
}

char *xstrndup(const char *text, size_t len)
{
	char *copy = xmalloc(len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *xasprintf(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	return or_die(text);
}

int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

void *take_ptr(void *pointer_to_pointer)
{
	void *taken;

	memcpy(&taken, pointer_to_pointer, sizeof(taken));
	memset(pointer_to_pointer, 0, sizeof(taken));
	return taken;
}

void close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

void free_ptr(void *pointer_to_pointer)
{
	free(take_ptr(pointer_to_pointer));
}

void close_dir(DIR **dir)
{
	int saved = errno;

	if (*dir)
		closedir(*dir);
	*dir = NULL;
	errno = saved;
}

void close_file(FILE **file)
{
	int saved = errno;

	if (*file)
		fclose(*file);
	*file = NULL;
	errno = saved;
}

void free_words(char ***words)
{
	char **list = *words;

	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
	*words = NULL;
}
