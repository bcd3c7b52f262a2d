#include "ct/snaptree.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/own.h"
#include "base/sort.h"

#define NAME_WIDTH 30

/* A snapshot, or the present state, which has no section of its own. */
struct node {
	const char *name, *parent, *description;
	long long time; /* seconds of the epoch; -1: none */
	bool done;
};

struct tree {
	struct node *at;
	size_t count;
	struct strbuf *out;
};

static int by_time(const void *left, const void *right)
{
	const struct node *a = left, *b = right;

	if ((a->time < 0) != (b->time < 0))
		return a->time < 0 ? 1 : -1;
	return a->time < b->time ? -1 : a->time > b->time;
}

static void collect(const struct config *config, struct tree *tree)
{
	tree->at = xcalloc(config->snapshot_count + 1, sizeof(*tree->at));
	for (size_t i = 0; i < config->snapshot_count; i++) {
		const struct section *section = &config->snapshots[i];
		const char *time = keyvals_get(&section->keys, "snaptime");

		tree->at[tree->count++] = (struct node){
			.name = section->name,
			.parent = keyvals_get(&section->keys, "parent"),
			.description = section->description,
			.time = time ? llabs(strtoll(time, NULL, 10)) : 0,
		};
	}
	tree->at[tree->count++] = (struct node){ .name = "current",
						 .parent = config_get(config, "parent"),
						 .description = "You are here!",
						 .time = -1 };
	sort_stable(tree->at, tree->count, sizeof(*tree->at), by_time);
}

static bool has_parent(const struct tree *tree, const struct node *node)
{
	for (size_t i = 0; node->parent && i < tree->count; i++)
		if (tree->at[i].time >= 0 && strcmp(tree->at[i].name, node->parent) == 0)
			return true;
	return false;
}

static void add_line(struct tree *tree, const struct node *node, unsigned depth)
{
	struct slice rest = slice(node->description), first = { 0 };
	int name_width = NAME_WIDTH - (int)depth - 3;
	time_t when = (time_t)node->time;
	char time[32] = "";
	struct tm tm;

	slice_line(&rest, &first);
	if (first.len == 0)
		first = slice("no-description");
	if (node->time >= 0 && localtime_r(&when, &tm))
		strftime(time, sizeof(time), "%Y-%m-%d %H:%M:%S", &tm);
	strbuf_addf(tree->out, "%*s`-> %-*s %-23s " SLICE_FMT "\n", (int)depth, "",
		    name_width > 0 ? name_width : 0, node->name, time, SLICE_ARG(first));
}

static bool is_child(const struct node *node, const char *parent)
{
	return !node->done && node->parent && strcmp(node->parent, parent) == 0;
}

/* A node and what descends from it. The present state has no children. */
static void add_family(struct tree *tree, struct node *node, unsigned depth)
{
	node->done = true;
	add_line(tree, node, depth);
	for (size_t i = 0; node->time >= 0 && i < tree->count; i++)
		if (is_child(&tree->at[i], node->name))
			add_family(tree, &tree->at[i], depth + 1);
}

void snaptree_format(const struct config *config, struct strbuf *out)
{
	struct tree tree = { .out = out };
	auto_free struct node *nodes = NULL;

	collect(config, &tree);
	nodes = tree.at;
	for (size_t i = 0; i < tree.count; i++)
		if (!has_parent(&tree, &nodes[i]))
			add_family(&tree, &nodes[i], 0);
	/* Who is left is an ancestor of itself. */
	for (size_t i = 0; i < tree.count; i++)
		if (!nodes[i].done)
			add_family(&tree, &nodes[i], 0);
}

static struct json_t *node_value(const struct node *node)
{
	struct json_t *object = value_object();

	value_set(object, "name", value_text(node->name));
	value_set(object, "parent", value_text(node->parent));
	value_set(object, "description", value_text(node->description));
	if (node->time > 0)
		value_set(object, "snaptime", value_int(node->time));
	return object;
}

struct json_t *snapshots_value(const struct config *config)
{
	struct json_t *list = value_list();
	auto_free struct node *nodes = NULL;
	struct tree tree = { 0 };

	collect(config, &tree);
	nodes = tree.at;
	for (size_t i = 0; i < tree.count; i++)
		value_add(list, node_value(&nodes[i]));
	return list;
}
