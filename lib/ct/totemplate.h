/* A container's volumes on their way to base volumes; for verbs that make templates. */
#pragma once

#include "config/config.h"
#include "storage/volume.h"

/* All of its volumes can become base volumes: "Template feature is not available for
 * '<volume>'". */
int template_check(const struct config *config, const struct storages *storages,
		   struct error *err);

/*
 * Turn them into base volumes, and save the configuration whenever one has got its new
 * name; `template: 1` is the caller's. A second call goes on where one was interrupted.
 */
int template_convert(struct config *config, const struct storages *storages,
		     struct error *err);
