/*
 * The answer of a request, as a frame for its nginx worker.
 *
 * Purpose:    one place that writes statuses, errors and bodies.
 * Owner:      nothing is kept.
 * Invariants: every error has a code and a text; a body is at most
 *             CD_LIMIT_API_ANSWER bytes.
 */

#ifndef CHATDESK_API_ANSWER_H
#define CHATDESK_API_ANSWER_H

#include "api/api.h"
#include "core/id.h"

/*
 * Turns what a handler left behind into the frame; its body and tag borrow
 * from the call.  `error` is what the handler returned.
 */
void api_answer_frame(struct api_call *call, enum cd_error error,
    struct cd_frame *answer);

/* The body of a refusal, for those that a commit decides; "" for memory. */
#define API_REFUSAL_BYTES  256

void api_answer_refusal(enum cd_error error, const char *text, char *out);

/* Whether the caller may read what it had no part in: a supervisor whose
   profile has the button `records`, or a key of that role. */
int api_sees_all(const struct api_call *call);

/* Who asks, for questions that a commit answers; 0, or -1 when nobody could
   be answered.  `node` has room for an id. */
struct record_caller;
int api_answer_caller(struct api_call *call, struct record_caller *caller,
    struct id *node, struct id *id);

/* Sends it with the commit. */
void api_answer_send(struct api_call *call, struct cd_frame *answer);

#endif /* CHATDESK_API_ANSWER_H */
