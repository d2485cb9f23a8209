/*
 * Entities, read; see entity.h for the keys.
 *
 * Purpose:    objects of the desk from blobs that may be anything.
 * Owner:      nothing; what is made belongs to the desk.
 * Invariants: nothing is unpacked before cd_wire_scan() has bounded it; every
 *             value is checked for its type and bounds.
 */

#include "core/entity.h"

#include <stdlib.h>

#include "core/ask.h"
#include "core/entity_map.h"
#include "core/entity_route.h"
#include "core/entity_seats.h"
#include "core/notify_entity.h"
#include "core/flow_desk.h"
#include "core/presence.h"
#include "core/presences.h"
#include "core/silence.h"
#include "core/state.h"
#include "core/text.h"

#define TEXT_MAX_POINTS  2000
#define ZONE_BYTES       8192    /* grows for an entity that needs more */


/* The keys of the first layout's elements, in their order. */

static const uint8_t  conv_array[] = {
    0, CONV_NUMBER, CONV_VISITOR, CONV_QUEUE, CONV_PHASE, CONV_CLOSED_BY,
    CONV_SINCE, CONV_TIMER, CONV_ACCEPT_MS, CONV_CLIENT_AT, CONV_REPLY_AT,
    CONV_PRESENT, CONV_GRACE, CONV_WRITERS, CONV_NAME, CONV_EMAIL, CONV_PAGE,
    CONV_TITLE, CONV_LANG, CONV_PREVIEW, CONV_RECORD, CONV_SEATS
};
static const uint8_t  agent_array[] = {
    0, AGENT_STATE, AGENT_IDLE_SINCE, AGENT_PRESENT, AGENT_GRACE,
    AGENT_CAPACITY, AGENT_PROFILE, AGENT_QUEUES
};
static const uint8_t  desk_array[] = { 0, DESK_NUMBER };


static int
load_text(struct fields *fields, unsigned key, char **slot)
{
    return text_set(slot, fields_str(fields, key), TEXT_MAX_POINTS);
}


/* An ask of a queue that has gone from the settings goes to the default. */

static int
load_ask(struct desk *desk, struct conversation *conversation,
    struct fields *fields)
{
    uint64_t    kind = fields_uint(fields, CONV_ASK, ASK_KINDS_MAX - 1, 0);
    struct ask *ask;

    if (kind == 0) {
        return 0;
    }

    ask = calloc(1, sizeof(struct ask));
    if (ask == NULL || conversation->phase != CD_PHASE_ACTIVE) {
        free(ask);
        return -1;
    }

    conversation->ask = ask;
    ask->kind = (enum ask_kind) kind;
    ask->until_ms = fields_uint(fields, CONV_ASK_UNTIL, UINT64_MAX, 0);
    ask->source = entity_agent_ref(desk, fields_str(fields, CONV_ASK_SOURCE));

    if (fields->value[CONV_ASK_TARGET] != NULL) {
        ask->target = entity_agent_ref(desk, fields_str(fields,
                                                      CONV_ASK_TARGET));
    } else {
        ask->queue = queue_named(&desk->queues,
                                 fields_str(fields, CONV_ASK_QUEUE));
        ask->queue = ask->queue != NULL ? ask->queue : desk->default_queue;
    }

    return ask->source == NULL || ask->until_ms == 0
           || (ask->target == NULL && ask->queue == NULL)
           || load_text(fields, CONV_ASK_NOTE, &ask->note) != 0 ? -1 : 0;
}


/* The queue may have gone from the settings. */

static void
load_queue(struct desk *desk, struct conversation *conversation,
    struct cd_str id)
{
    conversation->queue = queue_named(&desk->queues, id);

    if (conversation->queue == NULL) {
        conversation_set_queue(conversation, desk->default_queue,
                               ROUTED_BY_DESK);
        conversation_touch(desk, conversation,
                           conversation_is_over(conversation)
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
load_texts(struct conversation *conversation, struct fields *fields)
{
    return load_text(fields, CONV_NAME, &conversation->name) != 0
           || load_text(fields, CONV_EMAIL, &conversation->email) != 0
           || load_text(fields, CONV_PAGE, &conversation->page) != 0
           || load_text(fields, CONV_TITLE, &conversation->title) != 0
           || load_text(fields, CONV_LANG, &conversation->lang) != 0
           || load_text(fields, CONV_PREVIEW, &conversation->preview) != 0
           || load_text(fields, CONV_TAGS, &conversation->outcome.tags) != 0
           || load_text(fields, CONV_NOTE, &conversation->outcome.note) != 0
           || load_text(fields, CONV_DISPOSITION,
                        &conversation->outcome.disposition)
              != 0
           ? -1 : 0;
}


static void
load_counts(struct counts *counts, struct fields *fields)
{
    counts->visitor = (uint32_t) fields_uint(fields, CONV_FROM_VISITOR,
                                             UINT32_MAX, 0);
    counts->agents = (uint32_t) fields_uint(fields, CONV_FROM_AGENTS,
                                            UINT32_MAX, 0);
    counts->notes = (uint32_t) fields_uint(fields, CONV_NOTES, UINT32_MAX,
                                           0);
    counts->menus = (uint32_t) fields_uint(fields, CONV_MENUS, UINT32_MAX,
                                           0);
    counts->picks = (uint32_t) fields_uint(fields, CONV_PICKS, UINT32_MAX,
                                           0);
}


/* Times, and the visitor's presence. */

static void
load_times(struct desk *desk, struct conversation *conversation,
    struct fields *fields)
{
    uint64_t         grace;
    struct visitor  *visitor = conversation->visitor;

    conversation->since_ms = fields_uint(fields, CONV_SINCE, UINT64_MAX, 0);
    conversation->accept_ms = fields_uint(fields, CONV_ACCEPT_MS, UINT64_MAX,
                                          0);
    conversation->client_at_ms = fields_uint(fields, CONV_CLIENT_AT,
                                             UINT64_MAX, 0);
    conversation->reply_at_ms = fields_uint(fields, CONV_REPLY_AT,
                                            UINT64_MAX, 0);
    conversation->ended_at_ms = fields_uint(fields, CONV_ENDED_AT,
                                            UINT64_MAX, 0);
    timer_set(&desk->timers, &conversation->timer,
              fields_uint(fields, CONV_TIMER, UINT64_MAX, 0));

    if (conversation->phase == CD_PHASE_WAITING
        || conversation->phase == CD_PHASE_OFFERED)
    {
        conversation->queued_at_ms = fields_uint(fields, CONV_QUEUED_AT,
                                                 UINT64_MAX,
                                                 conversation->since_ms);
    }

    visitor->present |= fields_uint(fields, CONV_PRESENT, 1, 0) != 0;
    grace = fields_uint(fields, CONV_GRACE, UINT64_MAX, 0);

    if (grace > visitor->grace.at_ms) {
        timer_set(&desk->timers, &visitor->grace, grace);
    }
}


static int
load_flow(struct desk *desk, struct conversation *conversation,
    struct fields *fields)
{
    conversation->flow = flows_of(desk, fields_str(fields, CONV_FLOW));
    conversation->priority = (uint8_t) fields_uint(fields, CONV_PRIORITY,
                                                   FLOW_PRIORITY_MAX,
                                                   FLOW_PRIORITY);
    conversation->offline = (uint8_t) fields_uint(fields, CONV_OFFLINE, 1, 0);
    conversation->absent_at_ms = fields_uint(fields, CONV_ABSENT_AT,
                                             UINT64_MAX, 0);
    conversation->reopens = (uint8_t) fields_uint(fields, CONV_REOPENS, 1, 0);
    conversation->said = (uint32_t) fields_uint(fields, CONV_SAID,
                                                UINT32_MAX, 0);
    conversation->active_at_ms = fields_uint(fields, CONV_ACTIVE_AT,
                                             UINT64_MAX, 0);
    conversation->reminded_at_ms = fields_uint(fields, CONV_REMINDED_AT,
                                               UINT64_MAX, 0);

    return load_text(fields, CONV_FORM, &conversation->form);
}


static int
load_fields(struct desk *desk, struct conversation *conversation,
    struct fields *fields)
{
    enum cd_phase  phase;

    phase = (enum cd_phase) fields_uint(fields, CONV_PHASE,
                                        CD_PHASES_MAX - 1, CD_PHASE_NONE);

    if (phase == CD_PHASE_NONE
        || load_visitor(desk, conversation, fields_str(fields, CONV_VISITOR))
           != 0)
    {
        return -1;
    }

    conversation->phase = phase;

    if (load_flow(desk, conversation, fields) != 0
        || entity_load_route(desk, conversation, fields) != 0)
    {
        return -1;
    }

    load_queue(desk, conversation, fields_str(fields, CONV_QUEUE));

    conversation->channel = (enum channel) fields_uint(fields, CONV_CHANNEL,
                                                       CHANNELS_MAX - 1,
                                                       CHANNEL_CHAT);
    conversation->hand = (uint8_t) fields_uint(fields, CONV_HAND, 1, 0);
    conversation->closed_by = (enum role) fields_uint(fields, CONV_CLOSED_BY,
                                                      ROLE_SYSTEM, ROLE_NONE);
    conversation->writers = (uint8_t) fields_uint(fields, CONV_WRITERS,
                                                  WRITER_AGENTS, 0);
    load_times(desk, conversation, fields);
    load_counts(&conversation->counts, fields);

    if (load_texts(conversation, fields) != 0
        || entity_load_record(fields, &conversation->record) != 0
        || load_ask(desk, conversation, fields) != 0
        || entity_load_seats(desk, conversation, fields) != 0 || fields->bad)
    {
        return -1;
    }

    return 0;
}


static int
load_conversation(struct desk *desk, const char *key, struct fields *fields)
{
    struct id             id;
    uint64_t              number;
    struct conversation  *conversation;

    number = fields_uint(fields, CONV_NUMBER, UINT64_MAX - 1, 0);

    if (number == 0 || id_set(&id, str_of(key)) != 0
        || conversation_find(&desk->conversations, str_of(key)) != NULL)
    {
        return -1;
    }

    conversation = conversation_new(&desk->conversations, &id, number);
    if (conversation == NULL) {
        return -1;
    }

    if (load_fields(desk, conversation, fields) != 0) {
        conversation_free(desk, conversation);
        return -1;
    }

    conversation->stored = 1;
    silence_set(desk, conversation);

    if (number >= desk->next_number) {
        desk->next_number = number + 1;
    }

    return 0;
}


static int
load_agent(struct desk *desk, const char *key, struct fields *fields)
{
    unsigned       capacity, why;
    uint64_t       state;
    const char    *name, *queues;
    struct agent  *agent = entity_agent_ref(desk, str_of(key));

    state = fields_uint(fields, AGENT_STATE, CD_PRESENCES_MAX - 1,
                        CD_PRESENCE_NONE);

    if (agent == NULL || agent->loaded || state == CD_PRESENCE_NONE
        || state == CD_PRESENCE_OFFLINE)
    {
        return -1;
    }

    agent->loaded = 1;
    agent->state = (enum cd_presence) state;
    agent->idle_since_ms = fields_uint(fields, AGENT_IDLE_SINCE, UINT64_MAX,
                                       0);
    agent->present = fields_uint(fields, AGENT_PRESENT, 1, 0) != 0;
    timer_set(&desk->timers, &agent->grace,
              fields_uint(fields, AGENT_GRACE, UINT64_MAX, 0));

    agent->missed = (unsigned) fields_uint(fields, AGENT_MISSED, UINT32_MAX,
                                           0);
    timer_set(&desk->timers, &agent->idle,
              fields_uint(fields, AGENT_IDLE, UINT64_MAX, 0));
    why = (unsigned) fields_uint(fields, AGENT_WHY, WHYS_MAX, 0);
    agent->why = why > 0 ? (enum why) (why - 1) : WHYS_MAX;

    if (fields->value[AGENT_OWN] != NULL
        && presences_find(desk, agent, fields_str(fields, AGENT_OWN)) != 0)
    {
        agent_touch(desk, agent, 1);
    }

    entity_shown(agent, &capacity, &name, &queues);

    if (fields_uint(fields, AGENT_CAPACITY, UINT32_MAX, 0) != capacity
        || !cd_str_is(fields_str(fields, AGENT_PROFILE), name)
        || !cd_str_is(fields_str(fields, AGENT_QUEUES), queues)
        || fields_uint(fields, AGENT_SHOWN, UINT64_MAX, 0)
           != entity_shown_digest(desk, agent))
    {
        agent_touch(desk, agent, 1);
    }

    return 0;
}


static int
load_desk(struct desk *desk, const char *key, struct fields *fields)
{
    uint64_t  number = fields_uint(fields, DESK_NUMBER, UINT64_MAX - 1, 0);

    if (strcmp(key, ENTITY_DESK) != 0) {
        return -1;
    }

    if (number > desk->next_number) {
        desk->next_number = number;
    }

    desk->templates.revision = fields_uint(fields, DESK_TEMPLATES,
                                           UINT64_MAX - 1, 0);
    desk->templates.floor = desk->templates.revision;
    desk->templates.told = fields_uint(fields, DESK_TEMPLATES_TOLD,
                                       UINT64_MAX - 1, 0);
    desk->templates.tell_ms = fields_uint(fields, DESK_TEMPLATES_TELL,
                                          UINT64_MAX - 1, 0);
    number = fields_uint(fields, DESK_OUTBOX, UINT64_MAX - 1, 0);

    if (number > desk->outbox.next) {
        desk->outbox.next = number;
    }

    return 0;
}


static const struct kind {
    const char     *name;
    const char     *why;
    int           (*load)(struct desk *, const char *, struct fields *);
    const uint8_t  *array;      /* the first layout */
    size_t          array_size;
} kinds[] = {
    { ENTITY_CONV, "a stored conversation does not hold, or memory ran out",
      load_conversation, conv_array, sizeof(conv_array) },
    { ENTITY_AGENT, "a stored agent does not hold, or memory ran out",
      load_agent, agent_array, sizeof(agent_array) },
    { ENTITY_DESK, "the stored counters do not hold",
      load_desk, desk_array, sizeof(desk_array) },
    { ENTITY_ALERT, "a stored alert does not hold, or memory ran out",
      notify_load_alert, NULL, 0 },
    { ENTITY_DEVICE, "a stored subscription does not hold, or memory ran out",
      device_load, NULL, 0 },
    { ENTITY_OUTBOX, "a stored effect does not hold, or memory ran out",
      outbox_load, NULL, 0 },
    { ENTITY_FOCUS, "a stored focus does not hold, or memory ran out",
      notify_load_focus, NULL, 0 },
    { ENTITY_WISH, "stored choices do not hold, or memory ran out",
      notify_load_wish, NULL, 0 },
    { ENTITY_TEMPLATE, "a stored template does not hold, or memory ran out",
      templates_load, NULL, 0 },
    { ENTITY_WAITS, "stored waits do not hold",
      entity_load_waits, NULL, 0 }
};


/* The first layout: an array that begins with its version. */

static int
entity_array(const struct kind *kind, struct fields *fields,
    const msgpack_object *object, const char **why)
{
    if (fields_array(fields, object, kind->array, kind->array_size) != 0) {
        return -1;
    }

    if (fields_uint(fields, 0, UINT32_MAX, 0) != 1) {
        *why = "an entity was written by another version of the worker";
        return -1;
    }

    return 0;
}


static int
entity_load_object(struct desk *desk, const char *name, const char *key,
    const msgpack_object *object, const char **why)
{
    int            rc;
    size_t         i;
    struct fields  fields;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(name, kinds[i].name) != 0) {
            continue;
        }

        *why = kinds[i].why;
        rc = object->type == MSGPACK_OBJECT_ARRAY
             ? entity_array(&kinds[i], &fields, object, why)
             : fields_map(&fields, object);

        return rc != 0 || kinds[i].load(desk, key, &fields) != 0
               || fields.bad ? -1 : 0;
    }

    *why = "an entity is of an unknown kind";

    return -1;
}


int
entity_load(struct desk *desk, const char *kind, const char *key,
    const void *blob, size_t len, const char **why)
{
    size_t                 offset = 0;
    msgpack_object         object;
    msgpack_unpack_return  rc;

    if (cd_wire_scan(blob, len) != 0) {
        *why = "an entity is not MessagePack";
        return -1;
    }

    if (desk->zone == NULL) {
        desk->zone = msgpack_zone_new(ZONE_BYTES);
    }

    if (desk->zone == NULL) {
        *why = "no memory";
        return -1;
    }

    msgpack_zone_clear(desk->zone);
    rc = msgpack_unpack(blob, len, &offset, desk->zone, &object);

    if (rc != MSGPACK_UNPACK_SUCCESS && rc != MSGPACK_UNPACK_EXTRA_BYTES) {
        *why = "an entity cannot be unpacked";
        return -1;
    }

    return entity_load_object(desk, kind, key, &object, why);
}
