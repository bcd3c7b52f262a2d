/* Sorting beyond qsort(3), and the orders that several rooms need. Pure. */
#pragma once

#include <stddef.h>

typedef int (*sort_order)(const void *left, const void *right);

/* As qsort(3), but what is equal stays in its order. */
void sort_stable(void *items, size_t count, size_t size, sort_order order);

/* Texts (char *) bytewise, numbers (unsigned) ascending. */
void sort_texts(char **texts, size_t count);
void sort_numbers(unsigned *numbers, size_t count);

/* For bsearch(3) in what sort_numbers sorted. */
int sort_by_number(const void *left, const void *right);
