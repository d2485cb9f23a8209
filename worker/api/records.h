/*
 * What the files of /v1/records share.
 *
 * Purpose:    a question about one record, which the commit answers.
 * Owner:      a struct records_ask lives on a handler's stack.
 * Invariants: `caller` borrows from the same struct and from the call.
 */

#ifndef CHATDESK_API_RECORDS_H
#define CHATDESK_API_RECORDS_H

#include "api/api.h"
#include "core/changes_record.h"
#include "core/id.h"

#define RECORD_NONE  "There is no such record for you."

struct records_ask {
    uint64_t              number;       /* of the path */
    struct record_caller  caller;
    struct id             node;
    struct id             id;
};

/* Fills it from the path and the request; CD_E_OK or the refusal. */
enum cd_error records_caller(struct api_call *call, struct records_ask *ask);

#endif /* CHATDESK_API_RECORDS_H */
