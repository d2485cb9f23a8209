/*
 * Entities, written; see entity.h for the keys.
 *
 * Purpose:    objects of the desk as blobs; entity_load.c reads them.
 * Owner:      packs into the desk's scratch buffer.
 * Invariants: those of entity.h.
 */

#include "core/entity.h"

#include "core/ask.h"
#include "core/entity_map.h"
#include "core/entity_route.h"
#include "core/state.h"

#define RECORD_HEAD  3


void
entity_end(struct desk *desk, struct map_out *to, const struct map *map,
    const char *kind, const char *key)
{
    map_close(to, map);

    if (to->out.failed) {
        desk_fail(desk);
        return;
    }

    changes_put(desk->changes, kind, key, to->out.data, to->out.len);
}


static void
put_record(struct map_out *to, struct map *map, const struct unread *record)
{
    uint8_t   writer;
    unsigned  i;

    map_array(to, map, CONV_RECORD, RECORD_HEAD + 2u * record->count);
    msgpack_pack_uint32(&to->pk, record->last);
    msgpack_pack_uint32(&to->pk, record->fallen);
    msgpack_pack_uint32(&to->pk, record->fallen_last);

    for (i = 0; i < record->count; i++) {
        msgpack_pack_uint32(&to->pk, unread_recent(record, i, &writer));
        msgpack_pack_uint8(&to->pk, writer);
    }
}


static void
put_seat(struct map_out *to, const struct seat *seat)
{
    struct map  map = map_open(to);

    map_text(to, &map, SEAT_AGENT, seat->agent->id.s);
    map_uint(to, &map, SEAT_STATE, seat->state);
    map_uint(to, &map, SEAT_REFUSED_AT, seat->refused_at_ms);
    map_uint(to, &map, SEAT_READ, seat->reader.read);
    map_uint(to, &map, SEAT_OLDER, seat->reader.older);
    map_uint(to, &map, SEAT_WRITER, seat->reader.writer == WRITER_NOBODY
                                    ? 0 : seat->reader.writer);
    map_uint(to, &map, SEAT_OWES, seat->owes);
    map_close(to, &map);
}


static void
put_seats(struct map_out *to, struct map *map,
    const struct conversation *conversation)
{
    size_t              count = 0;
    const struct seat  *seat;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        count++;
    }

    map_array(to, map, CONV_SEATS, count);

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        put_seat(to, seat);
    }
}


static void
put_texts(struct map_out *to, struct map *map,
    const struct conversation *conversation)
{
    map_text(to, map, CONV_NAME, conversation->name);
    map_text(to, map, CONV_EMAIL, conversation->email);
    map_text(to, map, CONV_PAGE, conversation->page);
    map_text(to, map, CONV_TITLE, conversation->title);
    map_text(to, map, CONV_LANG, conversation->lang);
    map_text(to, map, CONV_PREVIEW, conversation->preview);
    map_text(to, map, CONV_DISPOSITION, conversation->outcome.disposition);
    map_text(to, map, CONV_TAGS, conversation->outcome.tags);
    map_text(to, map, CONV_NOTE, conversation->outcome.note);
}


static void
put_ask(struct map_out *to, struct map *map, const struct ask *ask)
{
    if (ask == NULL) {
        return;
    }

    map_uint(to, map, CONV_ASK, ask->kind);
    map_text(to, map, CONV_ASK_SOURCE, ask->source->id.s);
    map_text(to, map, CONV_ASK_TARGET,
             ask->target != NULL ? ask->target->id.s : NULL);
    map_text(to, map, CONV_ASK_QUEUE,
             ask->queue != NULL ? ask->queue->id.s : NULL);
    map_uint(to, map, CONV_ASK_UNTIL, ask->until_ms);
    map_text(to, map, CONV_ASK_NOTE, ask->note);
}


static void
put_flow(struct map_out *to, struct map *map,
    const struct conversation *conversation)
{
    map_text(to, map, CONV_FLOW, conversation->flow->id.s);
    map_uint(to, map, CONV_PRIORITY, conversation->priority);
    map_uint(to, map, CONV_OFFLINE, conversation->offline);
    map_uint(to, map, CONV_ABSENT_AT, conversation->absent_at_ms);
    map_uint(to, map, CONV_SAID, conversation->said);
    map_uint(to, map, CONV_ACTIVE_AT, conversation->active_at_ms);
    map_uint(to, map, CONV_REMINDED_AT, conversation->reminded_at_ms);
    map_text(to, map, CONV_FORM, conversation->form);
    map_uint(to, map, CONV_REOPENS, conversation->reopens);
}


/* Figures and the interaction's record. */

static void
put_counts(struct map_out *to, struct map *map,
    const struct conversation *conversation)
{
    map_uint(to, map, CONV_QUEUED_AT, conversation->queued_at_ms);
    map_uint(to, map, CONV_FROM_VISITOR, conversation->counts.visitor);
    map_uint(to, map, CONV_FROM_AGENTS, conversation->counts.agents);
    map_uint(to, map, CONV_NOTES, conversation->counts.notes);
    map_uint(to, map, CONV_MENUS, conversation->counts.menus);
    map_uint(to, map, CONV_PICKS, conversation->counts.picks);
}


void
entity_put_conversation(struct desk *desk,
    const struct conversation *conversation)
{
    struct map             map;
    struct map_out         to;
    const struct visitor  *visitor = conversation->visitor;

    map_out_init(&to, desk->scratch, CD_LIMIT_BUS_FRAME);
    map = map_open(&to);
    map_uint(&to, &map, CONV_NUMBER, conversation->number);
    map_text(&to, &map, CONV_VISITOR, visitor->id.s);
    map_text(&to, &map, CONV_QUEUE, conversation->queue->id.s);
    map_uint(&to, &map, CONV_PHASE, conversation->phase);
    map_uint(&to, &map, CONV_CLOSED_BY, conversation->closed_by);
    map_uint(&to, &map, CONV_SINCE, conversation->since_ms);
    /* while it looks for an agent, the timer follows from the refusals */
    map_uint(&to, &map, CONV_TIMER, conversation->line != NULL
                                    ? 0 : conversation->timer.at_ms);
    map_uint(&to, &map, CONV_ACCEPT_MS, conversation->accept_ms);
    map_uint(&to, &map, CONV_CLIENT_AT, conversation->client_at_ms);
    map_uint(&to, &map, CONV_REPLY_AT, conversation->reply_at_ms);
    map_uint(&to, &map, CONV_PRESENT, visitor->present != 0);
    map_uint(&to, &map, CONV_GRACE, visitor->grace.at_ms);
    map_uint(&to, &map, CONV_WRITERS, conversation->writers);
    map_uint(&to, &map, CONV_ENDED_AT, conversation->ended_at_ms);
    map_uint(&to, &map, CONV_CHANNEL, conversation->channel);
    map_uint(&to, &map, CONV_HAND, conversation->hand);
    put_ask(&to, &map, conversation->ask);
    put_counts(&to, &map, conversation);
    put_texts(&to, &map, conversation);
    put_flow(&to, &map, conversation);
    entity_put_route(&to, &map, conversation);
    put_record(&to, &map, &conversation->record);
    put_seats(&to, &map, conversation);
    entity_end(desk, &to, &map, ENTITY_CONV, conversation->id.s);
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


/* FNV-1a, 64 bits. */

static uint64_t
digest_add(uint64_t digest, const char *text)
{
    for ( ; text != NULL && *text != '\0'; text++) {
        digest = (digest ^ (unsigned char) *text) * 1099511628211ull;
    }

    return digest;
}


uint64_t
entity_shown_digest(const struct desk *desk, const struct agent *agent)
{
    char      channels[2] = { (char) ('0' + agent_takes(agent)), '\0' };
    uint64_t  digest = 14695981039346656037ull;

    digest = digest_add(digest, desk->presences_text);
    digest = digest_add(digest, channels);

    if (agent->profile == NULL) {
        return digest;
    }

    channels[0] = (char) ('0' + agent->profile->channels);
    digest = digest_add(digest, channels);
    digest = digest_add(digest, agent->profile->queue_ids);

    return digest_add(digest, agent->profile->buttons_text);
}


void
entity_put_agent(struct desk *desk, const struct agent *agent)
{
    unsigned        capacity;
    const char     *name, *queues;
    struct map      map;
    struct map_out  to;

    entity_shown(agent, &capacity, &name, &queues);
    map_out_init(&to, desk->scratch, CD_LIMIT_BUS_FRAME);
    map = map_open(&to);
    map_uint(&to, &map, AGENT_STATE, agent->state);
    map_uint(&to, &map, AGENT_IDLE_SINCE, agent->idle_since_ms);
    map_uint(&to, &map, AGENT_PRESENT, agent->present != 0);
    map_uint(&to, &map, AGENT_GRACE, agent->grace.at_ms);
    map_uint(&to, &map, AGENT_CAPACITY, capacity);
    map_text(&to, &map, AGENT_PROFILE, name);
    map_text(&to, &map, AGENT_QUEUES, queues);
    map_uint(&to, &map, AGENT_SHOWN, entity_shown_digest(desk, agent));
    map_text(&to, &map, AGENT_OWN,
             agent->own != NULL ? agent->own->id.s : NULL);
    map_uint(&to, &map, AGENT_WHY,
             agent->why != WHYS_MAX ? agent->why + 1u : 0);
    map_uint(&to, &map, AGENT_MISSED, agent->missed);
    map_uint(&to, &map, AGENT_IDLE, agent->idle.at_ms);
    entity_end(desk, &to, &map, ENTITY_AGENT, agent->id.s);
}


void
entity_put_desk(struct desk *desk)
{
    struct map      map;
    struct map_out  to;

    map_out_init(&to, desk->scratch, CD_LIMIT_BUS_FRAME);
    map = map_open(&to);
    map_uint(&to, &map, DESK_NUMBER, desk->next_number);
    map_uint(&to, &map, DESK_TEMPLATES, desk->templates.revision);
    map_uint(&to, &map, DESK_TEMPLATES_TOLD, desk->templates.told);
    map_uint(&to, &map, DESK_TEMPLATES_TELL, desk->templates.tell_ms);
    map_uint(&to, &map, DESK_OUTBOX, desk->outbox.next > 1
                                     ? desk->outbox.next : 0);
    entity_end(desk, &to, &map, ENTITY_DESK, ENTITY_DESK);
}
