/*
 * Unit tests of worker/io/redis.h, against a server that misbehaves.
 *
 * Invariants tested: every command that was taken is answered exactly once,
 * whatever the server does; after each fault the connection comes back.
 *
 * link: worker/io/redis.c worker/io/redis_connect.c worker/io/redis_wire.c
 * link: worker/io/tls.c worker/io/settings.c worker/io/settings_redis.c
 * link: worker/io/settings_out.c
 * link: worker/io/log.c
 * link: -lhiredis -luv -linih -lssl -lcrypto
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/redis.h"

#define COMMANDS  3

/* What the server sends: on the greeting, then on what follows.  NULL:
   closes the connection. */
struct act {
    const char  *greeting;
    const char  *answer;
    size_t       answered;      /* of COMMANDS */
};

static const struct act  acts[] = {
    { NULL,                     NULL,                                  0 },
    { "-LOADING busy\r\n",      NULL,                                  0 },
    { "!?\r\n",                 NULL,                                  0 },
    { "+PONG\r\n",              NULL,                                  0 },
    { "+PONG\r\n+early\r\n",    NULL,                                  1 },
    { "+PONG\r\n",              "+1\r\n+2\r\n+3\r\n+stray\r\n",      3 },
    { "+PONG\r\n",              "+one\r\n$99\r\ncut",                  1 },
    { "+PONG\r\n",              "*-7\r\n",                             0 },
    { "+PONG\r\n",              "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n"
                                "$5\r\nhello\r\n+1\r\n:2\r\n*0\r\n",   3 },
};

#define ACTS  (sizeof(acts) / sizeof(acts[0]))

struct stage {
    uv_loop_t      loop;
    uv_pipe_t      server;
    struct redis  *redis;
    char           path[64];
    size_t         act;             /* of the connection that is there */
    size_t         next;
    size_t         taken;
    size_t         good;
    size_t         expected;        /* good ones in all acts */
    size_t         lost;
    size_t         messages;
    size_t         downs;
};

struct peer {
    uv_pipe_t      pipe;
    struct stage  *stage;
    const struct act *act;
    int            greeted;
    char           buf[4096];
};


static void
peer_closed(uv_handle_t *handle)
{
    free(handle->data);
}


static void
peer_close(struct peer *peer)
{
    if (!uv_is_closing((uv_handle_t *) &peer->pipe)) {
        uv_close((uv_handle_t *) &peer->pipe, peer_closed);
    }
}


static void
peer_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct peer  *peer = handle->data;

    (void) size;
    *buf = uv_buf_init(peer->buf, sizeof(peer->buf));
}


static void
peer_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *in)
{
    uv_buf_t      out;
    const char   *text;
    struct peer  *peer = stream->data;

    (void) in;
    text = peer->greeted ? peer->act->answer : peer->act->greeting;

    if (n < 0 || text == NULL) {
        peer_close(peer);
        return;
    }

    peer->greeted = 1;
    out = uv_buf_init((char *) text, (unsigned) strlen(text));
    assert_int_equal(uv_try_write(stream, &out, 1), (int) out.len);

    /* what was cut off never comes */
    if (strstr(text, "cut") != NULL) {
        peer_close(peer);
    }
}


static void
server_connected(uv_stream_t *server, int status)
{
    struct peer   *peer = calloc(1, sizeof(*peer));
    struct stage  *stage = server->data;

    assert_int_equal(status, 0);
    assert_non_null(peer);
    peer->stage = stage;
    stage->act = stage->next < ACTS ? stage->next++ : ACTS - 1;
    peer->act = &acts[stage->act];
    uv_pipe_init(&stage->loop, &peer->pipe, 0);
    peer->pipe.data = peer;
    assert_int_equal(uv_accept(server, (uv_stream_t *) &peer->pipe), 0);
    uv_read_start((uv_stream_t *) &peer->pipe, peer_alloc, peer_read);
}


static void
answered(void *data, const redisReply *reply)
{
    struct stage  *stage = data;

    if (reply == NULL) {
        stage->lost++;
        return;
    }

    stage->good++;

    /* the last act has been played to its end */
    if (stage->act == ACTS - 1 && stage->good == stage->expected
        && stage->redis != NULL)
    {
        redis_close(&stage->redis);
        uv_close((uv_handle_t *) &stage->server, NULL);
    }
}


static void
up(void *data)
{
    int            i;
    struct stage  *stage = data;
    const char    *args[2] = { "ECHO", "x" };

    redis_settled(stage->redis);

    for (i = 0; i < COMMANDS; i++) {
        stage->taken += redis_command(stage->redis, answered, stage, 0, 2,
                                      args, NULL) == 0;
    }
}


static void
down(void *data, const char *why)
{
    struct stage  *stage = data;
    const char    *args[1] = { "PING" };

    assert_non_null(why);
    stage->downs++;
    assert_false(redis_is_up(stage->redis));
    assert_int_equal(redis_command(stage->redis, answered, stage, 0, 1, args,
                                   NULL), -1);
}


static void
message(void *data, const char *payload, size_t len)
{
    struct stage  *stage = data;

    assert_int_equal(len, 5);
    assert_memory_equal(payload, "hello", 5);
    stage->messages++;
}


static void
test_faults(void **state)
{
    size_t                  i;
    struct stage            stage;
    struct redis_settings   settings;
    static const struct redis_ops  ops = { up, down, message };

    (void) state;
    memset(&stage, 0, sizeof(stage));
    memset(&settings, 0, sizeof(settings));
    snprintf(stage.path, sizeof(stage.path), "/tmp/chatdesk-unit-%ld.sock",
             (long) getpid());
    settings.path = stage.path;
    unlink(stage.path);

    for (i = 0; i < ACTS; i++) {
        stage.expected += acts[i].answered;
    }

    assert_int_equal(uv_loop_init(&stage.loop), 0);
    uv_pipe_init(&stage.loop, &stage.server, 0);
    stage.server.data = &stage;
    assert_int_equal(uv_pipe_bind(&stage.server, stage.path), 0);
    assert_int_equal(uv_listen((uv_stream_t *) &stage.server, 16,
                               server_connected), 0);

    stage.redis = redis_open(&stage.loop, &settings, &ops, &stage);
    assert_non_null(stage.redis);
    uv_run(&stage.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&stage.loop), 0);

    assert_int_equal(stage.taken, stage.good + stage.lost);
    assert_int_equal(stage.good, stage.expected);
    assert_int_equal(stage.messages, 1);
    assert_int_equal(stage.downs, ACTS - 1);
    unlink(stage.path);
}


/* Nobody listens; closing while it waits calls nobody. */

static void
test_nobody(void **state)
{
    uv_loop_t               loop;
    struct stage            stage;
    struct redis_settings   settings;
    static const struct redis_ops  ops = { up, down, message };

    (void) state;
    memset(&stage, 0, sizeof(stage));
    memset(&settings, 0, sizeof(settings));
    settings.host = "127.0.0.1";
    settings.port = "1";

    assert_int_equal(uv_loop_init(&loop), 0);
    stage.redis = redis_open(&loop, &settings, &ops, &stage);

    while (stage.downs < 2) {
        uv_run(&loop, UV_RUN_ONCE);
    }

    redis_close(&stage.redis);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(stage.downs, 2);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
