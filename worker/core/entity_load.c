/*
 * Entities, read; see entity.h for the layouts.
 *
 * Purpose:    objects of the desk from blobs that may be anything.
 * Owner:      nothing; what is made belongs to the desk.
 * Invariants: nothing is unpacked before cd_wire_scan() has bounded it; every
 *             element is checked for its type and bounds, and a conversation's
 *             seats for the invariants of conversation.h.
 */

#include "core/entity.h"

#include "core/state.h"
#include "core/text.h"

#define TEXT_MAX_POINTS  2000


/* Reading: one element after the other; the error sticks. */

struct blob {
    const msgpack_object  *next;        /* borrows */
    size_t                 left;
    int                    bad;
};


static uint64_t
blob_uint(struct blob *blob, uint64_t max)
{
    const msgpack_object  *object = blob->next;

    if (blob->left == 0 || object->type != MSGPACK_OBJECT_POSITIVE_INTEGER
        || object->via.u64 > max)
    {
        blob->bad = 1;
        blob->left = 0;
        return 0;
    }

    blob->next++;
    blob->left--;

    return object->via.u64;
}


static struct cd_str
blob_str(struct blob *blob)
{
    struct cd_str          str = { "", 0 };
    const msgpack_object  *object = blob->next;

    if (blob->left == 0 || object->type != MSGPACK_OBJECT_STR) {
        blob->bad = 1;
        blob->left = 0;
        return str;
    }

    blob->next++;
    blob->left--;
    str.data = object->via.str.ptr;
    str.len = object->via.str.size;

    return str;
}


static struct blob
blob_array(struct blob *blob)
{
    struct blob            inner = { NULL, 0, 0 };
    const msgpack_object  *object = blob->next;

    if (blob->left == 0 || object->type != MSGPACK_OBJECT_ARRAY) {
        blob->bad = 1;
        blob->left = 0;
        inner.bad = 1;
        return inner;
    }

    blob->next++;
    blob->left--;
    inner.next = object->via.array.ptr;
    inner.left = object->via.array.size;

    return inner;
}


static int
load_record(struct blob *blob, struct unread *record)
{
    uint32_t     n, before, last, fallen;
    struct blob  inner = blob_array(blob);

    last = (uint32_t) blob_uint(&inner, UINT32_MAX);
    fallen = (uint32_t) blob_uint(&inner, UINT32_MAX);
    before = (uint32_t) blob_uint(&inner, UINT32_MAX);

    if (inner.bad || inner.left > 2 * UNREAD_RECENT) {
        return -1;
    }

    record->fallen = fallen;
    record->fallen_last = before;

    while (inner.left > 0) {
        n = (uint32_t) blob_uint(&inner, UINT32_MAX);
        if (n <= before) {
            return -1;
        }

        unread_add(record, n, (uint8_t) blob_uint(&inner, UINT8_MAX));
        before = n;
    }

    return inner.bad || before != last ? -1 : 0;
}


static int
load_text(struct blob *blob, char **slot)
{
    struct cd_str  text = blob_str(blob);

    return blob->bad ? -1 : text_set(slot, text, TEXT_MAX_POINTS);
}


/* Whether a seat of this state can be in a conversation of this phase. */

static int
seat_fits(enum seat_state state, enum cd_phase phase)
{
    switch (state) {
    case SEAT_NONE:
        return 1;
    case SEAT_OFFERED:
        return phase == CD_PHASE_OFFERED;
    case SEAT_ACTIVE:
        return phase == CD_PHASE_ACTIVE;
    case SEAT_CLOSED:
    case SEAT_DISMISSED:
        return phase == CD_PHASE_CLOSED;
    default:
        return 0;
    }
}


static struct agent *
load_agent_ref(struct desk *desk, struct cd_str id)
{
    struct agent  *agent;
    struct login   login;

    agent = agent_find(&desk->agents, id);

    if (agent == NULL && login_set(&login, id) == 0) {
        agent = agent_new(&desk->agents, &login);
    }

    return agent;
}


static int
load_seat(struct desk *desk, struct conversation *conversation,
    struct blob *blob)
{
    struct blob      inner = blob_array(blob);
    struct seat     *seat;
    struct agent    *agent = load_agent_ref(desk, blob_str(&inner));
    enum seat_state  state;

    state = (enum seat_state) blob_uint(&inner, SEAT_STATES_MAX - 1);

    if (inner.bad || agent == NULL || seat_find(conversation, agent) != NULL
        || !seat_fits(state, conversation->phase)
        || (state == SEAT_OFFERED && conversation->offer != NULL))
    {
        return -1;
    }

    seat = seat_new(conversation, agent);
    if (seat == NULL) {
        return -1;
    }

    seat->state = state;
    seat->refused_at_ms = blob_uint(&inner, UINT64_MAX);
    seat->reader.read = (uint32_t) blob_uint(&inner, UINT32_MAX);
    seat->reader.older = (uint32_t) blob_uint(&inner, UINT32_MAX);
    seat->reader.writer = (uint8_t) blob_uint(&inner, UINT8_MAX);
    seat->card_shown = seat_has_card(seat);
    agent->offered += state == SEAT_OFFERED;
    agent->active += state == SEAT_ACTIVE;

    if (state == SEAT_OFFERED) {
        conversation->offer = seat;
    }

    return inner.bad || inner.left > 0 ? -1 : 0;
}


static int
load_seats(struct desk *desk, struct conversation *conversation,
    struct blob *blob)
{
    struct blob  inner = blob_array(blob);

    if (inner.left > SEATS_MAX) {
        return -1;
    }

    while (inner.left > 0) {
        if (load_seat(desk, conversation, &inner) != 0) {
            return -1;
        }
    }

    return inner.bad
           || (conversation->phase == CD_PHASE_OFFERED)
              != (conversation->offer != NULL) ? -1 : 0;
}


/* The queue may have gone from the settings. */

static void
load_queue(struct desk *desk, struct conversation *conversation,
    struct cd_str id)
{
    conversation->queue = queue_named(&desk->queues, id);

    if (conversation->queue == NULL) {
        conversation->queue = desk->default_queue;
        conversation_touch(desk, conversation,
                           conversation->phase == CD_PHASE_CLOSED
                           ? DIRTY_CARDS : DIRTY_CARDS | DIRTY_PHASE);
    }
}


static int
load_visitor(struct desk *desk, struct conversation *conversation,
    struct cd_str who)
{
    struct id        id;
    struct visitor  *visitor;

    if (id_set(&id, who) != 0
        || (visitor = visitor_get(desk, &id)) == NULL)
    {
        return -1;
    }

    visitor_link(visitor, conversation);

    return 0;
}


static int
load_texts(struct conversation *conversation, struct blob *blob)
{
    return load_text(blob, &conversation->name) != 0
           || load_text(blob, &conversation->email) != 0
           || load_text(blob, &conversation->page) != 0
           || load_text(blob, &conversation->title) != 0
           || load_text(blob, &conversation->lang) != 0
           || load_text(blob, &conversation->preview) != 0 ? -1 : 0;
}


static int
load_fields(struct desk *desk, struct conversation *conversation,
    struct blob *blob)
{
    uint64_t         timer, present, grace;
    enum cd_phase    phase;
    struct cd_str    who = blob_str(blob), queue = blob_str(blob);
    struct visitor  *visitor;

    phase = (enum cd_phase) blob_uint(blob, CD_PHASES_MAX - 1);

    if (phase == CD_PHASE_NONE || load_visitor(desk, conversation, who) != 0)
    {
        return -1;
    }

    visitor = conversation->visitor;
    conversation->phase = phase;
    load_queue(desk, conversation, queue);

    if (phase == CD_PHASE_WAITING) {
        queue_insert(conversation->queue, conversation);
    }

    conversation->closed_by = (enum role) blob_uint(blob, ROLE_SYSTEM);
    conversation->since_ms = blob_uint(blob, UINT64_MAX);
    timer = blob_uint(blob, UINT64_MAX);
    conversation->accept_ms = blob_uint(blob, UINT64_MAX);
    conversation->client_at_ms = blob_uint(blob, UINT64_MAX);
    conversation->reply_at_ms = blob_uint(blob, UINT64_MAX);
    present = blob_uint(blob, 1);
    grace = blob_uint(blob, UINT64_MAX);
    conversation->writers = (uint8_t) blob_uint(blob, WRITER_AGENTS);
    timer_set(&desk->timers, &conversation->timer, timer);
    visitor->present |= present != 0;

    if (grace > visitor->grace.at_ms) {
        timer_set(&desk->timers, &visitor->grace, grace);
    }

    return blob->bad || load_texts(conversation, blob) != 0
           || load_record(blob, &conversation->record) != 0
           || load_seats(desk, conversation, blob) != 0 ? -1 : 0;
}


static int
load_conversation(struct desk *desk, const char *key, struct blob *blob)
{
    struct id             id;
    uint64_t              number = blob_uint(blob, UINT64_MAX - 1);
    struct conversation  *conversation;

    if (blob->bad || number == 0 || id_set(&id, str_of(key)) != 0
        || conversation_find(&desk->conversations, str_of(key)) != NULL)
    {
        return -1;
    }

    conversation = conversation_new(&desk->conversations, &id, number);
    if (conversation == NULL) {
        return -1;
    }

    if (load_fields(desk, conversation, blob) != 0) {
        conversation_free(desk, conversation);
        return -1;
    }

    conversation->stored = 1;

    if (number >= desk->next_number) {
        desk->next_number = number + 1;
    }

    return 0;
}


static int
load_agent(struct desk *desk, const char *key, struct blob *blob)
{
    unsigned        capacity;
    uint64_t        state, grace;
    const char     *name, *queues;
    struct agent   *agent = load_agent_ref(desk, str_of(key));
    struct cd_str   shown_name, shown_queues;

    state = blob_uint(blob, CD_PRESENCES_MAX - 1);

    if (agent == NULL || agent->loaded || state == CD_PRESENCE_NONE
        || state == CD_PRESENCE_OFFLINE)
    {
        return -1;
    }

    agent->loaded = 1;
    agent->state = (enum cd_presence) state;
    agent->idle_since_ms = blob_uint(blob, UINT64_MAX);
    agent->present = blob_uint(blob, 1) != 0;
    grace = blob_uint(blob, UINT64_MAX);
    timer_set(&desk->timers, &agent->grace, grace);

    entity_shown(agent, &capacity, &name, &queues);

    if (blob_uint(blob, UINT32_MAX) != capacity) {
        agent_touch(desk, agent, 1);
    }

    shown_name = blob_str(blob);
    shown_queues = blob_str(blob);

    if (!cd_str_is(shown_name, name) || !cd_str_is(shown_queues, queues)) {
        agent_touch(desk, agent, 1);
    }

    return 0;
}


static int
load_desk(struct desk *desk, const char *key, struct blob *blob)
{
    uint64_t  number = blob_uint(blob, UINT64_MAX - 1);

    if (blob->bad || strcmp(key, ENTITY_DESK) != 0) {
        return -1;
    }

    if (number > desk->next_number) {
        desk->next_number = number;
    }

    return 0;
}


static int
entity_load_object(struct desk *desk, const char *kind, const char *key,
    const msgpack_object *object, const char **why)
{
    int          rc;
    struct blob  blob;

    if (object->type != MSGPACK_OBJECT_ARRAY) {
        *why = "an entity is not an array";
        return -1;
    }

    blob.next = object->via.array.ptr;
    blob.left = object->via.array.size;
    blob.bad = 0;

    if (blob_uint(&blob, UINT32_MAX) != ENTITY_VERSION) {
        *why = "an entity was written by another version of the worker";
        return -1;
    }

    if (strcmp(kind, ENTITY_CONV) == 0) {
        *why = "a stored conversation does not hold, or memory ran out";
        rc = load_conversation(desk, key, &blob);

    } else if (strcmp(kind, ENTITY_AGENT) == 0) {
        *why = "a stored agent does not hold, or memory ran out";
        rc = load_agent(desk, key, &blob);

    } else if (strcmp(kind, ENTITY_DESK) == 0) {
        *why = "the stored counters do not hold";
        rc = load_desk(desk, key, &blob);

    } else {
        *why = "an entity is of an unknown kind";
        return -1;
    }

    return rc != 0 || blob.bad || blob.left > 0 ? -1 : 0;
}


int
entity_load(struct desk *desk, const char *kind, const char *key,
    const void *blob, size_t len, const char **why)
{
    int               rc;
    size_t            offset = 0;
    msgpack_unpacked  result;

    if (cd_wire_scan(blob, len) != 0) {
        *why = "an entity is not MessagePack";
        return -1;
    }

    msgpack_unpacked_init(&result);

    if (msgpack_unpack_next(&result, blob, len, &offset)
        != MSGPACK_UNPACK_SUCCESS)
    {
        *why = "an entity cannot be unpacked";
        rc = -1;

    } else {
        rc = entity_load_object(desk, kind, key, &result.data, why);
    }

    msgpack_unpacked_destroy(&result);

    return rc;
}
