/*
 * Frames of conversations and inboxes, from the state of the desk.
 *
 * Purpose:    what the clients see of a change; registers go out at the
 *             flush, once and with their last value, events at once.
 * Owner:      frames borrow from the objects that they describe.
 * Invariants: nothing of a seat that is not a member's reaches a visitor's
 *             side; the same state makes the same frames.
 */

#ifndef CHATDESK_CORE_PUBLISH_H
#define CHATDESK_CORE_PUBLISH_H

#include "core/agent.h"
#include "core/conversation.h"

struct alert;
struct desk;
struct queue;

/* An event on both sides.  `who` and `name` may be NULL. */
void publish_event(struct desk *desk, struct conversation *conversation,
    enum event event, enum role role, const char *who, const char *name);

/* A member leaves: both sides are told, why stands in the record alone. */
void publish_left(struct desk *desk, struct conversation *conversation,
    const struct agent *agent, enum why why);

/* The same with its reason. */
void publish_event_why(struct desk *desk, struct conversation *conversation,
    enum event event, enum role role, const char *who, const char *name,
    enum why why);

/* A message of the desk itself, on both sides. */
void publish_say(struct desk *desk, struct conversation *conversation,
    const char *text);

/* An event on the desk side alone: an agent's doing. */
void publish_desk_event(struct desk *desk, struct conversation *conversation,
    enum event event, const struct agent *agent);

/* ... of the conversation's ask.  `who` and `name` are those of the event;
   `why` is WHYS_MAX for none. */
void publish_ask(struct desk *desk, struct conversation *conversation,
    enum event event, const char *who, const char *name, enum why why);

/* Registers. */
void publish_phase(struct desk *desk, struct conversation *conversation);
void publish_visitor(struct desk *desk, struct conversation *conversation,
    int both_sides);
void publish_member(struct desk *desk, struct seat *seat);
void publish_member_gone(struct desk *desk,
    struct conversation *conversation, struct cd_str agent);
void publish_me(struct desk *desk, struct agent *agent);
void publish_templates(struct desk *desk, const struct agent *agent);

/* The seat's card: shown, renewed or taken away. */
void publish_card(struct desk *desk, struct seat *seat);

/* publish_notice.c: a notice about a seat, about a queue, and its end; the
   agent's choices, which it must have made. */
void publish_notice(struct desk *desk, const struct seat *seat,
    const struct alert *alert);
void publish_hand(struct desk *desk, const struct conversation *conversation,
    const struct alert *alert);
void publish_wait(struct desk *desk, const struct queue *queue,
    const struct alert *alert, uint64_t since_ms);
void publish_notice_gone(struct desk *desk, const struct alert *alert);
void publish_wish(struct desk *desk, const struct agent *agent);

#endif /* CHATDESK_CORE_PUBLISH_H */
