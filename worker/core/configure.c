/*
 * Settings, for a new desk and for one that runs; see configure.h.
 *
 *   prepare (new objects, checked) --> take: objects of the same id take the
 *   new contents over, others come or go --> agents are looked at again
 *
 * Purpose:    a change of settings without loading the desk anew.
 * Owner:      a plan owns what was prepared until it is taken.
 * Invariants: nothing of the desk is touched before all of the settings
 *             hold.  Queues and profiles are told apart by id, so that
 *             conversations, offers and agents keep theirs; conversations of
 *             a queue that is gone go to the default queue and keep their
 *             place by arrival.
 */

#include "core/configure.h"

#include <stdlib.h>

#include "core/ask.h"
#include "core/crew.h"
#include "core/flow_desk.h"
#include "core/needs.h"
#include "core/offer.h"
#include "core/presence.h"
#include "core/presences.h"
#include "core/state.h"
#include "core/text.h"

#define PRIORITY_MAX     9
#define NAME_MAX_POINTS  80

static const struct policy  default_policy = POLICY_DEFAULT;

struct plan {
    struct skills         skills;
    struct queues         queues;
    struct profiles       profiles;
    struct flow_plan      flows;
    struct attributes     attributes;
    struct hooks          hooks;
    struct own_presence  *presences;    /* owns; the desk's old ones */
    size_t                presence_count;
    char                 *presences_text;
};


/* The desk's presence states and those that the plan has, exchanged. */

static void
plan_exchange(struct desk *desk, struct plan *plan)
{
    struct plan  old = *plan;

    plan->presences = desk->presences;
    plan->presence_count = desk->presence_count;
    plan->presences_text = desk->presences_text;
    desk->presences = old.presences;
    desk->presence_count = old.presence_count;
    desk->presences_text = old.presences_text;
}


/* The desk has the new states, the plan the old ones; -1: as before. */

static int
plan_presences(struct desk *desk, struct plan *plan,
    const struct desk_settings *settings, const char **why)
{
    plan_exchange(desk, plan);

    return presences_configure(desk, settings, why);
}


/* Frees what the plan has. */

static void
plan_free(struct desk *desk, struct plan *plan)
{
    plan_exchange(desk, plan);
    presences_free(desk);
    plan_exchange(desk, plan);
    attributes_free(&plan->attributes);
    flows_plan_free(&plan->flows);
    hooks_free(&plan->hooks);
    profiles_free(&plan->profiles);
    queues_free(&plan->queues);
}


static int
plan_queues(struct plan *plan, const struct desk_settings *settings,
    const char **why)
{
    size_t                        i;
    const struct queue_settings  *queue;

    for (i = 0; i < settings->queue_count; i++) {
        queue = &settings->queues[i];

        if (queue->priority < 1 || queue->priority > PRIORITY_MAX) {
            *why = "a queue's priority is not 1 to 9";
            return -1;
        }

        if (queue->accept_ms < 1
            || queue->accept_ms > cd_field_row(CD_F_ACCEPT_MS)->max)
        {
            *why = "a queue's accept time limit is not 1 ms to 1 h";
            return -1;
        }

        if (queue_new(&plan->queues, &plan->skills, queue) == NULL) {
            *why = "a queue's id or name is not valid or used twice, or the id "
                   "of one of its dispositions is";
            return -1;
        }
    }

    if (queue_find(&plan->queues, settings->default_queue) == NULL) {
        *why = "the default queue is not one of the queues";
        return -1;
    }

    return 0;
}


static int
plan_profiles(struct plan *plan, const struct desk_settings *settings,
    const char **why)
{
    size_t                          i;
    const struct profile_settings  *profile;

    for (i = 0; i < settings->profile_count; i++) {
        profile = &settings->profiles[i];

        if (profile->capacity > cd_field_row(CD_F_CAPACITY)->max) {
            *why = "a profile's capacity is over 1000";
            return -1;
        }

        if (profile_new(&plan->profiles, &plan->queues, profile) == NULL) {
            *why = "a profile's id is not valid or used twice, or it names "
                   "a queue twice or one that there is not, or more queues "
                   "than can be told, or a button that there is not";
            return -1;
        }
    }

    return 0;
}


static int
compare_ids(const void *a, const void *b)
{
    const struct agent_settings *const  *one = a;
    const struct agent_settings *const  *other = b;

    return strcmp((*one)->id, (*other)->id);
}


/* Whether two agents have one login; -1 for memory. */

static int
agents_doubled(const struct desk_settings *settings)
{
    size_t                          i;
    int                             doubled = 0;
    const struct agent_settings   **sorted;

    sorted = malloc((settings->agent_count + 1) * sizeof(*sorted));
    if (sorted == NULL) {
        return -1;
    }

    for (i = 0; i < settings->agent_count; i++) {
        sorted[i] = &settings->agents[i];
    }

    qsort(sorted, settings->agent_count, sizeof(*sorted), compare_ids);

    for (i = 1; i < settings->agent_count; i++) {
        doubled |= strcmp(sorted[i - 1]->id, sorted[i]->id) == 0;
    }

    free(sorted);

    return doubled;
}


static int
plan_agents(struct plan *plan, const struct desk_settings *settings,
    const char **why)
{
    size_t                        i;
    int                           doubled = agents_doubled(settings);
    struct login                  id;
    const struct agent_settings  *agent;

    if (doubled < 0) {
        *why = "out of memory";
        return -1;
    }

    for (i = 0; i < settings->agent_count; i++) {
        agent = &settings->agents[i];

        if (doubled || login_set(&id, str_of(agent->id)) != 0) {
            *why = "an agent's login is not valid or used twice";
            return -1;
        }

        if (agent->name[0] == '\0' || agent->role[0] == '\0'
            || profile_find(&plan->profiles, agent->profile) == NULL)
        {
            *why = "an agent has no name, no role or no profile that there "
                   "is";
            return -1;
        }
    }

    return 0;
}


static int
plan_attributes(struct plan *plan, const struct desk_settings *settings,
    const char **why)
{
    if (attributes_set(&plan->attributes, settings->attributes,
                       settings->attribute_count)
        != 0)
    {
        *why = "there are too many attributes, one is there twice, or memory "
               "ran out";
        return -1;
    }

    return 0;
}


/* -- taking over; memory that runs out here fails the desk -- */

/* One whose queue is gone goes to the default queue; an ask of such a queue
   ends. */

static void
take_home(struct desk *desk, struct conversation *conversation)
{
    struct queue  *line = conversation->line;

    if (conversation->ask != NULL && conversation->ask->queue != NULL
        && conversation->ask->queue->gone)
    {
        ask_cancel(desk, conversation);
    }

    if (!conversation->queue->gone) {
        return;
    }

    if (line != NULL && line == conversation->queue) {
        queue_remove(conversation);
        queue_insert(desk->default_queue, conversation);
        desk_stir(desk, desk->default_queue);
    }

    conversation_set_queue(conversation, desk->default_queue,
                           ROUTED_BY_DESK);
    conversation_touch(desk, conversation, DIRTY_PHASE | DIRTY_CARDS);
}


static void
take_homeless(struct desk *desk)
{
    struct queue         *queue;
    struct conversation  *conversation;

    if (!queues_any_gone(&desk->queues)) {
        return;
    }

    for (conversation = conversation_first(&desk->conversations);
         conversation != NULL;
         conversation = conversation_next(conversation))
    {
        take_home(desk, conversation);
        figures_note(desk, conversation);
    }

    for (queue = queues_first(&desk->queues); queue != NULL;
         queue = queues_next(queue))
    {
        if (queue->gone) {
            figures_close(desk, &queue->figures);
        }
    }

    queues_drop_gone(&desk->queues);
}


static void
take_text(struct desk *desk, char **slot, const char *text, int *changed)
{
    if (*slot != NULL && strcmp(*slot, text) == 0) {
        return;
    }

    *changed = 1;

    if (text_set(slot, str_of(text), NAME_MAX_POINTS) != 0) {
        desk_fail(desk);
    }
}


/* What is narrower than before may take back what stands. */

static void
take_policy(struct desk *desk, struct agent *agent,
    const struct notify_settings *profile, const struct notify_settings *own)
{
    struct policy  policy = desk->policy;

    policy_narrow(&policy, profile);
    policy_narrow(&policy, own);
    agent->policy_changed = policy.on != agent->policy.on
                            || policy.interval_ms
                               != agent->policy.interval_ms;
    agent->policy = policy;
}


static void
take_agent(struct desk *desk, const struct agent_settings *settings)
{
    struct login     id;
    struct agent    *agent = agent_find(&desk->agents, str_of(settings->id));
    struct profile  *profile;

    if (agent == NULL && login_set(&id, str_of(settings->id)) == 0) {
        agent = agent_new(&desk->agents, &id);
    }

    if (agent == NULL) {
        desk_fail(desk);
        return;
    }

    profile = profile_find(&desk->profiles, settings->profile);
    agent->changed = profile != agent->profile || profile->changed;
    crew_join(desk, agent, profile, &settings->skills);
    take_text(desk, &agent->name, settings->name, &agent->changed);
    take_text(desk, &agent->role, settings->role, &agent->changed);
    agent->rank = rank_of(settings->role);
    take_policy(desk, agent, &profile->notify, &settings->notify);
    agent->listed = 1;
}


/* One that is in the settings no more; what it holds is its own until its
   sessions have gone. */

static void
take_leave(struct agent *agent)
{
    agent->changed = agent->profile != NULL;
    agent->profile = NULL;
    agent->crew = NULL;
    free(agent->name);
    free(agent->role);
    agent->name = NULL;
    agent->role = NULL;
}


static void
take_agents(struct desk *desk, const struct desk_settings *settings)
{
    size_t         i;
    struct agent  *agent;

    for (agent = agent_first(&desk->agents); agent != NULL;
         agent = agent_next(agent))
    {
        agent->listed = 0;
    }

    for (i = 0; i < settings->agent_count; i++) {
        take_agent(desk, &settings->agents[i]);
    }

    for (agent = agent_first(&desk->agents); agent != NULL;
         agent = agent_next(agent))
    {
        if (!agent->listed) {
            take_leave(agent);
        }
    }
}


/* Agents point into the list of states. */

static void
take_states(struct desk *desk, const struct plan *plan)
{
    int            differ;
    unsigned       takes;
    struct cd_str  id;
    struct agent  *agent;

    differ = plan->presences_text == NULL
             || strcmp(plan->presences_text, desk->presences_text) != 0;

    for (agent = agent_first(&desk->agents); agent != NULL;
         agent = agent_next(agent))
    {
        agent->changed |= differ;

        if (agent->own != NULL) {
            takes = agent->own->takes;
            id = str_of(agent->own->id.s);
            agent->changed |= presences_find(desk, agent, id) != 0
                              || agent->own->takes != takes;
        }
    }
}


/* Whether the agent may still be offered this: who is asked by name, as long
   as there is a profile that has the channel. */

static int
take_serves(const struct agent *agent, const struct seat *seat)
{
    size_t               i;
    const struct ask    *ask = seat->conversation->ask;
    const struct queue  *queue = ask != NULL ? ask->queue
                                             : seat->conversation->queue;

    if (agent->profile == NULL
        || !(agent_takes(agent) & (1u << seat->conversation->channel)))
    {
        return 0;
    }

    if (queue == NULL) {
        return 1;
    }

    if (!crew_has(agent->crew, needs_of(seat->conversation, queue))) {
        return 0;
    }

    for (i = 0; i < agent->profile->queue_count; i++) {
        if (agent->profile->queues[i] == queue) {
            return 1;
        }
    }

    return 0;
}


/* What follows for one agent: what its inbox shows, its offers, its place among
   the free. */

static void
take_effect(struct desk *desk, struct agent *agent)
{
    struct seat  *seat, *next;

    if (agent->changed && agent->sessions > 0) {
        presence_idles(desk, agent);
    }

    if (agent->changed && (agent->present || agent->sessions > 0)) {
        presence_show(desk, agent);

    } else if (agent->changed && agent->loaded) {
        agent_touch(desk, agent, 1);
    }

    for (seat = agent_first_seat(agent); seat != NULL; seat = next) {
        next = agent_next_seat(seat);

        if (seat->state == SEAT_OFFERED && !take_serves(agent, seat)) {
            offer_take_back(desk, seat->conversation, WHY_WITHDRAWN);
        }
    }

    agent->changed = 0;
    agent_refresh(desk, agent);
}


void
presence_joined(struct desk *desk, struct agent *agent)
{
    if (agent->sessions == 0 && !agent->present && agent->grace.at_ms == 0) {
        timer_set(&desk->timers, &agent->grace,
                  desk->now_ms + desk->grace_ms);
        agent_touch(desk, agent, 0);
    }
}


/* The checked settings become the desk's. */

static void
configure_take(struct desk *desk, const struct desk_settings *settings,
    struct plan *plan)
{
    int                renamed = 0;
    struct agent      *agent;
    struct attributes  attributes = desk->attributes;

    crews_break_up(desk);
    desk->skills = plan->skills;
    desk->attributes = plan->attributes;
    plan->attributes = attributes;
    take_text(desk, &desk->name, settings->name, &renamed);
    desk->policy = default_policy;
    policy_narrow(&desk->policy, &settings->notify);
    desk->grace_ms = settings->grace_ms;
    queues_merge(&desk->queues, &plan->queues);
    profiles_merge(&desk->profiles, &plan->profiles);
    desk->default_queue = queue_find(&desk->queues, settings->default_queue);
    flows_take(desk, &plan->flows);
    hooks_take(desk, &plan->hooks);
    take_agents(desk, settings);
    take_states(desk, plan);
    take_homeless(desk);
    needs_anew(desk);
    profiles_drop_gone(&desk->profiles);

    for (agent = agent_first(&desk->agents); agent != NULL;
         agent = agent_next(agent))
    {
        take_effect(desk, agent);
    }
}


int
configure(struct desk *desk, const struct desk_settings *settings,
    const char **why)
{
    int          rc;
    struct plan  plan;

    memset(&plan, 0, sizeof(plan));
    rc = plan_presences(desk, &plan, settings, why);

    if (rc != 0 || skills_plan(&plan.skills, settings, why) != 0
        || plan_queues(&plan, settings, why) != 0
        || plan_profiles(&plan, settings, why) != 0
        || flows_plan(&plan.flows, &plan.queues, settings, why) != 0
        || plan_attributes(&plan, settings, why) != 0
        || hooks_plan(&plan.hooks, settings, why) != 0
        || plan_agents(&plan, settings, why) != 0)
    {
        plan_exchange(desk, &plan);
        plan_free(desk, &plan);
        return -1;
    }

    configure_take(desk, settings, &plan);
    plan_free(desk, &plan);

    if (desk->failed) {
        *why = "out of memory";
        return -1;
    }

    return 0;
}
