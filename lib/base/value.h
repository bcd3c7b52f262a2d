/*
 * Results as a tree of objects, lists, texts and numbers, for programs that read them:
 * lib/ct builds it, lib/cli prints it. A node is libjansson's json_t; only this file and
 * cli/output.c know that library, and template/ocijson.c, which reads what images hold.
 * Whoever holds a tree frees it; what is put into another node belongs to that node.
 */
#pragma once

struct json_t;

struct json_t *value_object(void);
struct json_t *value_list(void);

/* What is no UTF-8 becomes U+FFFD. text NULL: NULL. */
struct json_t *value_text(const char *text);
struct json_t *value_int(long long number);

/* A decimal number as typed, "512" or "0.5"; any other text stays a text. */
struct json_t *value_number(const char *text);

/* Both take over value, and do nothing when it is NULL. */
void value_set(struct json_t *object, const char *key, struct json_t *value);
void value_add(struct json_t *list, struct json_t *value);

void value_free(struct json_t **value);
#define auto_value __attribute__((cleanup(value_free)))
