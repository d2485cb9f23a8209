/*
 * Work items: a case, an incident, whatever else is to be done by one agent.
 *
 * Purpose:    an item is a conversation whose client is never there: it waits
 *             in a queue, is offered, accepted, handed on, ended and wrapped up
 *             by the same rules, on the channel `item`.
 * Owner:      the desk, as of all conversations.
 * Invariants: its visitor has its id and no session; it has no flow of its
 *             own, nothing reminds of it and the janitor passes it over; it
 *             does not go on after its end; its link begins with https://.
 */

#ifndef CHATDESK_CORE_ITEM_H
#define CHATDESK_CORE_ITEM_H

#include "chatdesk_wire.h"

struct desk;

/* Whether this can be an item's link: https, a host without name and
   password, nothing that is no printable ASCII. */
int item_link_ok(struct cd_str link);

/* A new one; whoever asks has drawn its id. */
void item_open(struct desk *desk, const struct cd_frame *entry);

/* It is not to be done any more, whatever state it is in. */
void item_cancel(struct desk *desk, const struct cd_frame *entry);

#endif /* CHATDESK_CORE_ITEM_H */
