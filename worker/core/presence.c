/*
 * Who is there; see presence.h.
 *
 * Purpose:    rules of presence for visitors and agents.
 * Owner:      nothing.
 * Invariants: a grace is started and stopped only here and when the desk is
 *             loaded; every change of it is written with the entity.
 */

#include "core/presence.h"

#include "core/focus.h"
#include "core/offer.h"
#include "core/refuse.h"
#include "core/state.h"


enum role
entry_role(const struct cd_frame *entry)
{
    struct cd_str  role = cd_frame_str(entry, CD_F_ROLE);

    if (cd_str_is(role, role_name(ROLE_VISITOR))) {
        return ROLE_VISITOR;
    }

    /* supervisors and admins chat as agents do */
    return cd_str_is(role, role_name(ROLE_AGENT)) ? ROLE_AGENT : ROLE_NONE;
}


/* Every conversation of the visitor shows its presence. */

static void
visitor_touch(struct desk *desk, struct visitor *visitor, int dot)
{
    unsigned              dirty;
    struct conversation  *conversation;

    for (conversation = visitor_first_conversation(visitor);
         conversation != NULL;
         conversation = visitor_next_conversation(conversation))
    {
        dirty = 0;

        if (dot) {
            dirty = DIRTY_CARDS;
            /* what is closed in Redis has run-out times; it stays so */
            if (conversation->phase != CD_PHASE_CLOSED) {
                dirty |= DIRTY_VISITOR;
            }
        }

        conversation_touch(desk, conversation, dirty);
    }
}


void
presence_check_visitor(struct desk *desk, struct visitor *visitor)
{
    if (visitor->sessions == 0) {
        if (visitor->present && visitor->grace.at_ms == 0) {
            timer_set(&desk->timers, &visitor->grace,
                      desk->now_ms + CD_LIMIT_PRESENCE_GRACE_MS);
            visitor_touch(desk, visitor, 0);
        }
        return;
    }

    if (visitor->grace.at_ms != 0) {
        timer_stop(&desk->timers, &visitor->grace);
        visitor_touch(desk, visitor, 0);
    }

    if (!visitor->present) {
        visitor->present = 1;
        visitor_touch(desk, visitor, 1);
    }
}


void
presence_visitor_gone(struct desk *desk, struct visitor *visitor)
{
    timer_stop(&desk->timers, &visitor->grace);
    visitor->present = 0;
    visitor_touch(desk, visitor, 1);
}


/* The agent's chats show its presence. */

static void
agent_show(struct desk *desk, struct agent *agent)
{
    struct seat  *seat;

    for (seat = agent_first_seat(agent); seat != NULL;
         seat = agent_next_seat(seat))
    {
        if (seat->state == SEAT_ACTIVE) {
            seat->member_dirty = 1;
            conversation_touch(desk, seat->conversation, 0);
        }
    }

    agent_touch(desk, agent, 1);
}


void
presence_check_agent(struct desk *desk, struct agent *agent)
{
    if (agent->sessions == 0) {
        if (agent->present && agent->grace.at_ms == 0) {
            timer_set(&desk->timers, &agent->grace,
                      desk->now_ms + CD_LIMIT_PRESENCE_GRACE_MS);
            agent_touch(desk, agent, 0);
        }

    } else {
        if (agent->grace.at_ms != 0) {
            timer_stop(&desk->timers, &agent->grace);
            agent_touch(desk, agent, 0);
        }

        if (!agent->present) {
            agent->present = 1;
            agent->idle_since_ms = desk->now_ms;
            agent_show(desk, agent);
        }
    }

    agent_refresh(desk, agent);
}


/* The agent cannot answer: its offers go back. */

static void
agent_withdraw(struct desk *desk, struct agent *agent)
{
    struct seat  *seat;

    for (seat = agent_first_seat(agent); seat != NULL;
         seat = agent_next_seat(seat))
    {
        if (seat->state == SEAT_OFFERED) {
            offer_take_back(desk, seat->conversation, WHY_WITHDRAWN);
        }
    }
}


void
presence_agent_gone(struct desk *desk, struct agent *agent)
{
    timer_stop(&desk->timers, &agent->grace);
    agent->present = 0;
    agent_show(desk, agent);
    agent_withdraw(desk, agent);
}


void
presence_end(struct desk *desk, struct session *session)
{
    struct id        id = session->id;
    struct agent    *agent = session->agent;
    struct visitor  *visitor = session->visitor;

    session_free(desk, session);

    if (agent != NULL) {
        focus_end(desk, &id);
        presence_check_agent(desk, agent);

    } else {
        presence_check_visitor(desk, visitor);
        visitor_release(desk, visitor);
    }
}


/* Whether the desk knows this session just as the entry says it. */

static int
session_is(const struct session *session, const struct cd_frame *entry,
    const struct id *node)
{
    enum role    role = session->agent != NULL ? ROLE_AGENT : ROLE_VISITOR;
    const char  *who = session->agent != NULL ? session->agent->id.s
                                              : session->visitor->id.s;

    return entry_role(entry) == role
           && cd_str_is(cd_frame_str(entry, CD_F_WHO), who)
           && strcmp(session->node->id.s, node->s) == 0;
}


/* Finds or makes whom a session belongs to.  -1: nobody, or no memory. */

static int
entry_person(struct desk *desk, const struct cd_frame *entry,
    struct visitor **visitor, struct agent **agent)
{
    struct id      id;
    struct login   login;
    struct cd_str  who = cd_frame_str(entry, CD_F_WHO);

    *visitor = NULL;
    *agent = NULL;

    if (entry_role(entry) == ROLE_AGENT) {
        if (login_set(&login, who) != 0) {
            return -1;
        }

        *agent = agent_find(&desk->agents, who);
        if (*agent == NULL) {
            *agent = agent_new(&desk->agents, &login);
        }

    } else if (entry_role(entry) == ROLE_VISITOR) {
        if (id_set(&id, who) != 0) {
            return -1;
        }

        *visitor = visitor_get(desk, &id);

    } else {
        return -1;
    }

    if (*visitor == NULL && *agent == NULL) {
        desk_fail(desk);
        return -1;
    }

    return 0;
}


void
presence_begin(struct desk *desk, const struct cd_frame *entry)
{
    struct id        id, node;
    struct agent    *agent;
    struct session  *session;
    struct visitor  *visitor;

    if (id_set(&id, cd_frame_str(entry, CD_F_SESSION)) != 0
        || id_set(&node, cd_frame_str(entry, CD_F_NODE)) != 0)
    {
        return;
    }

    session = session_find(&desk->sessions, &id);

    if (session != NULL) {
        if (session_is(session, entry, &node)) {
            return;
        }

        presence_end(desk, session);
    }

    if (entry_person(desk, entry, &visitor, &agent) != 0) {
        return;
    }

    if (session_new(desk, &id, &node, visitor, agent) == NULL) {
        desk_fail(desk);
        return;
    }

    if (agent != NULL) {
        presence_check_agent(desk, agent);
    } else {
        presence_check_visitor(desk, visitor);
    }
}


void
presence_online(struct desk *desk, const struct cd_frame *entry)
{
    presence_begin(desk, entry);
}


void
presence_offline(struct desk *desk, const struct cd_frame *entry)
{
    struct id        id;
    struct session  *session;

    if (id_set(&id, cd_frame_str(entry, CD_F_SESSION)) != 0) {
        return;
    }

    session = session_find(&desk->sessions, &id);
    if (session != NULL) {
        presence_end(desk, session);
    }
}


/* The state with this name that an agent may choose; NONE for no such. */

static enum cd_presence
presence_named(struct cd_str name)
{
    unsigned  state;

    for (state = 1; state < CD_PRESENCES_MAX; state++) {
        if (state != CD_PRESENCE_OFFLINE && cd_presence_name(state) != NULL
            && cd_str_is(name, cd_presence_name(state)))
        {
            return (enum cd_presence) state;
        }
    }

    return CD_PRESENCE_NONE;
}


void
presence_choose(struct desk *desk, const struct cd_frame *entry)
{
    struct agent      *agent;
    enum cd_presence   state;

    agent = agent_find(&desk->agents, cd_frame_str(entry, CD_F_WHO));

    if (entry_role(entry) != ROLE_AGENT || agent == NULL
        || agent->profile == NULL)
    {
        refuse(desk, entry, CD_E_FORBIDDEN);
        return;
    }

    state = presence_named(cd_frame_str(entry, CD_F_STATE));

    if (state == CD_PRESENCE_NONE) {
        refuse(desk, entry, CD_E_BAD_REQUEST);
        return;
    }

    if (state == agent->state) {
        return;
    }

    if (cd_presence_takes(state) && !cd_presence_takes(agent->state)) {
        agent->idle_since_ms = desk->now_ms;
    }

    agent->state = state;
    agent_touch(desk, agent, 1);
    agent_refresh(desk, agent);

    if (!cd_presence_takes(state)) {
        agent_withdraw(desk, agent);
    }
}
