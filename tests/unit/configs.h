/* Containers from text and back, for tests of what happens to them. */
#pragma once

#include "base/own.h"
#include "config/config.h"
#include "test.h"

static inline struct config *config_of(const char *text)
{
	return config_parse(slice(text), 100, NULL);
}

static inline void expect_config(const struct config *config, const char *text,
				 const char *file, int line)
{
	auto_strbuf struct strbuf now = STRBUF_INIT;
	struct error err = { .text = "cannot be written" };

	if (config_format(config, &now, &err) < 0)
		test_expect_text(err.text, text, file, line);
	else
		test_expect_text(now.at, text, file, line);
}
#define EXPECT_CONFIG(config, text) expect_config(config, text, __FILE__, __LINE__)
