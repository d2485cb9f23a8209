/*
 * Conversations in which nothing happens.
 *
 * Purpose:    the visitor who does not answer is reminded, then the
 *             conversation ends; what is inactive for long the janitor
 *             closes; who has left while waiting loses the place after the
 *             flow's time.
 * Owner:      the `silence` timer of each conversation.
 * Invariants: the timer follows from what is stored of the conversation and
 *             from its flow, so it needs no room in the entity.  Work items,
 *             what came out of hours, and messages of a messaging channel
 *             wait however long it takes.
 */

#ifndef CHATDESK_CORE_SILENCE_H
#define CHATDESK_CORE_SILENCE_H

#include "core/conversation.h"

struct desk;

/* After anything has changed. */
void silence_set(struct desk *desk, struct conversation *conversation);

/* The timer: reminds, or ends. */
void silence_fire(struct desk *desk, struct conversation *conversation);

#endif /* CHATDESK_CORE_SILENCE_H */
