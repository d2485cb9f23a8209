/*
 * Who is there: sessions, the grace, and the state an agent has chosen.
 *
 * Purpose:    a member is present while it has a session, and for the grace
 *             after the last one went; only then the dot turns grey.
 * Owner:      nothing; sessions stand in visitor.h.
 * Invariants: an agent is offered something only while it has a session; an
 *             agent whose grace has run out holds no offer.
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

/* The grace has run out. */
void presence_visitor_gone(struct desk *desk, struct visitor *visitor);
void presence_agent_gone(struct desk *desk, struct agent *agent);

#endif /* CHATDESK_CORE_PRESENCE_H */
