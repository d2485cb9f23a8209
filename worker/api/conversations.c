/*
 * /v1/conversations: what there is, and where it stands.
 *
 * Purpose:    lists and single conversations.
 * Owner:      nothing.
 * Invariants: an agent sees the conversations it has a card of, and no
 *             others exist for it; a list shows nothing that was written; a
 *             look of somebody else into one is in the audit log; who watches
 *             unseen is not seen by agents.
 */

#include "api/audit.h"
#include "api/resources.h"

#include "core/flow_desk.h"
#include "core/state.h"

static const char *const  seat_names[SEAT_STATES_MAX] = {
    NULL, "none", "offered", "active", "closed", "dismissed", "wrapup",
    "observer"
};


/* The seat with which the caller may see it; NULL for none. */

static const struct seat *
conversation_seat(struct api_call *call, struct conversation *conversation)
{
    struct agent       *agent;
    const struct seat  *seat;

    if (call->who[0] == '\0') {
        return NULL;
    }

    agent = agent_find(&call->on->desk->agents, str_of(call->who));
    seat = agent != NULL ? seat_find(conversation, agent) : NULL;

    return seat != NULL && seat_has_card(seat) ? seat : NULL;
}


static int
conversation_visible(struct api_call *call, struct conversation *conversation)
{
    return call->role >= API_ROLE_SUPERVISOR
           || conversation_seat(call, conversation) != NULL;
}


int
conversations_shows(const struct api_call *call, const struct seat *seat)
{
    return seat->state != SEAT_OBSERVER
           || call->role >= API_ROLE_SUPERVISOR
           || strcmp(call->who, seat->agent->id.s) == 0;
}


static struct json_object *
conversation_agents(const struct api_call *call,
    struct conversation *conversation)
{
    struct seat         *seat;
    struct json_object  *list = json_object_new_array(), *item;

    TAILQ_FOREACH(seat, &conversation->seats, link) {
        if (!seat_has_card(seat) || !conversations_shows(call, seat)) {
            continue;
        }

        item = json_object_new_object();
        api_put_text(item, "agent", seat->agent->id.s);
        api_put_text(item, "state", seat_names[seat->state]);
        json_object_array_add(list, item);
    }

    return list;
}


/* What is known of a client, or that it is work of another kind. */

static void
conversation_client(struct json_object *item,
    struct conversation *conversation)
{
    api_put_text(item, "kind", conversation->kind);
    api_put_text(item, "link", conversation->link);

    if (conversation_is_item(conversation)) {
        return;
    }

    api_put_text(item, "flow", conversation->flow->id.s);
    api_put_bool(item, "offline", conversation->offline);
    api_put_text(item, "form", conversation->form);
    api_put_text(item, "visitor", conversation->visitor->id.s);
    api_put_bool(item, "present", conversation->visitor->present);
    api_put_text(item, "name", flow_client_name(conversation));
    api_put_text(item, "email", conversation->email);
    api_put_text(item, "page", conversation->page);
    api_put_text(item, "lang", conversation->lang);
}


struct json_object *
conversations_item(const struct api_call *call,
    struct conversation *conversation)
{
    struct json_object  *item = json_object_new_object();

    api_put_text(item, "conv", conversation->id.s);
    api_put_whole(item, "number", conversation->number);
    api_put_text(item, "phase", cd_phase_name(conversation->phase));
    api_put_text(item, "queue", conversation->queue->id.s);
    api_put_whole(item, "priority", conversation->priority);
    conversation_client(item, conversation);
    api_put_text(item, "title", conversation->title);
    api_put_whole(item, "since", conversation->since_ms);
    api_put_whole(item, "client_at", conversation->client_at_ms);
    api_put_whole(item, "reply_at", conversation->reply_at_ms);
    api_put(item, "agents", conversation_agents(call, conversation));

    if (conversation->phase == CD_PHASE_CLOSED) {
        api_put_text(item, "closed_by", role_name(conversation->closed_by));
    }

    return item;
}


/* Whether the filters of the query let it pass. */

static int
conversation_fits(struct api_call *call, struct conversation *conversation)
{
    struct agent       *agent;
    const char         *phase = api_query(call, "phase");
    const char         *queue = api_query(call, "queue");
    const char         *login = api_query(call, "agent");
    const struct seat  *seat;

    if (phase != NULL && strcmp(phase, cd_phase_name(conversation->phase)))
    {
        return 0;
    }

    if (queue != NULL && strcmp(queue, conversation->queue->id.s) != 0) {
        return 0;
    }

    if (login != NULL) {
        agent = agent_find(&call->on->desk->agents, str_of(login));
        seat = agent != NULL ? seat_find(conversation, agent) : NULL;

        if (seat == NULL || !seat_has_card(seat)
            || !conversations_shows(call, seat))
        {
            return 0;
        }
    }

    return conversation_visible(call, conversation);
}


enum cd_error
conversations_list(struct api_call *call)
{
    const char           *last = NULL;
    enum cd_error         error;
    struct api_page       page;
    struct conversation  *conversation;

    error = api_page_open(call, &page);
    if (error != CD_E_OK) {
        return error;
    }

    conversation = conversation_first(&call->on->desk->conversations);

    if (page.after[0] != '\0') {
        conversation = conversation_find(&call->on->desk->conversations,
                                         str_of(page.after));
        if (conversation == NULL) {
            return api_refuse(call, CD_E_NOT_FOUND, "cursor",
                              "cursor: the list has changed at this place; "
                              "begin again without it");
        }

        conversation = conversation_next(conversation);
    }

    for ( ; conversation != NULL && !api_page_full(&page);
         conversation = conversation_next(conversation))
    {
        last = conversation->id.s;

        if (conversation_fits(call, conversation)) {
            api_page_add(&page, conversations_item(call, conversation));
        }
    }

    return api_page_close(call, &page, conversation != NULL ? last : NULL);
}


struct conversation *
conversations_find(struct api_call *call)
{
    struct conversation  *conversation;

    conversation = conversation_find(&call->on->desk->conversations,
                                     str_of(call->param[0]));

    return conversation != NULL && conversation_visible(call, conversation)
           ? conversation : NULL;
}


void
conversations_looked(struct api_call *call,
    struct conversation *conversation)
{
    if (conversation_seat(call, conversation) == NULL) {
        api_audit(call, "look", "conversation", conversation->id.s);
    }
}


enum cd_error
conversations_get(struct api_call *call)
{
    struct conversation  *conversation = conversations_find(call);

    if (conversation == NULL) {
        return CD_E_NOT_FOUND;
    }

    call->answer = conversations_item(call, conversation);

    if (call->answer == NULL) {
        return api_no_memory(call);
    }

    conversations_looked(call, conversation);
    api_put_text(call->answer, "preview", conversation->preview);

    return CD_E_OK;
}
