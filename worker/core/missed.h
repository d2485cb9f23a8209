/*
 * Offers that an agent lets pass.
 *
 * Purpose:    whoever misses one is not the first to be asked next, and who
 *             misses several in a row is away, with the reason.
 * Owner:      the agent has the count.
 * Invariants: the count is of misses in a row: an answer to an offer ends it,
 *             and so does whatever else the agent itself does.
 */

#ifndef CHATDESK_CORE_MISSED_H
#define CHATDESK_CORE_MISSED_H

struct agent;
struct desk;

/* One more, and none any more. */
void missed_one(struct desk *desk, struct agent *agent);
void missed_none(struct desk *desk, struct agent *agent);

/* Whether such an entry is the agent's own deed, not its browser's. */
int missed_ends(unsigned type);

#endif /* CHATDESK_CORE_MISSED_H */
