/*
 * Who is there: sessions, the grace, and the state an agent has chosen.
 *
 * Purpose:    a member is present while it has a session, and for the grace
 *             after the last one went; only then the dot turns grey.
 * Owner:      nothing; sessions stand in visitor.h.
 *             After a longer grace an agent's chats go to others.
 * Invariants: an agent is offered something only while it has a session; an
 *             agent whose grace has run out holds no offer; several devices
 *             of an agent are one agent.
 */

#ifndef CHATDESK_CORE_PRESENCE_H
#define CHATDESK_CORE_PRESENCE_H

#include "chatdesk_wire.h"

#include "core/agent.h"
#include "core/visitor.h"
#include "core/words.h"

struct desk;

/* Who an entry says it is from; ROLE_NONE for anything else than the two. */
enum role entry_role(const struct cd_frame *entry);

/* The session of an entry begins (or is known already). */
void presence_begin(struct desk *desk, const struct cd_frame *entry);

/* Entries `online`, `offline`, `presence`. */
void presence_online(struct desk *desk, const struct cd_frame *entry);
void presence_offline(struct desk *desk, const struct cd_frame *entry);
void presence_choose(struct desk *desk, const struct cd_frame *entry);

/* A session ends, or its person turns out to be away or here. */
void presence_end(struct desk *desk, struct session *session);
void presence_check_visitor(struct desk *desk, struct visitor *visitor);
void presence_check_agent(struct desk *desk, struct agent *agent);

/* The time for doing nothing begins anew, as long as the profile says now. */
void presence_idles(struct desk *desk, struct agent *agent);

/* The agent's inbox and chats show it anew. */
void presence_show(struct desk *desk, struct agent *agent);

/* The grace has run out; an agent's second one, too. */
void presence_visitor_gone(struct desk *desk, struct visitor *visitor);
void presence_agent_gone(struct desk *desk, struct agent *agent);

/* An agent got a chat: one who is not there has the second grace for it. */
void presence_joined(struct desk *desk, struct agent *agent);

/* Away by itself, with the reason; who takes nothing stays as it is. */
void presence_put_away(struct desk *desk, struct agent *agent, enum why why);

/* Nothing was done for too long; something was done. */
void presence_idle(struct desk *desk, struct agent *agent);
void presence_deed(struct desk *desk, const struct cd_frame *entry);

/* A state of the settings, by its id; -1: there is none such. */
int presence_set_own(struct desk *desk, struct agent *agent,
    struct cd_str id);

#endif /* CHATDESK_CORE_PRESENCE_H */
