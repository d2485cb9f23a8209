/*
 * How a conversation begins.
 *
 * Purpose:    the `start` entry.
 * Owner:      nothing.
 * Invariants: one id makes one conversation, however often it starts.
 */

#ifndef CHATDESK_CORE_OPENING_H
#define CHATDESK_CORE_OPENING_H

#include "chatdesk_wire.h"

struct desk;

void opening_start(struct desk *desk, const struct cd_frame *entry);

#endif /* CHATDESK_CORE_OPENING_H */
