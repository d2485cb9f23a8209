/*
 * A request from beginning to end; see api.h and io/request.h.
 *
 * Purpose:    the order in which a request is checked: path, query, caller,
 *             route, role, idempotency, body.
 * Owner:      see api.h.
 * Invariants: exactly one answer for each request, in the same commit as
 *             what it did: by this file, or, when a handler has asked for
 *             what lies in Redis alone, by that commit.
 */

#include "api/api.h"

#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/once.h"
#include "api/path.h"
#include "api/route.h"
#include "api/who.h"


/* The body as JSON; CD_E_OK or the refusal. */

static enum cd_error
api_body_take(struct api_call *call)
{
    int             rc;
    char           *text;
    struct fault    fault = { "" };
    struct cd_str   body = cd_frame_str(call->ask, CD_F_BODY);

    if (body.len == 0) {
        return CD_E_OK;
    }

    text = malloc(body.len + 1);
    if (text == NULL) {
        return api_no_memory(call);
    }

    memcpy(text, body.data, body.len);
    text[body.len] = '\0';
    rc = json_document(&call->body, "the body", text, body.len, &fault);
    free(text);

    if (rc != 0) {
        return api_refuse(call, CD_E_BAD_REQUEST, "body", "%s", fault.text);
    }

    if (!json_object_is_type(call->body, json_type_object)) {
        return api_refuse(call, CD_E_BAD_REQUEST, "body",
                          "the body: expected an object");
    }

    return CD_E_OK;
}


struct json_at
api_body(struct api_call *call)
{
    struct json_at  at = { call->body, "the body", &call->fault, "" };

    if (call->body == NULL) {
        call->body = json_object_new_object();
        at.value = call->body;
    }

    return at;
}


enum cd_error
api_body_fault(struct api_call *call)
{
    size_t       len;
    const char  *path, *end;

    if (call->fault.text[0] == '\0') {
        return CD_E_OK;
    }

    /* "the body: <path>: <what>" */
    path = strstr(call->fault.text, ": ");
    path = path != NULL ? path + 2 : "";
    end = strstr(path, ": ");
    len = end != NULL ? (size_t) (end - path) : 0;

    if (len > 0 && len < sizeof(call->field) && strncmp(path, "the ", 4) != 0)
    {
        memcpy(call->field, path, len);
        call->field[len] = '\0';
    }

    return CD_E_BAD_REQUEST;
}


enum cd_error
api_verb(struct api_call *call, struct cd_frame *entry, const char *agent)
{
    entry->at_ms = call->on->now_ms;
    cd_frame_set_str(entry, CD_F_WHO, agent, strlen(agent));
    cd_frame_set_str(entry, CD_F_ROLE, "agent", 5);
    desk_apply(call->on->desk, entry, call->on->now_ms, call->on->changes);

    return desk_refused(call->on->desk);
}


/* What can be said before the body is looked at; NULL with *error. */

static const struct api_route *
api_admit(struct api_call *call, enum cd_error *error)
{
    const struct api_route  *route;

    *error = api_path_take(call, cd_frame_str(call->ask, CD_F_PATH));

    if (*error == CD_E_OK) {
        *error = api_query_take(call, cd_frame_str(call->ask, CD_F_QUERY));
    }

    if (*error == CD_E_OK) {
        *error = api_who(call);
    }

    if (*error != CD_E_OK) {
        return NULL;
    }

    route = api_route_find(call, call->path_text, error);

    if (route != NULL && call->role < route->least) {
        *error = api_refuse(call, CD_E_FORBIDDEN, NULL,
                            "this takes the role %s",
                            api_role_name(route->least));
        return NULL;
    }

    return route;
}


/* Runs the handler, unless the same was asked before; sets the answer. */

static void
api_run(struct once *once, struct api_call *call, struct cd_frame *answer)
{
    int                      again = 0;
    enum cd_error            error;
    const struct api_route  *route = api_admit(call, &error);

    if (route != NULL) {
        error = once_find(once, call, answer, &again);
    }

    if (again) {
        return;
    }

    if (route == NULL || error != CD_E_OK) {
        api_answer_frame(call, error, answer);
        return;
    }

    error = api_body_take(call);

    if (error == CD_E_OK) {
        error = route->handler(call);
    }

    call->later = call->later && error == CD_E_OK;

    if (call->later) {
        return;
    }

    api_answer_frame(call, error, answer);
    once_keep(once, call, answer);
}


static void
api_handle(void *state, const struct request_on *on,
    const struct cd_frame *ask)
{
    struct cd_str    method = cd_frame_str(ask, CD_F_METHOD);
    struct cd_frame  answer;
    struct api_call  call;

    memset(&call, 0, sizeof(call));
    call.on = on;
    call.ask = ask;
    memcpy(call.method, method.data, method.len < 8 ? method.len : 8);

    api_run(state, &call, &answer);

    if (!call.later) {
        api_answer_send(&call, &answer);
    }

    json_object_put(call.answer);
    json_object_put(call.body);
}


static void *
api_open(void)
{
    return once_new();
}


static void
api_close(void **state)
{
    struct once  *once = *state;

    once_free(&once);
    *state = NULL;
}


static int
api_load(void *state, const char *key, const void *blob, size_t len,
    const char **why)
{
    return once_load(state, key, blob, len, why);
}


const struct request_ops  api_ops = {
    api_open, api_close, api_load, api_handle
};
