/*
 * Answers; see answer.h and the helpers of api.h.
 *
 * Purpose:    JSON from objects, errors in words, pages of lists.
 * Owner:      json-c objects belong to call->answer.
 * Invariants: those of answer.h.
 */

#include "api/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/changes_record.h"
#include "core/id.h"
#include "core/rights.h"
#include "core/state.h"
#include "io/log.h"

#define LOOKS_MAX  2000         /* objects that one page looks at */


enum cd_error
api_refuse(struct api_call *call, enum cd_error error, const char *field,
    const char *format, ...)
{
    va_list  args;

    va_start(args, format);
    vsnprintf(call->fault.text, sizeof(call->fault.text), format, args);
    va_end(args);

    snprintf(call->field, sizeof(call->field), "%s",
             field != NULL ? field : "");

    return error;
}


enum cd_error
api_no_memory(struct api_call *call)
{
    changes_fail(call->on->changes);

    return CD_E_INTERNAL;
}


/* -- members -- */

struct json_object *
api_answer(struct api_call *call)
{
    call->answer = json_object_new_object();

    return call->answer;
}


void
api_put(struct json_object *object, const char *name,
    struct json_object *value)
{
    if (json_object_object_add(object, name, value) != 0) {
        json_object_put(value);
    }
}


void
api_put_text(struct json_object *object, const char *name, const char *text)
{
    if (text != NULL) {
        api_put(object, name, json_object_new_string(text));
    }
}


void
api_put_whole(struct json_object *object, const char *name, uint64_t value)
{
    api_put(object, name, json_object_new_int64((int64_t) value));
}


void
api_put_bool(struct json_object *object, const char *name, int value)
{
    api_put(object, name, json_object_new_boolean(value));
}


/* -- pages -- */

enum cd_error
api_page_open(struct api_call *call, struct api_page *page)
{
    enum cd_error  error;

    memset(page, 0, sizeof(*page));
    page->after = api_query(call, "cursor");

    if (page->after == NULL) {
        page->after = "";
    }

    error = api_query_whole(call, "limit", 1, CD_LIMIT_API_PAGE_MAX,
                            CD_LIMIT_API_PAGE, &page->limit);
    if (error != CD_E_OK) {
        return error;
    }

    page->items = json_object_new_array();

    if (page->items == NULL || api_answer(call) == NULL) {
        json_object_put(page->items);
        return api_no_memory(call);
    }

    api_put(call->answer, "items", page->items);

    return CD_E_OK;
}


int
api_page_full(struct api_page *page)
{
    return json_object_array_length(page->items) >= page->limit
           || page->bytes >= CD_LIMIT_API_ANSWER / 2
           || page->looks++ >= LOOKS_MAX;
}


void
api_page_add(struct api_page *page, struct json_object *item)
{
    size_t  len = 0;

    json_object_to_json_string_length(item, JSON_C_TO_STRING_PLAIN, &len);
    page->bytes += len + 1;

    if (json_object_array_add(page->items, item) != 0) {
        json_object_put(item);
    }
}


enum cd_error
api_page_close(struct api_call *call, struct api_page *page, const char *last)
{
    (void) page;
    api_put_text(call->answer, "next", last);

    return CD_E_OK;
}


/* -- the frame -- */

static void
answer_error(struct api_call *call, enum cd_error error)
{
    const struct cd_error_row  *row = cd_error_row(error);
    struct json_object         *body = json_object_new_object();

    json_object_put(call->answer);
    call->answer = body;
    call->status = row->http;

    api_put_text(body, "code", row->code);
    api_put_text(body, "text", call->fault.text[0] != '\0' ? call->fault.text
                                                           : row->text);
    api_put_text(body, "field", call->field[0] != '\0' ? call->field : NULL);

    if (error == CD_E_BUSY || error == CD_E_UNAVAILABLE) {
        api_put_whole(body, "retry_after", CD_LIMIT_RETRY_MS);
    }
}


void
api_answer_frame(struct api_call *call, enum cd_error error,
    struct cd_frame *answer)
{
    size_t       len = 0;
    const char  *text = NULL;

    if (error != CD_E_OK) {
        answer_error(call, error);

    } else if (call->status == 0) {
        call->status = call->answer != NULL ? 200 : 204;
    }

    if (call->answer != NULL) {
        text = json_object_to_json_string_length(call->answer,
            JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
    }

    if (len > CD_LIMIT_API_ANSWER) {
        log_event(LOG_LEVEL_ERROR, call->on->name, "answer_too_long",
                  "%s of %zu bytes", call->path_text, len);
        answer_error(call, CD_E_INTERNAL);
        text = json_object_to_json_string_length(call->answer,
                                                 JSON_C_TO_STRING_PLAIN, &len);
    }

    cd_frame_init(answer, CD_T_ANSWER);
    answer->at_ms = call->on->now_ms;
    cd_frame_set_uint(answer, CD_F_STATUS, (uint64_t) call->status);

    if (text != NULL) {
        cd_frame_set_str(answer, CD_F_BODY, text, len);
    }

    if (error == CD_E_OK && call->tag[0] != '\0') {
        cd_frame_set_str(answer, CD_F_TAG, call->tag, strlen(call->tag));
    }

    if (error == CD_E_BAD_METHOD) {
        cd_frame_set_str(answer, CD_F_ALLOW, call->allow,
                         strlen(call->allow));
    }

    if (error == CD_E_BUSY || error == CD_E_UNAVAILABLE) {
        cd_frame_set_uint(answer, CD_F_RETRY_AFTER, CD_LIMIT_RETRY_MS);
    }
}


void
api_answer_refusal(enum cd_error error, const char *text, char *out)
{
    snprintf(out, API_REFUSAL_BYTES, "{\"code\":\"%s\",\"text\":\"%s\"}",
             cd_error_row(error)->code, text);
}


int
api_sees_all(const struct api_call *call)
{
    struct agent  *agent;

    if (call->role < API_ROLE_SUPERVISOR) {
        return 0;
    }

    agent = call->who[0] != '\0'
            ? agent_find(&call->on->desk->agents, str_of(call->who)) : NULL;

    return agent == NULL || rights_button(agent, BUTTON_RECORDS);
}


int
api_answer_caller(struct api_call *call, struct record_caller *caller,
    struct id *node, struct id *id)
{
    if (id_set(node, cd_frame_str(call->ask, CD_F_NODE)) != 0
        || id_set(id, cd_frame_str(call->ask, CD_F_ID)) != 0)
    {
        return -1;
    }

    caller->node = node->s;
    caller->id = id->s;
    caller->by = call->by;
    caller->all = api_sees_all(call);

    return 0;
}


void
api_answer_send(struct api_call *call, struct cd_frame *answer)
{
    struct id      node;
    struct cd_str  id = cd_frame_str(call->ask, CD_F_ID);

    if (id_set(&node, cd_frame_str(call->ask, CD_F_NODE)) != 0) {
        return;
    }

    cd_frame_set_str(answer, CD_F_ID, id.data, id.len);
    changes_node(call->on->changes, node.s, answer);
}
