/*
 * What a desk's settings say about notices.
 *
 * Purpose:    the member `notify` of a desk, a profile or an agent.
 * Owner:      nothing; the caller's struct is filled.
 * Invariants: what the document does not say is not said in the struct.
 */

#ifndef CHATDESK_IO_DESK_NOTIFY_H
#define CHATDESK_IO_DESK_NOTIFY_H

#include "core/desk.h"
#include "io/json_check.h"

/* Reads the member `notify` of `item`, if there is one. */
void desk_notify_read(struct json_at *item, struct notify_settings *notify);

#endif /* CHATDESK_IO_DESK_NOTIFY_H */
