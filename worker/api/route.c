/*
 * Finding a route; see route.h.
 *
 * Purpose:    a path against the patterns of the table.
 * Owner:      parameters lie in the path, which is cut up.
 * Invariants: linear in the table and in the path; nothing is allocated.
 */

#include "api/route.h"

#include <stdio.h>
#include <string.h>

#define SEGMENTS_MAX  8

struct segments {
    char    *at[SEGMENTS_MAX];
    size_t   count;
};


/* Whether it can be an id or a name of ours. */

static int
segment_fits(const char *text)
{
    static const char  allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789._-";
    size_t             len = strlen(text);

    return len >= 1 && len <= API_PARAM_MAX && strspn(text, allowed) == len;
}


/* Cuts at slashes; 0, or -1 when no path of ours looks like this. */

static int
segments_cut(struct segments *segments, char *path)
{
    char  *slash;

    for (segments->count = 0; segments->count < SEGMENTS_MAX; ) {
        segments->at[segments->count++] = path;
        slash = strchr(path, '/');

        if (slash != NULL) {
            *slash = '\0';
        }

        if (!segment_fits(path)) {
            return -1;
        }

        if (slash == NULL) {
            return 0;
        }

        path = slash + 1;
    }

    return -1;
}


/* Whether the pattern fits; the parameters are then set. */

static int
route_fits(struct api_call *call, const struct segments *segments,
    const char *pattern)
{
    size_t  i, len, params = 0;

    for (i = 0; i < segments->count; i++) {
        len = strcspn(pattern, "/");

        if (pattern[0] == '{') {
            call->param[params++] = segments->at[i];

        } else if (strlen(segments->at[i]) != len
                   || memcmp(segments->at[i], pattern, len) != 0)
        {
            return 0;
        }

        pattern += len;
        if (*pattern == '\0') {
            return i + 1 == segments->count;
        }

        pattern++;
    }

    return 0;
}


static void
route_allow(struct api_call *call, const char *method)
{
    size_t  len = strlen(call->allow);

    snprintf(call->allow + len, sizeof(call->allow) - len, "%s%s",
             len > 0 ? ", " : "", method);
}


const struct api_route *
api_route_find(struct api_call *call, char *path, enum cd_error *error)
{
    const char              *pattern = NULL;
    struct segments          segments;
    const struct api_route  *route;

    *error = CD_E_NO_ROUTE;

    if (segments_cut(&segments, path) != 0) {
        return NULL;
    }

    for (route = api_routes; route->method != NULL; route++) {
        if (pattern != NULL ? strcmp(route->pattern, pattern) != 0
                            : !route_fits(call, &segments, route->pattern))
        {
            continue;
        }

        if (strcmp(route->method, call->method) == 0) {
            return route;
        }

        pattern = route->pattern;
        *error = CD_E_BAD_METHOD;
        route_allow(call, route->method);
    }

    return NULL;
}


int
api_routes_command(void)
{
    const struct api_route  *route;

    for (route = api_routes; route->method != NULL; route++) {
        printf("%s /v1/%s %s\n", route->method, route->pattern,
               api_role_name(route->least));
    }

    return fflush(stdout) == 0 ? 0 : 1;
}
