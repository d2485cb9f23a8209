/*
 * Who gets what.
 *
 * Purpose:    after every event, each waiting conversation for which an able
 *             agent is free is offered.
 * Owner:      nothing.
 * Invariants: runs only over queues that were stirred; leaves no waiting
 *             conversation that a free agent of its queue could be asked
 *             about.
 */

#ifndef CHATDESK_CORE_ASSIGN_H
#define CHATDESK_CORE_ASSIGN_H

struct desk;

void assign_run(struct desk *desk);

#endif /* CHATDESK_CORE_ASSIGN_H */
