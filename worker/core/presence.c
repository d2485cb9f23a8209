/*
 * Who is there; see presence.h.
 *
 * Purpose:    rules of presence for visitors and agents.
 * Owner:      nothing.
 * Invariants: a grace is started and stopped only here and when the desk is
 *             loaded; every change of it is written with the entity.
 */

#include "core/presence.h"

#include "core/ask.h"
#include "core/device.h"
#include "core/focus.h"
#include "core/member.h"
#include "core/missed.h"
#include "core/offer.h"
#include "core/publish.h"
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
            conversation->absent_at_ms = visitor->present ? 0 : desk->now_ms;
            /* what is closed in Redis has run-out times; it stays so */
            if (!conversation_is_over(conversation)) {
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

void
presence_show(struct desk *desk, struct agent *agent)
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


/* Away with all devices: after the first grace the dot turns grey, after the
   second one the chats go back. */

static void
agent_away(struct desk *desk, struct agent *agent)
{
    if (agent->present && agent->grace.at_ms == 0) {
        timer_set(&desk->timers, &agent->grace,
                  desk->now_ms + CD_LIMIT_PRESENCE_GRACE_MS);
        agent_touch(desk, agent, 0);
    }
}


/* Away if nothing is done until then.  A deed moves the time only when it
   moves it far enough: not each one is written. */

static void
agent_idles(struct desk *desk, struct agent *agent)
{
    uint64_t  at, idle_ms;

    idle_ms = agent->profile != NULL ? agent->profile->idle_ms : 0;

    if (idle_ms == 0 || agent->sessions == 0 || agent_takes(agent) == 0) {
        if (agent->idle.at_ms != 0) {
            timer_stop(&desk->timers, &agent->idle);
            agent_touch(desk, agent, 0);
        }
        return;
    }

    at = desk->now_ms + idle_ms;

    if (at >= agent->idle.at_ms + idle_ms / CD_LIMIT_IDLE_STEP) {
        timer_set(&desk->timers, &agent->idle, at);
        agent_touch(desk, agent, 0);
    }
}


void
presence_check_agent(struct desk *desk, struct agent *agent)
{
    if (agent->sessions == 0) {
        agent_away(desk, agent);

    } else {
        if (agent->grace.at_ms != 0) {
            timer_stop(&desk->timers, &agent->grace);
            agent_touch(desk, agent, 0);
        }

        if (!agent->present) {
            agent->present = 1;
            agent->idle_since_ms = desk->now_ms;
            presence_show(desk, agent);
        }
    }

    if ((agent->sessions == 0) != (agent->idle.at_ms == 0)) {
        agent_idles(desk, agent);
    }

    agent_refresh(desk, agent);
}


void
presence_idles(struct desk *desk, struct agent *agent)
{
    timer_stop(&desk->timers, &agent->idle);
    agent_idles(desk, agent);
    agent_touch(desk, agent, 0);
}


/* What the agent cannot take, or cannot answer, goes back. */

static void
agent_withdraw(struct desk *desk, struct agent *agent)
{
    struct seat  *seat;

    for (seat = agent_first_seat(agent); seat != NULL;
         seat = agent_next_seat(seat))
    {
        if (seat->state == SEAT_OFFERED
            && (!agent->present
                || !(agent_takes(agent)
                     & (1u << seat->conversation->channel))))
        {
            offer_take_back(desk, seat->conversation, WHY_WITHDRAWN);
        }
    }
}


/* The chats of an agent who does not come back. */

static void
agent_loses(struct desk *desk, struct agent *agent)
{
    struct seat          *seat;
    struct conversation  *conversation;

    for (seat = agent_first_seat(agent); seat != NULL;
         seat = agent_next_seat(seat))
    {
        conversation = seat->conversation;

        if (seat->state == SEAT_OBSERVER) {
            member_unwatch(desk, seat, WHY_LOST);

        } else if (seat->state == SEAT_ACTIVE) {
            member_leave(desk, seat, WHY_LOST);

            if (member_count(conversation) == 0
                && conversation_set_phase(desk, conversation,
                                          CD_PHASE_WAITING) == 0)
            {
                conversation->hand = 0;
                publish_event(desk, conversation, EVENT_REQUEUED,
                              ROLE_SYSTEM, NULL, NULL);
            }
        }
    }
}


void
presence_agent_gone(struct desk *desk, struct agent *agent)
{
    if (!agent->present) {
        timer_stop(&desk->timers, &agent->grace);
        agent_touch(desk, agent, 0);
        agent_loses(desk, agent);
        return;
    }

    agent->present = 0;
    timer_set(&desk->timers, &agent->grace, desk->now_ms + desk->grace_ms);
    presence_show(desk, agent);
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
        /* what was in focus alone is told now, also to that browser */
        device_left(desk, agent, &id);
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
            /* loaded with the desk, before its entry was applied */
            if (session->agent != NULL) {
                templates_greet(desk, session->agent);
            }
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

        if (agent->sessions == 1) {
            templates_greet(desk, agent);
        }

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


/* The state of the settings with this id; NULL for no such. */

static const struct own_presence *
presence_own(struct desk *desk, struct cd_str id)
{
    size_t  i;

    for (i = 0; i < desk->presence_count; i++) {
        if (cd_str_is(id, desk->presences[i].id.s)) {
            return &desk->presences[i];
        }
    }

    return NULL;
}


int
presence_set_own(struct desk *desk, struct agent *agent, struct cd_str id)
{
    agent->own = presence_own(desk, id);

    if (agent->own == NULL) {
        return -1;
    }

    agent->state = agent->own->takes != 0 ? CD_PRESENCE_AVAILABLE
                                          : CD_PRESENCE_BUSY;

    return 0;
}


/* The state has changed from one that took `before`. */

static void
presence_changed(struct desk *desk, struct agent *agent, unsigned before)
{
    if (before == 0 && agent_takes(agent) != 0) {
        agent->idle_since_ms = desk->now_ms;
    }

    agent_touch(desk, agent, 1);
    agent_idles(desk, agent);
    agent_refresh(desk, agent);
    agent_withdraw(desk, agent);
}


void
presence_choose(struct desk *desk, const struct cd_frame *entry)
{
    unsigned           before;
    struct agent      *agent;
    struct cd_str      name = cd_frame_str(entry, CD_F_STATE);
    enum cd_presence   state = presence_named(name);

    agent = agent_find(&desk->agents, cd_frame_str(entry, CD_F_WHO));

    if (entry_role(entry) != ROLE_AGENT || agent == NULL
        || agent->profile == NULL)
    {
        refuse(desk, entry, CD_E_FORBIDDEN);
        return;
    }

    if (state == CD_PRESENCE_NONE && presence_own(desk, name) == NULL) {
        refuse(desk, entry, CD_E_NO_STATE);
        return;
    }

    if (cd_str_is(name, agent_state_id(agent)) && agent->why == WHYS_MAX) {
        return;
    }

    before = agent_takes(agent);
    agent->missed = 0;
    agent->why = WHYS_MAX;

    if (state != CD_PRESENCE_NONE) {
        agent->state = state;
        agent->own = NULL;
    } else {
        presence_set_own(desk, agent, name);
    }

    presence_changed(desk, agent, before);
}


void
presence_put_away(struct desk *desk, struct agent *agent, enum why why)
{
    unsigned  before = agent_takes(agent);

    if (before == 0) {
        return;
    }

    agent->state = CD_PRESENCE_AWAY;
    agent->own = NULL;
    agent->missed = 0;
    agent->why = why;
    presence_changed(desk, agent, before);
}


void
presence_idle(struct desk *desk, struct agent *agent)
{
    timer_stop(&desk->timers, &agent->idle);
    agent_touch(desk, agent, 0);
    presence_put_away(desk, agent, WHY_IDLE);
}


void
presence_deed(struct desk *desk, const struct cd_frame *entry)
{
    struct cd_str  who = cd_frame_str(entry, entry->type == CD_T_MESSAGE
                                             ? CD_F_FROM : CD_F_WHO);
    struct agent  *agent = NULL;

    if (entry_role(entry) == ROLE_AGENT && entry->type != CD_T_OFFLINE) {
        agent = agent_find(&desk->agents, who);
    }

    if (agent != NULL && agent->idle.at_ms != 0) {
        agent_idles(desk, agent);
    }

    if (agent != NULL && missed_ends(entry->type)) {
        missed_none(desk, agent);
    }
}
