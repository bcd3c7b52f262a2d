/*
 * What an image says about the container that is made of it (image-spec config.md,
 * templates.md 9.4), as plain texts: read from the image by a confined helper, checked
 * again by whoever gets it from there. Pure.
 */
#pragma once

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"

#define IMAGE_TEXT_MAX (256 * 1024) /* bytes of all its texts together */

/* A part that the image does not have, or has empty, is NULL. All is owned. */
struct image {
	char **command; /* words: Entrypoint and Cmd */
	char **env;     /* Env, "NAME=value" */
	char **volumes; /* paths that Volumes has as keys */
	char *user;     /* User, "user" or "user:group" */
	char *dir;      /* WorkingDir */
	char *signal;   /* StopSignal */
	size_t size;    /* bytes of image_format's text */
};

void image_done(struct image *image);
#define auto_image __attribute__((cleanup(image_done)))

/*
 * The parts one by one, by the names above ("command" adds a word). Control characters but
 * tabs are refused, those of C1 too, and so is more text than IMAGE_TEXT_MAX.
 */
int image_add(struct image *image, const char *part, const char *text, struct error *err);

/* The form in which an image goes from process to process, and back. */
void image_format(const struct image *image, struct strbuf *out);
int image_parse(struct slice text, struct image *out, struct error *err);
