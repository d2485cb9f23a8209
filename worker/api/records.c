/*
 * /v1/records: what happened in interactions.
 *
 * Purpose:    reads records, which lie in Redis alone: the commit answers.
 * Owner:      nothing.
 * Invariants: an agent reads those that it had a part in, and no others exist
 *             for it; a supervisor all of the desk; a record exists from the
 *             first accept on; the look of somebody who had no part is in the
 *             audit log.  What was written is not part of a record, and read
 *             by the same rule.
 */

#include "api/records.h"

#include "api/answer.h"
#include "api/resources.h"

#define TEXT_MAX  UINT32_MAX    /* numbers of messages */


uint64_t
records_number(const char *p)
{
    uint64_t  number = 0;

    for ( ; *p >= '0' && *p <= '9' && number <= RECORD_NUMBER_MAX / 10; p++) {
        number = number * 10 + (uint64_t) (*p - '0');
    }

    return *p == '\0' && number <= RECORD_NUMBER_MAX ? number : 0;
}


enum cd_error
records_caller(struct api_call *call, struct records_ask *ask)
{
    ask->number = records_number(call->param[0]);

    if (ask->number == 0) {
        return api_refuse(call, CD_E_NOT_FOUND, NULL, "%s", RECORD_NONE);
    }

    return api_answer_caller(call, &ask->caller, &ask->node, &ask->id) == 0
           ? CD_E_OK : CD_E_INTERNAL;
}


enum cd_error
records_range(struct api_call *call, uint64_t most,
    struct record_range *range)
{
    enum cd_error  error = CD_E_OK;
    const char    *text = api_query(call, "cursor");

    range->at = 0;

    if (text == NULL || text[0] != '\0') {
        error = api_query_whole(call, "cursor", 1, most, 0, &range->at);
    }

    return error != CD_E_OK ? error
           : api_query_whole(call, "limit", 1, CD_LIMIT_API_PAGE_MAX,
                             CD_LIMIT_API_PAGE, &range->limit);
}


enum cd_error
records_get(struct api_call *call)
{
    char                 refusal[API_REFUSAL_BYTES];
    enum cd_error        error;
    struct records_ask   ask;
    struct record_range  range;

    error = records_range(call, CD_LIMIT_RECORD, &range);

    if (error == CD_E_OK) {
        error = records_caller(call, &ask);
    }

    if (error != CD_E_OK) {
        return error;
    }

    api_answer_refusal(CD_E_NOT_FOUND, RECORD_NONE, refusal);
    changes_look(call->on->changes, &ask.caller, ask.number, &range,
                 refusal);
    call->later = 1;

    return CD_E_OK;
}


enum cd_error
records_texts(struct api_call *call, uint64_t number, const char *visitor,
    const char *none)
{
    char                 refusal[API_REFUSAL_BYTES];
    enum cd_error        error;
    struct records_ask   ask;
    struct record_range  range;

    if (number == 0) {
        return api_refuse(call, CD_E_NOT_FOUND, NULL, "%s", none);
    }

    error = records_range(call, TEXT_MAX, &range);

    if (error != CD_E_OK) {
        return error;
    }

    if (api_answer_caller(call, &ask.caller, &ask.node, &ask.id) != 0) {
        return CD_E_INTERNAL;
    }

    api_answer_refusal(CD_E_NOT_FOUND, none, refusal);
    changes_texts(call->on->changes, &ask.caller, number, visitor, &range,
                  refusal);
    call->later = 1;

    return CD_E_OK;
}


enum cd_error
records_messages(struct api_call *call)
{
    return records_texts(call, records_number(call->param[0]), "",
                         RECORD_NONE);
}


/* A list: of a conversation, or of all there is. */

static enum cd_error
records_page(struct api_call *call, const char *conv)
{
    struct id             node, id;
    struct login          login;
    enum cd_error         error;
    const char           *agent = api_query(call, "agent");
    struct record_range   range;
    struct record_caller  caller;

    error = records_range(call, RECORD_NUMBER_MAX, &range);

    if (error == CD_E_OK && agent != NULL
        && login_set(&login, str_of(agent)) != 0)
    {
        error = api_refuse(call, CD_E_BAD_REQUEST, "agent",
                           "agent: expected a login");
    }

    if (error != CD_E_OK) {
        return error;
    }

    if (api_answer_caller(call, &caller, &node, &id) != 0) {
        return CD_E_INTERNAL;
    }

    changes_records(call->on->changes, &caller, conv,
                    agent != NULL ? agent : "", &range);
    call->later = 1;

    return CD_E_OK;
}


enum cd_error
records_list(struct api_call *call)
{
    return records_page(call, "");
}


enum cd_error
records_of_conversation(struct api_call *call)
{
    return records_page(call, call->param[0]);
}
