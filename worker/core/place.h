/*
 * The visitor's place in line and how long it may take.
 *
 * Purpose:    the register `place` on the visitor's side of those who wait.
 * Owner:      nothing; a conversation knows the place that was told last.
 * Invariants: told when one begins to wait, then by rounds, at most once in
 *             PLACE_MS and only when it changed.  The first PLACE_NEAR of a
 *             queue are told every change; of the others a round looks at
 *             no more than PLACE_SWEEP, and tells what is a tenth off.  The
 *             place follows from the number, so it is kept whatever the
 *             visitor does: reload, another tab, a time away.
 */

#ifndef CHATDESK_CORE_PLACE_H
#define CHATDESK_CORE_PLACE_H

struct conversation;
struct desk;

/* At the flush: somebody waits who was not told yet. */
void place_begin(struct desk *desk, struct conversation *conversation);

/* At the end of the flush: a round, when it is time for one. */
void place_flush(struct desk *desk);

/* Who stands in line has changed. */
void place_wake(struct desk *desk);

#endif /* CHATDESK_CORE_PLACE_H */
