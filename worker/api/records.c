/*
 * /v1/records: what happened in interactions.
 *
 * Purpose:    reads records, which lie in Redis alone: the commit answers.
 * Owner:      nothing.
 * Invariants: an agent reads those that it had a part in, and no others exist
 *             for it; a supervisor all of the desk; a record exists from the
 *             first accept on; the look of somebody who had no part is in the
 *             audit log.
 */

#include "api/records.h"

#include "api/answer.h"
#include "api/resources.h"

#define NUMBER_MAX  9007199254740991


/* The number of the path; 0 when it is none. */

static uint64_t
record_param(const struct api_call *call)
{
    uint64_t     number = 0;
    const char  *p = call->param[0];

    for ( ; *p >= '0' && *p <= '9' && number <= NUMBER_MAX / 10; p++) {
        number = number * 10 + (uint64_t) (*p - '0');
    }

    return *p == '\0' && number <= NUMBER_MAX ? number : 0;
}


enum cd_error
records_caller(struct api_call *call, struct records_ask *ask)
{
    ask->number = record_param(call);

    if (ask->number == 0) {
        return api_refuse(call, CD_E_NOT_FOUND, NULL, "%s", RECORD_NONE);
    }

    return api_answer_caller(call, &ask->caller, &ask->node, &ask->id) == 0
           ? CD_E_OK : CD_E_INTERNAL;
}


/* Where a page begins; an empty cursor is that of the first one. */

static enum cd_error
records_cursor(struct api_call *call, uint64_t most, uint64_t *at)
{
    const char  *text = api_query(call, "cursor");

    if (text != NULL && text[0] == '\0') {
        *at = 0;
        return CD_E_OK;
    }

    return api_query_whole(call, "cursor", 1, most, 0, at);
}


enum cd_error
records_get(struct api_call *call)
{
    char                refusal[API_REFUSAL_BYTES];
    uint64_t            from, limit;
    enum cd_error       error;
    struct records_ask  ask;

    error = records_cursor(call, CD_LIMIT_RECORD, &from);

    if (error == CD_E_OK) {
        error = api_query_whole(call, "limit", 1, CD_LIMIT_API_PAGE_MAX,
                                CD_LIMIT_API_PAGE, &limit);
    }

    if (error == CD_E_OK) {
        error = records_caller(call, &ask);
    }

    if (error != CD_E_OK) {
        return error;
    }

    api_answer_refusal(CD_E_NOT_FOUND, RECORD_NONE, refusal);
    changes_look(call->on->changes, &ask.caller, ask.number, from, limit,
                 refusal);
    call->later = 1;

    return CD_E_OK;
}


/* A list: of a conversation, or of all there is. */

static enum cd_error
records_page(struct api_call *call, const char *conv)
{
    uint64_t              before, limit;
    struct id             node, id;
    struct login          login;
    enum cd_error         error;
    const char           *agent = api_query(call, "agent");
    struct record_caller  caller;

    error = records_cursor(call, NUMBER_MAX, &before);

    if (error == CD_E_OK) {
        error = api_query_whole(call, "limit", 1, CD_LIMIT_API_PAGE_MAX,
                                CD_LIMIT_API_PAGE, &limit);
    }

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
                    agent != NULL ? agent : "", before, limit);
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
