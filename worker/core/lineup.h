/*
 * Conversations that were loaded, put where they stand.
 *
 * Purpose:    lines and figures of a desk that has just been loaded.
 * Owner:      nothing is kept.
 * Invariants: before this a loaded conversation is in no line.
 */

#ifndef CHATDESK_CORE_LINEUP_H
#define CHATDESK_CORE_LINEUP_H

struct desk;

/* Every conversation into its line and its queue's figures; what is in line
   is stirred. */
void lineup(struct desk *desk);

#endif /* CHATDESK_CORE_LINEUP_H */
