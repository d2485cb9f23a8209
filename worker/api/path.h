/*
 * Path and query of a request, taken apart.
 *
 * Purpose:    the only way from bytes of a client to what handlers see.
 * Owner:      the strings lie in the call's own buffers.
 * Invariants: nothing is allocated; work is linear in what came; what is
 *             not UTF-8 or has control characters is refused.
 */

#ifndef CHATDESK_API_PATH_H
#define CHATDESK_API_PATH_H

#include "api/api.h"

/* Copies the path into call->path_text; CD_E_OK or the refusal. */
enum cd_error api_path_take(struct api_call *call, struct cd_str path);

/* Fills call->query; CD_E_OK or the refusal. */
enum cd_error api_query_take(struct api_call *call, struct cd_str query);

#endif /* CHATDESK_API_PATH_H */
