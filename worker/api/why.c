/*
 * /v1/conversations/{conv}/why: why here, why now, why this agent or nobody.
 *
 * Purpose:    the assignment in words: the queue and whose word that was, the
 *             place in its line, the last choice of an agent with what it
 *             went by, and what keeps each agent from being asked now.
 * Owner:      nothing.
 * Invariants: nothing is changed; at most CD_LIMIT_WHY_AGENTS agents are told
 *             of, of CD_LIMIT_WHY_LOOKS that are looked at.
 */

#include "api/resources.h"

#include "core/ask.h"
#include "core/crew.h"
#include "core/explain.h"
#include "core/needs.h"
#include "core/offer.h"
#include "core/state.h"


/* Names that the bits stand for. */

static struct json_object *
why_skills(const struct api_call *call, uint64_t bits)
{
    size_t               i;
    const char          *name;
    struct json_object  *list = json_object_new_array();

    for (i = 0; (name = skills_name(&call->on->desk->skills, bits, i))
                != NULL; i++)
    {
        json_object_array_add(list, json_object_new_string(name));
    }

    return list;
}


static struct json_object *
why_queue(const struct api_call *call,
    const struct conversation *conversation)
{
    struct json_object  *object = json_object_new_object();

    api_put_text(object, "id", conversation->queue->id.s);
    api_put_text(object, "name", conversation->queue->name);
    api_put_whole(object, "priority", conversation->queue->priority);
    api_put(object, "skills", why_skills(call, conversation->queue->skills));
    api_put_text(object, "by", explain_routed(conversation->routed));

    if (conversation->routed == ROUTED_BY_RULE) {
        api_put_text(object, "rule", conversation->rule);
    }

    if (conversation->routed <= ROUTED_BY_VISITOR) {
        api_put_text(object, "flow", conversation->flow->id.s);
    }

    return object;
}


/* Where it stands, while it does. */

static struct json_object *
why_place(const struct api_call *call,
    const struct conversation *conversation)
{
    uint64_t             since = conversation->queued_at_ms;
    struct json_object  *object = json_object_new_object();

    api_put_whole(object, "place", standing_place(conversation));
    api_put_whole(object, "priority", conversation->priority);
    api_put_whole(object, "since", since);
    api_put_whole(object, "waited_ms", call->on->now_ms > since
                                       ? call->on->now_ms - since : 0);

    return object;
}


/* What the last offer went by. */

static struct json_object *
why_agent(const struct conversation *conversation)
{
    struct json_object   *object = json_object_new_object();
    const struct agent   *agent = conversation->chosen;
    const struct choice  *choice = &conversation->choice;

    api_put_text(object, "agent", agent->id.s);
    api_put_text(object, "profile", agent->profile != NULL
                                    ? agent->profile->id.s : NULL);
    api_put_whole(object, "at", choice->at_ms);
    api_put_whole(object, "load", choice->load);
    api_put_whole(object, "idle_ms", choice->idle_ms);
    api_put_whole(object, "passed", choice->passed);
    api_put_bool(object, "again", choice->again);

    if (choice->place != 0) {
        api_put_whole(object, "place", choice->place);
        api_put_whole(object, "waited_ms", choice->waited_ms);
    }

    return object;
}


static struct json_object *
why_not(const struct api_call *call, struct conversation *conversation,
    const struct agent *agent)
{
    struct json_object  *object = json_object_new_object();
    const struct seat   *seat = seat_find(conversation, agent);
    enum passed          passed = explain_agent(conversation, agent,
                                                call->on->now_ms);

    api_put_text(object, "agent", agent->id.s);
    api_put_text(object, "profile", agent->profile->id.s);
    api_put_text(object, "why", explain_name(passed));
    api_put_text(object, "state", agent->present ? agent_state_id(agent)
                                                 : "offline");
    api_put_whole(object, "load",
                  agent->offered + agent->active + agent->wrapping);
    api_put_whole(object, "capacity", agent->profile->capacity);

    if (passed == PASSED_SKILL) {
        api_put(object, "lacks",
                why_skills(call, needs_of(conversation,
                                               conversation->line)
                                 & ~agent->crew->skills));
    }

    if (passed == PASSED_REFUSED) {
        api_put_whole(object, "until", offer_again_at(seat));
    }

    return object;
}


/* The agents of the queue in which it looks for one; 1 in *more when there
   are others. */

static struct json_object *
why_nobody(const struct api_call *call, struct conversation *conversation,
    int *more)
{
    size_t               looks = 0;
    struct agent        *agent;
    struct seat         *seat;
    struct queue        *queue = conversation->line;
    struct json_object  *list = json_object_new_array();

    agent = agent_first(&call->on->desk->agents);

    for ( ; agent != NULL; agent = agent_next(agent)) {
        seat = seat_find(conversation, agent);

        if (!explain_serves(agent, queue)
            || (seat != NULL && !conversations_shows(call, seat)))
        {
            if (++looks < CD_LIMIT_WHY_LOOKS) {
                continue;
            }
            break;
        }

        if (json_object_array_length(list) >= CD_LIMIT_WHY_AGENTS) {
            break;
        }

        json_object_array_add(list, why_not(call, conversation, agent));
    }

    *more = agent != NULL;

    return list;
}


enum cd_error
why_get(struct api_call *call)
{
    int                   more = 0;
    struct conversation  *conversation = conversations_find(call);

    if (conversation == NULL) {
        return CD_E_NOT_FOUND;
    }

    if (api_answer(call) == NULL) {
        return api_no_memory(call);
    }

    api_put_text(call->answer, "conv", conversation->id.s);
    api_put_whole(call->answer, "number", conversation->number);
    api_put_text(call->answer, "phase", cd_phase_name(conversation->phase));
    api_put_text(call->answer, "channel",
                 channel_name(conversation->channel));
    api_put(call->answer, "queue", why_queue(call, conversation));

    api_put(call->answer, "skills",
            why_skills(call, needs_of(conversation,
                                           conversation->line != NULL
                                           ? conversation->line
                                           : conversation->queue)));

    if (conversation->counted == COUNTED_STANDING) {
        api_put(call->answer, "line", why_place(call, conversation));
    }

    if (conversation->chosen != NULL) {
        api_put(call->answer, "chosen", why_agent(conversation));
    }

    if (conversation->line != NULL) {
        api_put(call->answer, "agents",
                why_nobody(call, conversation, &more));
        api_put_bool(call->answer, "more", more);
    }

    return CD_E_OK;
}
