/*
 * Making the connection of a struct redis: address, socket, connect.
 *
 * Purpose:    the part of redis.c before the first byte is sent.
 * Owner:      a struct wire belongs to its struct redis until wire_drop(),
 *             then to the loop, and frees itself.
 * Invariants: at most one look-up of the address runs for a connection.
 */

#include "io/redis_state.h"

#include <stdlib.h>
#include <string.h>

#include "chatdesk_tables.h"


static void
wire_closed(uv_handle_t *handle)
{
    struct wire  *wire = handle->data;

    if (wire->reader != NULL) {
        redisReaderFree(wire->reader);
    }

    tls_free(&wire->tls);
    free(wire);
}


void
wire_drop(struct redis *redis)
{
    struct wire  *wire = redis->wire;

    if (wire != NULL) {
        redis->wire = NULL;
        wire->redis = NULL;
        uv_close(&wire->u.handle, wire_closed);
    }
}


static void
wire_connected(uv_connect_t *connect, int status)
{
    struct wire   *wire = connect->handle->data;
    struct redis  *redis = wire->redis;

    if (redis == NULL) {
        return;
    }

    if (status != 0) {
        redis_fail(redis, uv_strerror(status));
        return;
    }

    wire_start(redis);
}


/* A new socket of the right family; NULL for memory. */

static struct wire *
wire_new(struct redis *redis)
{
    int           rc;
    struct wire  *wire = calloc(1, sizeof(*wire));

    if (wire == NULL) {
        return NULL;
    }

    wire->reader = redisReaderCreate();

    if (wire->reader == NULL) {
        free(wire);
        return NULL;
    }

    rc = redis->settings->path != NULL
         ? uv_pipe_init(redis->loop, &wire->u.pipe, 0)
         : uv_tcp_init(redis->loop, &wire->u.tcp);

    if (rc != 0) {
        redisReaderFree(wire->reader);
        free(wire);
        return NULL;
    }

    wire->u.handle.data = wire;
    wire->redis = redis;

    return wire;
}


static void
redis_resolved(uv_getaddrinfo_t *resolve, int status, struct addrinfo *list)
{
    struct redis  *redis = resolve->data;

    free(resolve);

    if (redis != NULL) {
        redis->resolve = NULL;

        if (status == 0 && redis->wire != NULL) {
            uv_tcp_nodelay(&redis->wire->u.tcp, 1);
            status = uv_tcp_connect(&redis->wire->connect,
                                    &redis->wire->u.tcp, list->ai_addr,
                                    wire_connected);
        }

        if (status != 0) {
            redis_fail(redis, uv_strerror(status));
        }
    }

    uv_freeaddrinfo(list);
}


const char *
redis_host(const struct redis *redis)
{
    return redis->settings->target != NULL ? redis->settings->target->host
                                           : redis->settings->host;
}


static int
redis_resolve(struct redis *redis)
{
    int               rc;
    const char       *port = redis->settings->port;
    struct addrinfo   hints;
    uv_getaddrinfo_t *resolve;

    if (redis->resolve != NULL) {
        return UV_EALREADY;
    }

    resolve = calloc(1, sizeof(*resolve));
    if (resolve == NULL) {
        return UV_ENOMEM;
    }

    memset(&hints, 0, sizeof(hints));
    hints.ai_socktype = SOCK_STREAM;
    resolve->data = redis;

    if (redis->settings->target != NULL) {
        port = redis->settings->target->port;
    }

    rc = uv_getaddrinfo(redis->loop, resolve, redis_resolved,
                        redis_host(redis), port, &hints);
    if (rc != 0) {
        free(resolve);
        return rc;
    }

    redis->resolve = resolve;

    return 0;
}


void
redis_connect(struct redis *redis)
{
    int  rc = 0;

    /* redis_target_set() comes back to this; that nobody knows where to go
       is told by who asks */
    if (redis->settings->target != NULL
        && redis->settings->target->version == 0)
    {
        return;
    }

    redis->state = REDIS_CONNECTING;
    redis->connect_ticks = redis_ticks(CD_LIMIT_REDIS_MS);
    redis->wire = wire_new(redis);

    if (redis->wire == NULL) {
        redis_fail(redis, "no memory");
        return;
    }

    if (redis->settings->path != NULL) {
        uv_pipe_connect(&redis->wire->connect, &redis->wire->u.pipe,
                        redis->settings->path, wire_connected);

    } else {
        rc = redis_resolve(redis);
    }

    if (rc != 0) {
        redis_fail(redis, uv_strerror(rc));
    }
}
