#include "base/sort.h"
#include "test.h"

struct card {
	char rank;
	unsigned place;
};

static int by_rank(const void *left, const void *right)
{
	return ((const struct card *)left)->rank - ((const struct card *)right)->rank;
}

TEST("a stable sort keeps the order of what is equal, whatever the count")
{
	for (unsigned count = 0; count < 40; count++) {
		struct card cards[40];
		bool sorted = true;

		for (unsigned i = 0; i < count; i++)
			cards[i] = (struct card){ (char)('a' + i * 7 % 5), i };
		sort_stable(cards, count, sizeof(cards[0]), by_rank);
		for (unsigned i = 1; i < count; i++)
			sorted &= cards[i - 1].rank < cards[i].rank ||
				  (cards[i - 1].rank == cards[i].rank &&
				   cards[i - 1].place < cards[i].place);
		EXPECT(sorted);
	}
}

TEST("texts are sorted bytewise and numbers by value, also above the range of int")
{
	char words[][4] = { "b", "", "a10", "a2", "B" };
	char *texts[] = { words[0], words[1], words[2], words[3], words[4] };
	unsigned numbers[] = { 4294967295, 9, 0, 10 };

	sort_texts(texts, 5);
	EXPECT_TEXT(texts[0], "");
	EXPECT_TEXT(texts[1], "B");
	EXPECT_TEXT(texts[2], "a10");
	EXPECT_TEXT(texts[4], "b");
	sort_numbers(numbers, 4);
	EXPECT_INT(numbers[0], 0);
	EXPECT_INT(numbers[1], 9);
	EXPECT_INT(numbers[3], 4294967295);
}
