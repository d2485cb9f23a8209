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

#define RECORD_NONE        "There is no such record for you."
#define RECORD_NUMBER_MAX  9007199254740991

struct records_ask {
    uint64_t              number;       /* of the path */
    struct record_caller  caller;
    struct id             node;
    struct id             id;
};

/* Fills it from the path and the request; CD_E_OK or the refusal. */
enum cd_error records_caller(struct api_call *call, struct records_ask *ask);

/* The page that the query asks for, with a cursor of at most `most`; an empty
   cursor is the first page's. */
enum cd_error records_range(struct api_call *call, uint64_t most,
    struct record_range *range);

/* The number in a path; 0 when it is none. */
uint64_t records_number(const char *text);

/* Answers with what was written in the interaction of this number: of that
   client, or ("") if the caller may read the record; `none` says that there
   is none. */
enum cd_error records_texts(struct api_call *call, uint64_t number,
    const char *visitor, const char *none);

#endif /* CHATDESK_API_RECORDS_H */
