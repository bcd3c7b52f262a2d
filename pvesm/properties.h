/*
 * The properties of storage.cfg as options of add and set: the same rows as the file's
 * reader uses, so that help, manual and completion follow.
 */
#pragma once

#include "config/keyvals.h"
#include "config/prop.h"

#define PROPERTY_OPTIONS_MAX 64

/* The struct that the options point into; commands read call->given instead. */
union property_value {
	char *text;
	long long integer;
	double number;
	int boolean;
};
struct property_values {
	union property_value at[PROPERTY_OPTIONS_MAX];
};

extern struct prop add_options[PROPERTY_OPTIONS_MAX];
extern struct prop set_options[PROPERTY_OPTIONS_MAX];

/* Fill both; before cli_main. */
void property_options_init(void);

/* Of what was given, the properties of storages. */
void property_values_given(const struct keyvals *given, struct keyvals *values);
