/*
 * The table of routes.
 *
 * Purpose:    which request is answered by what, and who may ask it.
 * Owner:      constant.
 * Invariants: no two rows have the same method and pattern; of two patterns
 *             that fit a path the one without a parameter comes first.
 */

#ifndef CHATDESK_API_ROUTE_H
#define CHATDESK_API_ROUTE_H

#include "api/api.h"

struct api_route {
    const char     *method;
    const char     *pattern;    /* below v1/; "{...}" stands for an id */
    enum api_role   least;
    api_handler     handler;
};

/* The rows; the last one has no method. */
extern const struct api_route  api_routes[];

/*
 * The row for a method and path, with call->param set; NULL with *error
 * CD_E_NO_ROUTE, or CD_E_BAD_METHOD and call->allow set.
 */
const struct api_route *api_route_find(struct api_call *call,
    char *path, enum cd_error *error);

#endif /* CHATDESK_API_ROUTE_H */
