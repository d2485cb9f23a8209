/*
 * /v1/conversations/{conv}/earlier: earlier conversations of the same client.
 *
 * Purpose:    a list of them, and what was written in one.
 * Owner:      nothing; records and texts lie in Redis, so the commit answers.
 * Invariants: only through a conversation whose flow has history_by_client,
 *             for its members and for supervisors; only those of its client,
 *             that began before it, and that an agent had.
 */

#include "api/answer.h"
#include "api/records.h"
#include "api/resources.h"

#include "core/state.h"

#define EARLIER_NONE  "The client has no such earlier conversation."


/* Whether the caller is in the conversation, or may look into all of them. */

static int
earlier_member(struct api_call *call, struct conversation *conversation)
{
    struct agent       *agent;
    const struct seat  *seat;

    if (api_sees_all(call)) {
        return 1;
    }

    agent = agent_find(&call->on->desk->agents, str_of(call->who));
    seat = agent != NULL ? seat_find(conversation, agent) : NULL;

    return seat != NULL && (seat->state == SEAT_ACTIVE
                            || seat->state == SEAT_WRAPUP
                            || seat->state == SEAT_CLOSED);
}


/* The conversation of the path, if earlier ones of its client show. */

static enum cd_error
earlier_of(struct api_call *call, struct conversation **found)
{
    struct conversation  *conversation = conversations_find(call);

    *found = conversation;

    if (conversation == NULL) {
        return CD_E_NOT_FOUND;
    }

    if (!earlier_member(call, conversation)) {
        return api_refuse(call, CD_E_FORBIDDEN, NULL,
                          "Accept the conversation first; who has it sees "
                          "earlier ones of its client.");
    }

    if (conversation_is_item(conversation)) {
        return api_refuse(call, CD_E_FORBIDDEN, NULL,
                          "A work item has no client, and so no earlier "
                          "conversations.");
    }

    if (!conversation->flow->settings.history_by_client) {
        return api_refuse(call, CD_E_FORBIDDEN, NULL,
                          "The flow %s does not show earlier conversations "
                          "of a client (history_by_client).",
                          conversation->flow->id.s);
    }

    return CD_E_OK;
}


enum cd_error
earlier_list(struct api_call *call)
{
    struct id             node, id;
    enum cd_error         error;
    struct conversation  *conversation;
    struct record_range   range;
    struct record_caller  caller;

    error = earlier_of(call, &conversation);

    if (error == CD_E_OK) {
        error = records_range(call, RECORD_NUMBER_MAX, &range);
    }

    if (error != CD_E_OK) {
        return error;
    }

    if (api_answer_caller(call, &caller, &node, &id) != 0) {
        return CD_E_INTERNAL;
    }

    /* this one is none of them, and what came later is none */
    if (range.at == 0 || range.at > conversation->number) {
        range.at = conversation->number;
    }

    conversations_looked(call, conversation);
    changes_earlier(call->on->changes, &caller, conversation->visitor->id.s,
                    &range);
    call->later = 1;

    return CD_E_OK;
}


enum cd_error
earlier_messages(struct api_call *call)
{
    uint64_t              number = records_number(call->param[1]);
    enum cd_error         error;
    struct conversation  *conversation;

    error = earlier_of(call, &conversation);

    if (error != CD_E_OK) {
        return error;
    }

    return records_texts(call, number < conversation->number ? number : 0,
                         conversation->visitor->id.s, EARLIER_NONE);
}
