#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/own.h"

/* Merge the sorted halves from..middle and middle..to, in steps of size, into out. */
static void merge(const char *from, const char *middle, const char *to, size_t size,
		  sort_order order, char *out)
{
	const char *left = from, *right = middle;

	for (; left < middle || right < to; out += size) {
		const char **take = &left;

		if (left == middle || (right < to && order(right, left) < 0))
			take = &right;
		memcpy(out, *take, size);
		*take += size;
	}
}

void sort_stable(void *items, size_t count, size_t size, sort_order order)
{
	auto_free char *copy = xreallocarray(NULL, count, size);
	char *from = items, *to = copy;

	for (size_t width = 1; width < count; width *= 2) {
		char *swap = from;

		for (size_t i = 0; i < count; i += 2 * width) {
			size_t middle = i + width < count ? i + width : count;
			size_t end = middle + width < count ? middle + width : count;

			merge(from + i * size, from + middle * size, from + end * size,
			      size, order, to + i * size);
		}
		from = to;
		to = swap;
	}
	if (from != items && count)
		memcpy(items, from, count * size);
}

static int by_text(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

void sort_texts(char **texts, size_t count)
{
	if (count)
		qsort(texts, count, sizeof(*texts), by_text);
}

int sort_by_number(const void *left, const void *right)
{
	unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;

	return (a > b) - (a < b);
}

void sort_numbers(unsigned *numbers, size_t count)
{
	if (count)
		qsort(numbers, count, sizeof(*numbers), sort_by_number);
}
