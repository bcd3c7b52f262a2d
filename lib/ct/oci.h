/*
 * Containers made of OCI images (templates.md 9.4, guest-setup.md 14): what an image says
 * becomes configuration. What the user gave as an option stays. oci_configure and the
 * text functions are pure.
 */
#pragma once

#include "base/notes.h"
#include "base/strbuf.h"
#include "config/config.h"
#include "guest/guest.h"
#include "template/template.h"

/* The words as one line that lxc_split_words, or a shell, makes the same words of. */
void oci_quote(char *const *words, struct strbuf *out);

/*
 * A stop signal as LXC takes it: "SIGQUIT" of "quit", "SIGRTMIN+3", "15". False: there is
 * no such signal.
 */
bool oci_signal(const char *text, struct strbuf *out);

/*
 * Put what the image and its user say into config. told gets lines for standard output,
 * notes what the user is to be warned of.
 */
int oci_configure(const struct image *image, const struct guest_user *user,
		  struct config *config, struct strbuf *told, struct notes *notes,
		  struct error *err);

/* Unpack an image and configure the container, with all its messages on the way. */
int oci_unpack(const struct unpack *unpack, struct config *config, struct error *err);
