/*
 * Conversations and seats; see conversation.h for states and invariants.
 *
 * Purpose:    the two state machines, and the links between the objects.
 * Owner:      the desk.
 * Invariants: every change of a phase or a seat's state goes through
 *             conversation_set_phase() and seat_set_state().
 */

#include "core/conversation.h"

#include <stdlib.h>

#include "core/agent.h"
#include "core/ask.h"
#include "core/figures.h"
#include "core/state.h"
#include "core/visitor.h"


/* The conversation around a node of the index; NULL for NULL. */

static struct conversation *
conversation_of(struct index_node *node)
{
    return node != NULL ? OWNER_OF(node, struct conversation, node) : NULL;
}


int
conversation_order(const struct conversation *a,
    const struct conversation *b)
{
    if (a->number != b->number) {
        return a->number < b->number ? -1 : 1;
    }

    return strcmp(a->id.s, b->id.s);
}


struct conversation *
conversation_new(struct index *conversations, const struct id *id,
    uint64_t number)
{
    struct conversation  *conversation;

    conversation = calloc(1, sizeof(struct conversation));
    if (conversation == NULL) {
        return NULL;
    }

    conversation->id = *id;
    conversation->number = number;
    TAILQ_INIT(&conversation->seats);
    timer_init(&conversation->timer, TIMER_CONVERSATION, conversation->id.s);
    timer_init(&conversation->silence, TIMER_SILENCE, conversation->id.s);
    conversation->priority = FLOW_PRIORITY;

    if (index_add(conversations, &conversation->node, conversation->id.s)
        != 0)
    {
        free(conversation);
        return NULL;
    }

    return conversation;
}


struct conversation *
conversation_find(const struct index *conversations, struct cd_str id)
{
    return conversation_of(index_find(conversations, id));
}


struct conversation *
conversation_first(const struct index *conversations)
{
    return conversation_of(index_first(conversations));
}


struct conversation *
conversation_next(const struct conversation *conversation)
{
    return conversation_of(index_next(&conversation->node));
}


void
conversation_free(struct desk *desk, struct conversation *conversation)
{
    struct seat  *seat;

    queue_remove(conversation);
    ask_free(&conversation->ask);

    figures_forget(desk, conversation);

    if (conversation->dirty) {
        TAILQ_REMOVE(&desk->dirty_conversations, conversation, dirty_link);
    }

    if (conversation->visitor != NULL) {
        visitor_unlink(desk, conversation);
    }

    while ((seat = TAILQ_FIRST(&conversation->seats)) != NULL) {
        seat_free(seat);
    }

    timer_stop(&desk->timers, &conversation->timer);
    timer_stop(&desk->timers, &conversation->silence);
    index_remove(&desk->conversations, &conversation->node);
    free(conversation->name);
    free(conversation->email);
    free(conversation->page);
    free(conversation->title);
    free(conversation->lang);
    free(conversation->preview);
    outcome_free(&conversation->outcome);
    free(conversation->form);
    free(conversation->kind);
    free(conversation->link);
    free(conversation->rule);
    free(conversation->skills);
    free(conversation);
}


int
conversation_set_phase(struct desk *desk, struct conversation *conversation,
    enum cd_phase phase)
{
    enum cd_phase  was = conversation->phase;

    if (!cd_phase_edge(conversation->phase, phase)
        && !(conversation->phase == CD_PHASE_NONE
             && phase == CD_PHASE_WAITING))
    {
        return -1;
    }

    queue_remove(conversation);
    timer_stop(&desk->timers, &conversation->timer);
    conversation->phase = phase;

    if (phase == CD_PHASE_WAITING) {
        queue_insert(conversation->queue, conversation);
        desk_stir(desk, conversation->queue);
    }

    if (phase == CD_PHASE_ACTIVE) {
        conversation->active_at_ms = desk->now_ms;
    }

    figures_note(desk, conversation);
    /* its sides are closed since the wrap-up began */
    conversation_touch(desk, conversation, was == CD_PHASE_WRAPUP
                       ? DIRTY_CARDS : DIRTY_PHASE | DIRTY_CARDS);

    return 0;
}


static void
conversation_dirty(struct desk *desk, struct conversation *conversation,
    unsigned dirty)
{
    if (!conversation->dirty) {
        TAILQ_INSERT_TAIL(&desk->dirty_conversations, conversation,
                          dirty_link);
    }

    conversation->dirty |= dirty;
}


void
conversation_set_queue(struct conversation *conversation,
    struct queue *queue, enum routed routed)
{
    free(conversation->skills);
    conversation->skills = NULL;
    conversation->needs = 0;
    conversation->queue = queue;
    conversation->routed = (uint8_t) routed;
}


void
conversation_touch(struct desk *desk, struct conversation *conversation,
    unsigned dirty)
{
    conversation_dirty(desk, conversation, DIRTY_STORE | dirty);
}


void
conversation_look(struct desk *desk, struct conversation *conversation)
{
    conversation_dirty(desk, conversation, DIRTY_LOOK);
}


struct seat *
seat_find(struct conversation *conversation, const struct agent *agent)
{
    struct seat  *seat;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        if (seat->agent == agent) {
            return seat;
        }
    }

    return NULL;
}


/*
 * Seats only collect by refusals; beyond the bound the oldest one that no
 * inbox shows is forgotten, its agent may then be asked again earlier.
 */

static void
seat_forget_one(struct conversation *conversation)
{
    unsigned      count = 0;
    struct seat  *seat, *oldest = NULL;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        count++;

        if (seat->state == SEAT_NONE && !seat->card_shown && seat->owes == 0
            && (oldest == NULL
                || seat->refused_at_ms < oldest->refused_at_ms))
        {
            oldest = seat;
        }
    }

    if (count >= SEATS_MAX && oldest != NULL) {
        seat_free(oldest);
    }
}


struct seat *
seat_new(struct conversation *conversation, struct agent *agent)
{
    struct seat  *seat;

    seat_forget_one(conversation);

    seat = calloc(1, sizeof(struct seat));
    if (seat == NULL) {
        return NULL;
    }

    seat->state = SEAT_NONE;
    seat->conversation = conversation;
    seat->agent = agent;
    reader_init(&seat->reader, &conversation->record, WRITER_NOBODY);
    TAILQ_INSERT_TAIL(&conversation->seats, seat, link);
    agent_add_seat(agent, seat);

    return seat;
}


void
outcome_free(struct outcome *outcome)
{
    free(outcome->disposition);
    free(outcome->tags);
    free(outcome->note);
    memset(outcome, 0, sizeof(*outcome));
}


void
seat_free(struct seat *seat)
{
    TAILQ_REMOVE(&seat->conversation->seats, seat, link);
    agent_remove_seat(seat->agent, seat);
    free(seat);
}


void
seat_count(struct seat *seat, int by)
{
    struct agent  *agent = seat->agent;

    agent->offered += (unsigned) (by * (seat->state == SEAT_OFFERED));
    agent->active += (unsigned) (by * (seat->state == SEAT_ACTIVE));
    agent->wrapping += (unsigned) (by * (seat->state == SEAT_WRAPUP));
    agent->loads[seat->conversation->channel]
        += (unsigned) (by * seat_loads(seat->state));
}


/* Counted in `me`. */

static int
seat_is_shown(enum seat_state state)
{
    return state == SEAT_ACTIVE || state == SEAT_WRAPUP;
}


/* Into the record: how an offer ended, and whose record it is. */

static void
seat_record(struct desk *desk, const struct seat *seat,
    enum seat_state state)
{
    if (seat->state == SEAT_OFFERED) {
        record_answer(desk, seat->conversation, seat->agent,
                      state == SEAT_ACTIVE ? WHY_ACCEPTED : seat->why);
    }

    if (state == SEAT_ACTIVE) {
        record_open(desk, seat->conversation, seat->agent);
    }
}


int
seat_set_state(struct desk *desk, struct seat *seat, enum seat_state state)
{
    struct agent          *agent = seat->agent;
    static const uint8_t   edges[SEAT_STATES_MAX][SEAT_STATES_MAX] = {
        [SEAT_NONE][SEAT_OFFERED] = 1,
        [SEAT_OFFERED][SEAT_NONE] = 1,
        [SEAT_OFFERED][SEAT_ACTIVE] = 1,
        [SEAT_ACTIVE][SEAT_CLOSED] = 1,
        [SEAT_ACTIVE][SEAT_WRAPUP] = 1,
        [SEAT_ACTIVE][SEAT_NONE] = 1,
        [SEAT_WRAPUP][SEAT_CLOSED] = 1,
        [SEAT_WRAPUP][SEAT_DISMISSED] = 1,
        [SEAT_CLOSED][SEAT_DISMISSED] = 1,
        [SEAT_NONE][SEAT_ACTIVE] = 1,
        [SEAT_NONE][SEAT_OBSERVER] = 1,
        [SEAT_OBSERVER][SEAT_ACTIVE] = 1,
        [SEAT_OBSERVER][SEAT_NONE] = 1
    };

    if (!edges[seat->state][state]) {
        return -1;
    }

    seat_record(desk, seat, state);
    seat_count(seat, -1);

    if (seat_loads(seat->state) && !seat_loads(state)
        && seat->state != SEAT_OFFERED)
    {
        agent->idle_since_ms = desk->now_ms;
    }

    if (seat_is_shown(seat->state) || seat_is_shown(state)) {
        agent_touch(desk, agent, 1);
    }

    seat->state = state;
    seat_count(seat, 1);
    seat->card_dirty = 1;
    conversation_touch(desk, seat->conversation, 0);
    agent_refresh(desk, agent);

    return 0;
}
