/*
 * The work of pct-unpack on an OCI image, inside the sandbox (templates.md 9): find the
 * image in the archive, check every digest, apply its layers one on the other, make the
 * directories that it asks for. Touches the tree and standard output.
 */
#pragma once

#include "base/sandbox.h"
#include "template/extract.h"

/*
 * For sandbox_run; arg is a struct extract. The report is "image" when the archive is
 * one, and empty for any other; an archive of Docker's own form is a failure.
 */
int oci_detect(void *arg, const struct sandbox_io *io, struct error *err);

/*
 * For sandbox_run; arg is a struct extract. The report is the number of errors that were
 * ignored, in decimal, a NUL byte, and then what the image says (image_format).
 */
int oci_run(void *arg, const struct sandbox_io *io, struct error *err);
