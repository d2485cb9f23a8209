/*
 * Seats and unread records, read; see entity_seats.h.
 *
 * Purpose:    the parts of a stored conversation that are lists.
 * Owner:      nothing; what is made belongs to the conversation.
 * Invariants: a conversation's seats fit its phase and its ask, as
 *             conversation.h says.
 */

#include "core/entity_seats.h"

#include "core/ask.h"
#include "core/entity.h"
#include "core/state.h"

#define RECORD_HEAD  3

/* the keys of the first layout's elements, in their order */
static const uint8_t  seat_array[] = {
    SEAT_AGENT, SEAT_STATE, SEAT_REFUSED_AT, SEAT_READ, SEAT_OLDER,
    SEAT_WRITER
};


struct agent *
entity_agent_ref(struct desk *desk, struct cd_str id)
{
    struct agent  *agent;
    struct login   login;

    agent = agent_find(&desk->agents, id);

    if (agent == NULL && login_set(&login, id) == 0) {
        agent = agent_new(&desk->agents, &login);
    }

    return agent;
}


/* A whole number that stands in an array; the error sticks. */

static uint32_t
list_uint(const msgpack_object_array *list, uint32_t i, uint32_t max,
    int *bad)
{
    const msgpack_object  *value = &list->ptr[i];

    if (value->type != MSGPACK_OBJECT_POSITIVE_INTEGER
        || value->via.u64 > max)
    {
        *bad = 1;
        return 0;
    }

    return (uint32_t) value->via.u64;
}


int
entity_load_record(struct fields *fields, struct unread *record)
{
    int                          bad = 0;
    uint32_t                     i, n, before, last;
    const msgpack_object_array  *list = fields_list(fields, CONV_RECORD);

    if (list->size == 0 && !fields->bad) {
        return 0;
    }

    if (list->size < RECORD_HEAD || (list->size - RECORD_HEAD) % 2 != 0
        || list->size > RECORD_HEAD + 2 * UNREAD_RECENT)
    {
        return -1;
    }

    last = list_uint(list, 0, UINT32_MAX, &bad);
    record->fallen = list_uint(list, 1, UINT32_MAX, &bad);
    before = list_uint(list, 2, UINT32_MAX, &bad);
    record->fallen_last = before;
    record->last = before;      /* until a newer one is added */

    for (i = RECORD_HEAD; i < list->size; i += 2) {
        n = list_uint(list, i, UINT32_MAX, &bad);
        if (n <= before) {
            return -1;
        }

        unread_add(record, n, (uint8_t) list_uint(list, i + 1, UINT8_MAX,
                                                  &bad));
        before = n;
    }

    return bad || before != last ? -1 : 0;
}


/* Whether a seat of this state can be in the conversation as it is. */

static int
seat_fits(enum seat_state state, const struct conversation *conversation)
{
    enum cd_phase  phase = conversation->phase;

    switch (state) {
    case SEAT_NONE:
        return 1;
    case SEAT_OFFERED:
        return phase == CD_PHASE_OFFERED
               || (phase == CD_PHASE_ACTIVE && conversation->ask != NULL);
    case SEAT_ACTIVE:
        return phase == CD_PHASE_ACTIVE;
    case SEAT_WRAPUP:
        return phase == CD_PHASE_WRAPUP;
    case SEAT_CLOSED:
    case SEAT_DISMISSED:
        return phase == CD_PHASE_CLOSED || phase == CD_PHASE_WRAPUP;
    case SEAT_OBSERVER:
        return phase != CD_PHASE_CLOSED && phase != CD_PHASE_WRAPUP;
    default:
        return 0;
    }
}


static int
load_seat(struct desk *desk, struct conversation *conversation,
    struct fields *fields)
{
    struct seat     *seat;
    struct agent    *agent;
    enum seat_state  state;

    agent = entity_agent_ref(desk, fields_str(fields, SEAT_AGENT));
    state = (enum seat_state) fields_uint(fields, SEAT_STATE,
                                          SEAT_STATES_MAX - 1, 0);

    if (fields->bad || agent == NULL
        || seat_find(conversation, agent) != NULL
        || !seat_fits(state, conversation)
        || (state == SEAT_OFFERED && conversation->offer != NULL))
    {
        return -1;
    }

    seat = seat_new(conversation, agent);
    if (seat == NULL) {
        return -1;
    }

    seat->state = state;
    seat->refused_at_ms = fields_uint(fields, SEAT_REFUSED_AT, UINT64_MAX,
                                      0);
    seat->reader.read = (uint32_t) fields_uint(fields, SEAT_READ, UINT32_MAX,
                                               0);
    seat->reader.older = (uint32_t) fields_uint(fields, SEAT_OLDER,
                                                UINT32_MAX, 0);
    seat->reader.writer = (uint8_t) fields_uint(fields, SEAT_WRITER,
                                                UINT8_MAX, WRITER_NOBODY);
    seat->owes = fields_uint(fields, SEAT_OWES, UINT64_MAX, 0);
    seat->card_shown = seat_has_card(seat);
    seat_count(seat, 1);

    if (state == SEAT_OFFERED) {
        conversation->offer = seat;
    }

    return fields->bad ? -1 : 0;
}


/* Invariants 2, 3 and 6 of conversation.h, of the seats as a whole. */

static int
load_holds(const struct conversation *conversation)
{
    const struct seat  *seat;
    unsigned            counts[SEAT_STATES_MAX] = { 0 };
    const struct ask   *ask = conversation->ask;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        counts[seat->state]++;
    }

    if ((conversation->phase == CD_PHASE_ACTIVE) != (counts[SEAT_ACTIVE] > 0)
        || (conversation->phase == CD_PHASE_WRAPUP)
           != (counts[SEAT_WRAPUP] > 0)
        || (conversation->phase == CD_PHASE_OFFERED
            && conversation->offer == NULL))
    {
        return 0;
    }

    if (ask == NULL) {
        return 1;
    }

    seat = seat_find((struct conversation *) conversation, ask->source);

    return seat != NULL && seat->state == SEAT_ACTIVE
           && (ask->queue != NULL || conversation->offer != NULL);
}


int
entity_load_seats(struct desk *desk, struct conversation *conversation,
    struct fields *fields)
{
    int                          rc;
    uint32_t                     i;
    struct fields                seat;
    const msgpack_object        *object;
    const msgpack_object_array  *list = fields_list(fields, CONV_SEATS);

    if (list->size > SEATS_MAX) {
        return -1;
    }

    for (i = 0; i < list->size; i++) {
        object = &list->ptr[i];
        rc = object->type == MSGPACK_OBJECT_ARRAY
             ? fields_array(&seat, object, seat_array, sizeof(seat_array))
             : fields_map(&seat, object);

        if (rc != 0 || load_seat(desk, conversation, &seat) != 0) {
            return -1;
        }
    }

    return load_holds(conversation) ? 0 : -1;
}
