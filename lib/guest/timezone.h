/* The guest's time zone (guest-setup.md 11). */
#pragma once

#include "base/error.h"
#include "guest/type.h"

int timezone_write(const struct guest *guest, struct error *err);
