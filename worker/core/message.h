/*
 * What the desk notes of messages and marks.
 *
 * Purpose:    entries `message` and `mark`: times, preview, unread counts.
 *             The messages themselves are stored by Redis' functions.
 * Owner:      nothing.
 * Invariants: a number counts once; a mark never goes down.
 */

#ifndef CHATDESK_CORE_MESSAGE_H
#define CHATDESK_CORE_MESSAGE_H

#include "chatdesk_wire.h"

struct desk;

void message_note(struct desk *desk, const struct cd_frame *entry);
void message_mark(struct desk *desk, const struct cd_frame *entry);

#endif /* CHATDESK_CORE_MESSAGE_H */
