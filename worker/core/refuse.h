/*
 * Answers to requests that the desk cannot grant.
 *
 * Purpose:    one way to say no to the session that waits, and to whoever
 *             applied the entry (desk_refused()).
 * Owner:      nothing.
 * Invariants: an entry that names no session, node or request is refused in
 *             silence: nobody could receive the frame.
 */

#ifndef CHATDESK_CORE_REFUSE_H
#define CHATDESK_CORE_REFUSE_H

#include "chatdesk_wire.h"

struct desk;

void refuse(struct desk *desk, const struct cd_frame *entry,
    enum cd_error error);


/* The same, naming the field or the key at fault. */
void refuse_field(struct desk *desk, const struct cd_frame *entry,
    enum cd_error error, const char *field);

#endif /* CHATDESK_CORE_REFUSE_H */
