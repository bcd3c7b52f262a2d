/* A volume that goes from one container to another, by a new name: for ct_move alone. */
#pragma once

#include "ct/ct.h"

/*
 * While the volume changes its name, both files have "lock: disk" and name the new one as
 * unusedN, so that after a crash, and an unlock, the same command goes on.
 */
int volume_hand_over(const struct move_request *request, struct error *err);
