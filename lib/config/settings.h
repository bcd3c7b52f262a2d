/*
 * The tool-wide settings file PATH_ETC/pct.conf (INI, read with iniparser): what
 * options default to on this host. Precedence: command line, file, built in. A file
 * that cannot be read is a warning, and the built-in values hold.
 */
#pragma once

#include "base/notes.h"
#include "config/prop.h"

struct settings {
	char *storage;    /* [defaults] storage = local */
	char *bridge;     /* [defaults] bridge; NULL: none */
	char *mac_prefix; /* [defaults] mac_prefix = BC:24:11; NULL (set but empty):
			   * locally administered */
	char *timezone;   /* [defaults] timezone; NULL: none */
	int unprivileged; /* [defaults] unprivileged = 1 */
	int onboot;       /* [defaults] onboot = 0 */
	long long shutdown_timeout_s; /* [defaults] shutdown_timeout = 60 */
};

/* The keys of its section [defaults]. */
extern const struct prop settings_props[];

/* Never fails; problems become warnings that name file and line. */
void settings_load(struct settings *settings, struct notes *warnings);
void settings_done(struct settings *settings);
#define auto_settings __attribute__((cleanup(settings_done)))
