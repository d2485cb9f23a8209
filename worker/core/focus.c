/*
 * What agents look at; see focus.h.
 *
 * Purpose:    set, end, load.
 * Owner:      the desk.
 * Invariants: those of focus.h.
 */

#include "core/focus.h"

#include <stdlib.h>

#include "core/notify.h"
#include "core/notify_entity.h"
#include "core/state.h"


static int
focus_compare(struct focus *a, struct focus *b)
{
    return strcmp(a->session.s, b->session.s);
}


TREE_GENERATE(focuses, focus, link, focus_compare)


static struct focus *
focus_find(struct desk *desk, const struct id *session)
{
    struct focus  probe;

    probe.session = *session;

    return RB_FIND(focuses, &desk->focuses, &probe);
}


static struct focus *
focus_new(struct desk *desk, const struct id *session, struct agent *agent)
{
    struct focus  *focus = calloc(1, sizeof(struct focus));

    if (focus == NULL) {
        desk_fail(desk);
        return NULL;
    }

    focus->session = *session;
    focus->agent = agent;
    RB_INSERT(focuses, &desk->focuses, focus);
    LIST_INSERT_HEAD(&agent->focuses, focus, agent_link);

    return focus;
}


static void
focus_free(struct desk *desk, struct focus *focus)
{
    RB_REMOVE(focuses, &desk->focuses, focus);
    LIST_REMOVE(focus, agent_link);
    free(focus);
}


int
focus_on(const struct agent *agent, const struct id *conv)
{
    const struct focus  *focus;

    LIST_FOREACH(focus, &agent->focuses, agent_link) {
        if (strcmp(focus->conv.s, conv->s) == 0) {
            return 1;
        }
    }

    return 0;
}


void
focus_end(struct desk *desk, const struct id *session)
{
    struct id      conv;
    struct focus  *focus = focus_find(desk, session);
    struct agent  *agent;

    if (focus == NULL) {
        return;
    }

    conv = focus->conv;
    agent = focus->agent;
    changes_drop(desk->changes, ENTITY_FOCUS, session->s);
    focus_free(desk, focus);
    notify_look(desk, agent, &conv);
}


void
focus_set(struct desk *desk, const struct cd_frame *entry)
{
    struct id        conv, before = { "" };
    struct focus    *focus;
    struct session  *session = session_of_agent(desk, entry);

    if (session == NULL) {
        return;
    }

    if (id_set(&conv, cd_frame_str(entry, CD_F_CONV)) != 0) {
        focus_end(desk, &session->id);
        return;
    }

    focus = focus_find(desk, &session->id);

    if (focus == NULL) {
        focus = focus_new(desk, &session->id, session->agent);
    }

    if (focus == NULL || strcmp(focus->conv.s, conv.s) == 0) {
        return;
    }

    before = focus->conv;
    focus->conv = conv;
    entity_put_focus(desk, focus);
    notify_look(desk, session->agent, &before);
    notify_look(desk, session->agent, &conv);
}


void
focus_loaded(struct desk *desk)
{
    struct focus  *focus, *next;

    for (focus = RB_MIN(focuses, &desk->focuses); focus != NULL; focus = next)
    {
        next = RB_NEXT(focuses, NULL, focus);

        if (session_find(&desk->sessions, &focus->session) == NULL) {
            focus_end(desk, &focus->session);
        }
    }
}


int
focus_load(struct desk *desk, const char *session, struct cd_str agent,
    struct cd_str conv)
{
    struct id      id;
    struct focus  *focus;
    struct agent  *owner = agent_find(&desk->agents, agent);

    if (id_set(&id, str_of(session)) != 0 || owner == NULL
        || focus_find(desk, &id) != NULL)
    {
        return -1;
    }

    focus = focus_new(desk, &id, owner);

    return focus != NULL && id_set(&focus->conv, conv) == 0 ? 0 : -1;
}


void
focuses_free(struct desk *desk)
{
    struct focus  *focus;

    while ((focus = RB_MIN(focuses, &desk->focuses)) != NULL) {
        focus_free(desk, focus);
    }
}
