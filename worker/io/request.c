/*
 * The queue of REST requests; see request.h.
 *
 * Purpose:    takes calls, hands a few of them to each batch.
 * Owner:      a struct request owns its payload and belongs to
 *             shell->requests.
 * Invariants: at most CD_LIMIT_API_QUEUE wait; a call that cannot be read is
 *             dropped and logged.
 */

#include "io/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/shell_state.h"
#include "io/vapid.h"

#define NODE_MAX  22

struct request {
    STAILQ_ENTRY(request)  link;
    struct cd_frame        ask;         /* borrows from the payload */
    char                   payload[];
};


static int
request_fits(const struct cd_frame *ask)
{
    return ask->type == CD_T_ASK
           && cd_frame_str(ask, CD_F_ID).len >= 1
           && cd_frame_str(ask, CD_F_ID).len <= NODE_MAX
           && cd_frame_str(ask, CD_F_NODE).len == NODE_MAX
           && cd_frame_has(ask, CD_F_METHOD)
           && cd_frame_has(ask, CD_F_PATH)
           && (cd_frame_has(ask, CD_F_WHO)
               || cd_frame_has(ask, CD_F_KEY_HASH))
           && cd_frame_str(ask, CD_F_PATH).len <= CD_LIMIT_API_PATH
           && cd_frame_str(ask, CD_F_QUERY).len <= CD_LIMIT_API_QUERY
           && cd_frame_str(ask, CD_F_BODY).len <= CD_LIMIT_API_BODY;
}


/* The queue is full: try again. */

static void
request_refuse(struct shell *shell, const struct cd_frame *ask)
{
    char                        node[NODE_MAX + 1] = "", body[256];
    struct cd_str               id = cd_frame_str(ask, CD_F_ID);
    struct cd_frame             answer;
    const struct cd_error_row  *row = cd_error_row(CD_E_BUSY);

    memcpy(node, cd_frame_str(ask, CD_F_NODE).data, NODE_MAX);
    snprintf(body, sizeof(body), "{\"code\":\"%s\",\"text\":\"%s\","
             "\"retry_after\":%llu}\n", row->code, row->text,
             (unsigned long long) CD_LIMIT_RETRY_MS);

    cd_frame_init(&answer, CD_T_ANSWER);
    answer.at_ms = clock_now_ms();
    cd_frame_set_str(&answer, CD_F_ID, id.data, id.len);
    cd_frame_set_uint(&answer, CD_F_STATUS, (uint64_t) row->http);
    cd_frame_set_uint(&answer, CD_F_RETRY_AFTER, CD_LIMIT_RETRY_MS);
    cd_frame_set_str(&answer, CD_F_BODY, body, strlen(body));
    shell_tell_node(shell, node, &answer);
}


void
request_call(struct shell *shell, const char *payload, size_t len)
{
    struct request  *request;

    if (shell->state != SHELL_RUNNING) {
        return;
    }

    request = malloc(sizeof(*request) + len);
    if (request == NULL) {
        return;
    }

    memcpy(request->payload, payload, len);

    if (cd_frame_decode(&request->ask, request->payload, len) != 0
        || !request_fits(&request->ask))
    {
        log_event(LOG_LEVEL_WARNING, shell->entry->name, "bad_call",
                  "a call of %zu bytes cannot be read", len);
        free(request);

    } else if (shell->request_count >= CD_LIMIT_API_QUEUE) {
        request_refuse(shell, &request->ask);
        free(request);

    } else {
        STAILQ_INSERT_TAIL(&shell->requests, request, link);
        shell->request_count++;
        batch_work(shell);
    }
}


static struct request *
request_take(struct shell *shell)
{
    struct request  *request = STAILQ_FIRST(&shell->requests);

    if (request != NULL) {
        STAILQ_REMOVE_HEAD(&shell->requests, link);
        shell->request_count--;
    }

    return request;
}


void
request_apply(struct shell *shell, uint64_t now_ms)
{
    uint64_t           count;
    struct request    *request;
    struct request_on  on = {
        shell->desk, shell->changes, shell->config, shell->entry->name, NULL,
        now_ms
    };

    if (shell->settings->push.vapid != NULL) {
        on.push_key = shell->settings->push.vapid->public;
    }

    for (count = 0; count < CD_LIMIT_API_BATCH; count++) {
        request = request_take(shell);
        if (request == NULL) {
            return;
        }

        shell->ops->handle(shell->api, &on, &request->ask);
        free(request);
    }
}


void
request_clear(struct shell *shell)
{
    struct request  *request;

    while ((request = request_take(shell)) != NULL) {
        free(request);
    }

    if (shell->api != NULL) {
        shell->ops->close(&shell->api);
    }
}
