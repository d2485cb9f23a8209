/*
 * Records of other sources: a telephone system tells of its calls.
 *
 *   POST /v1/records                      a call has begun
 *   POST /v1/records/{number}/events      somebody took it, held it, ...
 *   POST /v1/records/{number}/close       it is over
 *
 * Purpose:    checks what is told, and makes entries of it.
 * Owner:      nothing.
 * Invariants: what comes twice, by the source's own id, is in the record
 *             once; what is closed stays so; a source does not call itself
 *             as the desk's own do.
 */

#include "api/answer.h"
#include "api/records.h"
#include "api/resources.h"

#include "core/record_entry.h"
#include "core/record.h"
#include "core/state.h"
#include "io/desk_kind.h"

#define SOURCE_MAX    16
#define ID_BYTES_MAX  64
#define WHAT_MAX      32
#define PHONE_MAX     40
#define ENTRY_MAX     16384
#define WORD_BYTES    "abcdefghijklmnopqrstuvwxyz0123456789_"

/* texts of a body, and what they are called in the entry */
struct source_text {
    const char  *name;
    size_t       max;           /* code points */
};

static const struct source_text  client_texts[] = {
    { "name", 80 }, { "email", 254 }, { "phone", PHONE_MAX }, { "lang", 35 },
    { "title", 200 }, { "note", 500 }, { NULL, 0 }
};

static const struct source_text  event_texts[] = {
    { "name", 80 }, { "note", 500 }, { NULL, 0 }
};

static const struct source_text  close_texts[] = {
    { "tags", 200 }, { "note", 500 }, { NULL, 0 }
};


static void
source_texts(struct json_at *body, struct entry *entry,
    const struct source_text *text)
{
    struct json_at  at;

    for ( ; text->name != NULL; text++) {
        at = json_member(body, text->name);

        if (at.value != NULL) {
            entry_text(entry, text->name, json_text(&at, text->max));
        }
    }
}


/* A word that may not be one of ours. */

static const char *
source_word(struct json_at *body, const char *name, size_t most,
    const char *const *taken)
{
    const char      *word;
    struct json_at   at = json_member(body, name);

    word = json_word(&at, WORD_BYTES, most);

    for ( ; *taken != NULL; taken++) {
        if (strcmp(word, *taken) == 0) {
            json_fault(&at, "\"%s\" is what the desk itself writes", word);
        }
    }

    return word;
}


/* When it happened: as the source says, else now; never later than now. */

static uint64_t
source_time(struct api_call *call, struct json_at *body)
{
    struct json_at  at = json_member(body, "at");

    return at.value != NULL ? json_whole(&at, 0, call->on->now_ms)
                            : call->on->now_ms;
}


/* Who has a part in it; "" for nobody. */

static const char *
source_agent(struct api_call *call, struct json_at *body)
{
    const char      *login;
    struct json_at   at = json_member(body, "agent");

    if (at.value == NULL) {
        return call->who;
    }

    login = json_word(&at, DESK_LOGIN_BYTES, LOGIN_MAX);

    if (agent_find(&call->on->desk->agents, str_of(login)) == NULL) {
        json_fault(&at, "there is no such agent");
    }

    return login;
}


/* CD_E_OK when the caller may speak of that agent. */

static enum cd_error
source_may(struct api_call *call, const char *agent)
{
    enum cd_error  error = api_body_fault(call);

    if (error == CD_E_OK && strcmp(agent, call->who) != 0
        && call->role < API_ROLE_SUPERVISOR)
    {
        error = api_refuse(call, CD_E_FORBIDDEN, "agent",
                           "agent: speaking of others takes the role %s",
                           api_role_name(API_ROLE_SUPERVISOR));
    }

    return error;
}


/* The queue in which the client asked; NULL for none. */

static const char *
source_queue(struct api_call *call, struct json_at *body)
{
    const char      *id;
    struct json_at   at = json_member(body, "queue");

    if (at.value == NULL) {
        return NULL;
    }

    id = json_word(&at, DESK_ID_BYTES, DESK_ID_MAX);

    if (queue_find(&call->on->desk->queues, id) == NULL) {
        json_fault(&at, "there is no such queue");
    }

    return id;
}


enum cd_error
sources_open(struct api_call *call)
{
    char                  packed[ENTRY_MAX];
    size_t                len;
    uint64_t              number;
    struct id             node, id;
    const char           *source, *source_id, *agent;
    struct entry          entry;
    enum cd_error         error;
    struct json_at        body = api_body(call), at;
    struct record_caller  caller;
    static const char *const  ours[] = { "chat", "item", NULL };
    static const char *const  names[] = {
        "source", "id", "?at", "?agent", "?queue", "?name", "?email",
        "?phone", "?lang", "?title", "?note", NULL
    };

    json_members(&body, names);
    source = source_word(&body, "source", SOURCE_MAX, ours);
    at = json_member(&body, "id");
    source_id = json_word(&at, DESK_ID_BYTES, ID_BYTES_MAX);
    agent = source_agent(call, &body);

    entry_open(&entry, source_time(call, &body), "started");
    entry_text(&entry, "source", source);
    entry_text(&entry, "source_id", source_id);
    entry_text(&entry, "by", call->by);
    entry_text(&entry, "agent", agent);
    entry_text(&entry, "queue", source_queue(call, &body));
    source_texts(&body, &entry, client_texts);
    error = source_may(call, agent);

    if (error != CD_E_OK) {
        return error;
    }

    number = record_number(call->on->desk);
    entry_uint(&entry, "number", number);
    len = entry_pack(&entry, packed, sizeof(packed));

    if (len == 0 || api_answer_caller(call, &caller, &node, &id) != 0) {
        return CD_E_INTERNAL;
    }

    changes_source(call->on->changes, &caller, source, source_id, number,
                   agent, packed, len);
    call->later = 1;

    return CD_E_OK;
}


/* An entry into the record of the path. */

static enum cd_error
source_event(struct api_call *call, const struct entry *entry,
    struct record_event *event)
{
    char                none[API_REFUSAL_BYTES], closed[API_REFUSAL_BYTES];
    char                packed[ENTRY_MAX], full[API_REFUSAL_BYTES];
    enum cd_error       error = source_may(call, event->agent);
    struct records_ask  ask;

    if (error == CD_E_OK) {
        error = records_caller(call, &ask);
    }

    if (error != CD_E_OK) {
        return error;
    }

    api_answer_refusal(CD_E_NOT_FOUND, RECORD_NONE, none);
    api_answer_refusal(CD_E_CLOSED, "This record is closed.", closed);
    api_answer_refusal(CD_E_TOO_MANY, "This record is full; close it.", full);
    event->none = none;
    event->closed = closed;
    event->full = full;
    event->entry = packed;
    event->len = entry_pack(entry, packed, sizeof(packed));

    if (event->len == 0) {
        return CD_E_INTERNAL;
    }

    changes_source_event(call->on->changes, &ask.caller, ask.number, event);
    call->later = 1;

    return CD_E_OK;
}


enum cd_error
sources_event(struct api_call *call)
{
    const char           *what;
    struct entry          entry;
    struct json_at        body = api_body(call), at;
    struct record_event   event = { "", "", NULL, 0, 0, "", "", "" };
    static const char *const  ours[] = { "started", "ended", NULL };
    static const char *const  names[] = {
        "id", "what", "?at", "?agent", "?name", "?note", NULL
    };

    json_members(&body, names);
    at = json_member(&body, "id");
    event.id = json_word(&at, DESK_ID_BYTES, ID_BYTES_MAX);
    what = source_word(&body, "what", WHAT_MAX, ours);
    event.agent = source_agent(call, &body);

    entry_open(&entry, source_time(call, &body), what);
    entry_text(&entry, "agent", event.agent);
    entry_text(&entry, "by", call->by);
    source_texts(&body, &entry, event_texts);

    return source_event(call, &entry, &event);
}


enum cd_error
sources_close(struct api_call *call)
{
    struct entry          entry;
    struct json_at        body = api_body(call), at;
    struct record_event   event = { "", "", NULL, 0, 1, "", "", "" };
    static const char *const  names[] = {
        "?at", "?agent", "?disposition", "?tags", "?note", NULL
    };

    json_members(&body, names);
    event.agent = source_agent(call, &body);

    entry_open(&entry, source_time(call, &body), "ended");
    entry_text(&entry, "agent", event.agent);
    entry_text(&entry, "by", call->by);
    at = json_member(&body, "disposition");

    if (at.value != NULL) {
        entry_text(&entry, "disposition",
                   json_word(&at, DESK_ID_BYTES, DESK_ID_MAX));
    }

    source_texts(&body, &entry, close_texts);

    return source_event(call, &entry, &event);
}
