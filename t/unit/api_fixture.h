/*
 * A desk behind the REST interface, without Redis.
 *
 * Purpose:    for the unit tests and the fuzz target of worker/api: gives
 *             requests to the registered handler and opens the answers.
 * Owner:      one struct fixture for each test.
 * Invariants: what a batch leads to decodes as Redis would see it, and has
 *             one answer for each request.
 *
 * Agents: ana (agent), sue (supervisor), eva (admin). Keys: robot (admin).
 */

#ifndef CHATDESK_API_FIXTURE_H
#define CHATDESK_API_FIXTURE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"

#include "../sim/ops.h"

#define HASH       "$y$j9T$abcdefghijklmnopqrstuv$ijklmnopqrstuvwxyzabcdef"   \
                   "ghijklmnopqrstuvwxy"
#define NODE       "n000000000000000000001"
#define ROBOT_KEY  "a0000000000000000000000000000000000000000000000000000000" \
                   "0000000a"
#define PUSH_KEY   "BP4z"
#define T0         1000000

#define AGENT(login, name, role)                                              \
    "{\"login\":\"" login "\",\"name\":\"" name "\",\"role\":\"" role "\","   \
    "\"profile\":\"p\",\"password_hash\":\"" HASH "\"}"

static const char  fixture_text[] =
    "{\"name\":\"Shop\",\"default_queue\":\"q\","
    "\"queues\":[{\"id\":\"q\",\"name\":\"Q\",\"priority\":5,"
    "\"accept_seconds\":30}],"
    "\"profiles\":[{\"id\":\"p\",\"name\":\"P\",\"capacity\":2,"
    "\"queues\":[\"q\"]}],"
    "\"agents\":[" AGENT("ana", "Ana", "agent") ","
    AGENT("sue", "Sue", "supervisor") "," AGENT("eva", "Eva", "admin") "],"
    "\"keys\":[{\"id\":\"robot\",\"role\":\"admin\",\"sha256\":\"" ROBOT_KEY
    "\"}]}";

struct fixture {
    struct config      *config;
    struct desk        *desk;
    struct changes     *changes;
    struct ops          ops;            /* of the last request */
    void               *state;
    uint64_t            now;
    unsigned            answers;        /* to the last request */
    unsigned            status;
    char                tag[64];
    char                allow[64];
    char                body[65536];
};


static inline void
fixture_die(const char *what)
{
    fprintf(stderr, "fixture: %s\n", what);
    abort();
}


static inline struct fixture *
fixture_new(void)
{
    const char        *why = "", *what = "";
    struct fault       fault;
    struct fixture    *fx = calloc(1, sizeof(*fx));
    struct desk_file  *file;

    fx->now = T0;
    file = desk_file_parse("desk.json", fixture_text, strlen(fixture_text),
                           &fault);
    if (file == NULL) {
        fixture_die(fault.text);
    }

    fx->config = config_new(&file);
    config_load_begin(fx->config);
    config_loaded(fx->config, &what, &fault);

    fx->desk = desk_new();
    fx->changes = changes_new();
    fx->state = api_ops.open();

    if (desk_configure(fx->desk, &config_file(fx->config)->settings, &why)
        != 0)
    {
        fixture_die(why);
    }

    desk_loaded(fx->desk, fx->now, fx->changes);
    config_store(fx->config, fx->changes);
    desk_flush(fx->desk, fx->changes);
    changes_reset(fx->changes);

    return fx;
}


static inline void
fixture_free(struct fixture *fx)
{
    ops_free(&fx->ops);
    api_ops.close(&fx->state);
    changes_free(&fx->changes);
    desk_free(&fx->desk);
    config_free(&fx->config);
    free(fx);
}


/* Flushes, decodes, finds the answer. */

static inline void
fixture_flush(struct fixture *fx)
{
    size_t          i, len;
    const char     *data, *why = "";
    struct cd_str   body;

    desk_flush(fx->desk, fx->changes);
    data = changes_data(fx->changes, &len);
    ops_free(&fx->ops);

    if (data == NULL || ops_decode(&fx->ops, data, len, &why) != 0) {
        fixture_die(why);
    }

    fx->answers = 0;

    for (i = 0; i < fx->ops.count; i++) {
        const struct op  *op = &fx->ops.list[i];

        if (op->code != CHANGE_NODE || op->frame.type != CD_T_ANSWER) {
            continue;
        }

        body = cd_frame_str(&op->frame, CD_F_BODY);
        fx->answers++;
        fx->status = (unsigned) cd_frame_uint(&op->frame, CD_F_STATUS);
        snprintf(fx->body, sizeof(fx->body), "%.*s", (int) body.len,
                 body.data);
        body = cd_frame_str(&op->frame, CD_F_TAG);
        snprintf(fx->tag, sizeof(fx->tag), "%.*s", (int) body.len, body.data);
        body = cd_frame_str(&op->frame, CD_F_ALLOW);
        snprintf(fx->allow, sizeof(fx->allow), "%.*s", (int) body.len,
                 body.data);
    }

    changes_reset(fx->changes);
}


static inline void
fixture_frame(struct fixture *fx, struct cd_frame *ask)
{
    struct request_on  on = { fx->desk, fx->changes, fx->config, "demo",
                              PUSH_KEY, fx->now };

    cd_frame_set_str(ask, CD_F_ID, "r1", 2);
    cd_frame_set_str(ask, CD_F_NODE, NODE, strlen(NODE));
    api_ops.handle(fx->state, &on, ask);
    fixture_flush(fx);
}


static inline void
fixture_set(struct cd_frame *ask, unsigned field, const char *text)
{
    if (text != NULL) {
        cd_frame_set_str(ask, field, text, strlen(text));
    }
}


/* "GET me?x=1" by somebody; the status. */

static inline unsigned
ask_once(struct fixture *fx, const char *who, const char *request,
    const char *body, const char *once)
{
    char             text[4096], *path, *query;
    struct cd_frame  ask;

    snprintf(text, sizeof(text), "%s", request);
    path = strchr(text, ' ');
    *path++ = '\0';
    query = strchr(path, '?');

    if (query != NULL) {
        *query++ = '\0';
    }

    cd_frame_init(&ask, CD_T_ASK);
    fixture_set(&ask, CD_F_METHOD, text);
    fixture_set(&ask, CD_F_PATH, path);
    fixture_set(&ask, CD_F_QUERY, query);
    fixture_set(&ask, CD_F_BODY, body);
    fixture_set(&ask, CD_F_ONCE, once);
    fixture_set(&ask, strlen(who) == 64 ? CD_F_KEY_HASH : CD_F_WHO, who);
    fixture_frame(fx, &ask);

    return fx->answers == 1 ? fx->status : 0;
}


static inline unsigned
ask(struct fixture *fx, const char *who, const char *request,
    const char *body)
{
    return ask_once(fx, who, request, body, NULL);
}

#endif /* CHATDESK_API_FIXTURE_H */
