/*
 * Entities, written; see entity.h for the layouts.
 *
 * Purpose:    objects of the desk as blobs; entity_load.c reads them.
 * Owner:      packs into the desk's scratch buffer.
 * Invariants: those of entity.h.
 */

#include "core/entity.h"

#include "core/state.h"

#define CONV_ELEMENTS    22
#define SEAT_ELEMENTS    6
#define RECORD_HEAD      3
#define AGENT_ELEMENTS   8
#define DESK_ELEMENTS    2


static void
pack_text(msgpack_packer *pk, const char *text)
{
    size_t  len = text != NULL ? strlen(text) : 0;

    msgpack_pack_str(pk, len);
    msgpack_pack_str_body(pk, text != NULL ? text : "", len);
}


static void
entity_begin(struct desk *desk, msgpack_packer *pk, struct cd_wire_out *out)
{
    out->data = desk->scratch;
    out->cap = CD_LIMIT_BUS_FRAME;
    out->len = 0;
    out->failed = 0;
    msgpack_packer_init(pk, out, cd_wire_write);
}


static void
entity_end(struct desk *desk, const struct cd_wire_out *out,
    const char *kind, const char *key)
{
    if (out->failed) {
        desk_fail(desk);
        return;
    }

    changes_put(desk->changes, kind, key, out->data, out->len);
}


static void
pack_record(msgpack_packer *pk, const struct unread *record)
{
    uint8_t   writer;
    unsigned  i;

    msgpack_pack_array(pk, RECORD_HEAD + 2u * record->count);
    msgpack_pack_uint32(pk, record->last);
    msgpack_pack_uint32(pk, record->fallen);
    msgpack_pack_uint32(pk, record->fallen_last);

    for (i = 0; i < record->count; i++) {
        msgpack_pack_uint32(pk, unread_recent(record, i, &writer));
        msgpack_pack_uint8(pk, writer);
    }
}


static void
pack_seats(msgpack_packer *pk, const struct conversation *conversation)
{
    size_t              count = 0;
    const struct seat  *seat;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        count++;
    }

    msgpack_pack_array(pk, count);

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        msgpack_pack_array(pk, SEAT_ELEMENTS);
        pack_text(pk, seat->agent->id.s);
        msgpack_pack_unsigned_int(pk, seat->state);
        msgpack_pack_uint64(pk, seat->refused_at_ms);
        msgpack_pack_uint32(pk, seat->reader.read);
        msgpack_pack_uint32(pk, seat->reader.older);
        msgpack_pack_uint8(pk, seat->reader.writer);
    }
}


void
entity_put_conversation(struct desk *desk,
    const struct conversation *conversation)
{
    msgpack_packer         pk;
    struct cd_wire_out     out;
    const struct visitor  *visitor = conversation->visitor;

    entity_begin(desk, &pk, &out);
    msgpack_pack_array(&pk, CONV_ELEMENTS);
    msgpack_pack_unsigned_int(&pk, ENTITY_VERSION);
    msgpack_pack_uint64(&pk, conversation->number);
    pack_text(&pk, visitor->id.s);
    pack_text(&pk, conversation->queue->id.s);
    msgpack_pack_unsigned_int(&pk, conversation->phase);
    msgpack_pack_unsigned_int(&pk, conversation->closed_by);
    msgpack_pack_uint64(&pk, conversation->since_ms);
    /* while it waits, the timer follows from the refusals */
    msgpack_pack_uint64(&pk, conversation->phase == CD_PHASE_WAITING
                             ? 0 : conversation->timer.at_ms);
    msgpack_pack_uint64(&pk, conversation->accept_ms);
    msgpack_pack_uint64(&pk, conversation->client_at_ms);
    msgpack_pack_uint64(&pk, conversation->reply_at_ms);
    msgpack_pack_unsigned_int(&pk, visitor->present != 0);
    msgpack_pack_uint64(&pk, visitor->grace.at_ms);
    msgpack_pack_uint8(&pk, conversation->writers);
    pack_text(&pk, conversation->name);
    pack_text(&pk, conversation->email);
    pack_text(&pk, conversation->page);
    pack_text(&pk, conversation->title);
    pack_text(&pk, conversation->lang);
    pack_text(&pk, conversation->preview);
    pack_record(&pk, &conversation->record);
    pack_seats(&pk, conversation);
    entity_end(desk, &out, ENTITY_CONV, conversation->id.s);
}


void
entity_shown(const struct agent *agent, unsigned *capacity,
    const char **name, const char **queues)
{
    const struct profile  *profile = agent->profile;

    *capacity = profile != NULL ? profile->capacity : 0;
    *name = profile != NULL && profile->name != NULL ? profile->name : "";
    *queues = profile != NULL && profile->queues_text != NULL
              ? profile->queues_text : "";
}


void
entity_put_agent(struct desk *desk, const struct agent *agent)
{
    unsigned             capacity;
    const char          *name, *queues;
    msgpack_packer       pk;
    struct cd_wire_out   out;

    entity_shown(agent, &capacity, &name, &queues);
    entity_begin(desk, &pk, &out);
    msgpack_pack_array(&pk, AGENT_ELEMENTS);
    msgpack_pack_unsigned_int(&pk, ENTITY_VERSION);
    msgpack_pack_unsigned_int(&pk, agent->state);
    msgpack_pack_uint64(&pk, agent->idle_since_ms);
    msgpack_pack_unsigned_int(&pk, agent->present != 0);
    msgpack_pack_uint64(&pk, agent->grace.at_ms);
    msgpack_pack_unsigned_int(&pk, capacity);
    pack_text(&pk, name);
    pack_text(&pk, queues);
    entity_end(desk, &out, ENTITY_AGENT, agent->id.s);
}


void
entity_put_desk(struct desk *desk)
{
    msgpack_packer      pk;
    struct cd_wire_out  out;

    entity_begin(desk, &pk, &out);
    msgpack_pack_array(&pk, DESK_ELEMENTS);
    msgpack_pack_unsigned_int(&pk, ENTITY_VERSION);
    msgpack_pack_uint64(&pk, desk->next_number);
    entity_end(desk, &out, ENTITY_DESK, ENTITY_DESK);
}
