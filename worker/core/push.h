/*
 * Which notices leave the desk.
 *
 * Purpose:    a notice goes to an agent's devices that have no page of the
 *             desk open, and to webhooks, at the moments at which pages are
 *             told.
 * Owner:      nothing; what is to be sent stands in the outbox.
 * Invariants: no more than the notices that notify.c decides on; what waits
 *             in the outbox is taken back when the notice is, a webhook is
 *             told of that instead, and so is a device that shows it: once,
 *             if it can take that off, and at most CD_LIMIT_PUSH_ENDS times
 *             between two visits; no text goes into a push without
 *             NOTIFY_PUSH_TEXT, nor to a webhook that does not ask for it.
 */

#ifndef CHATDESK_CORE_PUSH_H
#define CHATDESK_CORE_PUSH_H

struct agent;
struct alert;
struct cd_frame;
struct desk;
struct outbox_job;

/* The frame of the inbox; the alert is that agent's. */
void push_told(struct desk *desk, const struct alert *alert,
    const struct cd_frame *notice);
void push_over(struct desk *desk, const struct alert *alert,
    const struct cd_frame *gone);

/* A job has been sent, as it was when it was begun. */
void push_sent(struct desk *desk, const struct outbox_job *job);

/* The agent wants no notifications of browsers any more. */
void push_silence(struct desk *desk, const struct agent *agent);

#endif /* CHATDESK_CORE_PUSH_H */
