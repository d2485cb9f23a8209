/*
 * The REST interface as its handlers see it.
 *
 *   ask --> path, query, body --> who, role --> route --> handler --> answer
 *
 * To add a request: a handler in the file of its resource, its prototype in
 * resources.h, a row in routes.c, its operation in docs/openapi.yaml.
 *
 * A handler reads what it was given, changes the desk by the functions of
 * core/ (a verb is the entry that a socket would have written, given to
 * api_verb()), sets `answer`, and returns CD_E_OK; or it changes nothing and
 * returns api_refuse().  It must not wait and not loop without a bound.
 *
 * Purpose:    one request under way.
 * Owner:      api.c owns a struct api_call, which lives for one request; a
 *             handler gives `answer` away to it.
 * Invariants: what a handler was given is checked: parameters are ids of at
 *             most 64 of [A-Za-z0-9._-], query values are UTF-8 without
 *             control characters, a body is a JSON object without doubled
 *             members and no deeper than JSON_DEPTH_MAX.
 */

#ifndef CHATDESK_API_API_H
#define CHATDESK_API_API_H

#include <json-c/json.h>

#include "chatdesk_wire.h"

#include "core/desk.h"
#include "io/json_check.h"
#include "io/request.h"

#define API_PARAMS_MAX  3
#define API_QUERY_MAX   16
#define API_PARAM_MAX   64

/* each may do what those before it may */
enum api_role {
    API_ROLE_NONE = 0,
    API_ROLE_AGENT = 1,
    API_ROLE_SUPERVISOR = 2,
    API_ROLE_ADMIN = 3
};

struct api_pair {
    const char  *name;
    const char  *value;
};

struct api_call {
    /* given; all of it is borrowed for the call */
    const struct request_on  *on;
    const struct cd_frame    *ask;
    char                      method[9];
    const char               *param[API_PARAMS_MAX];    /* of the pattern */
    struct api_pair           query[API_QUERY_MAX];
    size_t                    query_count;
    struct json_object       *body;     /* NULL: there was none */
    char                      who[65];  /* agent; empty for an API key */
    char                      by[80];   /* agent, or key:<id> */
    enum api_role             role;

    /* for the handler to set */
    int                       later;    /* 1: the commit itself answers */
    int                       status;   /* 0: 200, or 204 without answer */
    struct json_object       *answer;   /* owns */
    char                      tag[40];  /* ETag without quotes; "" for none */
    char                      allow[64];
    char                      field[200];   /* at fault */
    struct fault              fault;    /* text of the error */

    /* private to api.c and path.c */
    char                      path_text[600];
    char                      query_text[2100];
};

typedef enum cd_error (*api_handler)(struct api_call *call);

/* Sets the text of the error, and the field at fault (NULL for none);
   returns `error`, so that a handler can end with it. */
enum cd_error api_refuse(struct api_call *call, enum cd_error error,
    const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Memory ran out: the batch is not committed, the desk is loaded anew. */
enum cd_error api_no_memory(struct api_call *call);

/* A value of the query; NULL when it is not there. */
const char *api_query(const struct api_call *call, const char *name);

/* A whole number of the query, `otherwise` when it is not there; CD_E_OK,
   or the refusal when it is not one from `least` to `most`. */
enum cd_error api_query_whole(struct api_call *call, const char *name,
    uint64_t least, uint64_t most, uint64_t otherwise, uint64_t *value);

/* The body, to be read with io/json_check.h, ...  An empty body is an empty
   object. */
struct json_at api_body(struct api_call *call);

/* ... and what the first fault found in it comes to; CD_E_OK for none. */
enum cd_error api_body_fault(struct api_call *call);

/*
 * Lets the desk apply an entry, as if a socket of `agent` had written it:
 * sets who, role and time.  CD_E_OK or why it was refused.
 */
enum cd_error api_verb(struct api_call *call, struct cd_frame *entry,
    const char *agent);

/*
 * The agent that a verb acts for: the login itself, or, for an API key and
 * from `least` on, the body's member "as".  CD_E_OK with *agent set (it
 * lives as long as the call), or the refusal.
 */
enum cd_error api_actor(struct api_call *call, enum api_role least,
    const char **agent);

const char *api_role_name(enum api_role role);
enum api_role api_role_named(const char *name);

/* -- answers; json-c's NULL for memory is passed on by these -- */

/* Sets `answer` to an empty object, and gives it. */
struct json_object *api_answer(struct api_call *call);

/* Adds members; a NULL text is left out. */
void api_put_text(struct json_object *object, const char *name,
    const char *text);
void api_put_whole(struct json_object *object, const char *name,
    uint64_t value);
void api_put_bool(struct json_object *object, const char *name, int value);
void api_put(struct json_object *object, const char *name,
    struct json_object *value);

/*
 * Pages of a list: {"items": [...], "next": "<cursor>"}.  The handler calls
 * api_page_open() once, api_page_full() before each object it looks at,
 * api_page_add() for those that belong there, api_page_close() at the end
 * with the key of the last object looked at (NULL: it was the last of all).
 */
struct api_page {
    struct json_object  *items;         /* in the answer */
    const char          *after;         /* key to begin behind; "" at first */
    uint64_t             limit;
    uint64_t             looks;         /* objects that were looked at */
    size_t               bytes;         /* of the items, about */
};

enum cd_error api_page_open(struct api_call *call, struct api_page *page);
int api_page_full(struct api_page *page);
void api_page_add(struct api_page *page, struct json_object *item);
enum cd_error api_page_close(struct api_call *call, struct api_page *page,
    const char *last);

/* What the shell registers. */
extern const struct request_ops  api_ops;

/* Prints the table of routes: method, path, least role. */
int api_routes_command(void);

#endif /* CHATDESK_API_API_H */
