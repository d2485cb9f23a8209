/*
 * The bytes of a struct redis: written, read, and encrypted on the way.
 *
 * Purpose:    the part of redis.c between the socket and the answers.
 * Owner:      what is being written belongs to the loop until it is.
 * Invariants: nothing of Redis' protocol is sent before TLS, where it is
 *             wanted, has verified the server.
 */

#include "io/redis_state.h"

#include <stdlib.h>

struct sending {
    uv_write_t  write;
    char       *text;           /* owns */
};


static void
wire_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct wire  *wire = handle->data;

    (void) suggested;
    *buf = uv_buf_init(wire->buf, sizeof(wire->buf));
}


/* Takes bytes of Redis; stops when the connection fails meanwhile. */

static void
wire_parse(struct wire *wire, const char *data, size_t len)
{
    void  *reply;

    if (redisReaderFeed(wire->reader, data, len) != REDIS_OK) {
        redis_fail(wire->redis, "no memory for an answer");
        return;
    }

    while (wire->redis != NULL) {
        if (redisReaderGetReply(wire->reader, &reply) != REDIS_OK) {
            redis_fail(wire->redis, "an answer that cannot be read");
            return;
        }

        if (reply == NULL) {
            return;
        }

        redis_reply(wire->redis, reply);
        freeReplyObject(reply);
    }
}


static void
wire_written(uv_write_t *write, int status)
{
    struct sending  *sending = write->data;
    struct wire     *wire = write->handle->data;

    free(sending->text);
    free(sending);

    if (status != 0 && wire->redis != NULL) {
        redis_fail(wire->redis, uv_strerror(status));
    }
}


/* As wire_send(), with bytes for the socket. */

static int
wire_write(struct wire *wire, char *text, size_t len)
{
    uv_buf_t         buf = uv_buf_init(text, (unsigned) len);
    struct sending  *sending = calloc(1, sizeof(*sending));

    if (sending != NULL) {
        sending->write.data = sending;
        sending->text = text;

        if (uv_write(&sending->write, &wire->u.stream, &buf, 1, wire_written)
            == 0)
        {
            return 0;
        }
    }

    free(sending);
    free(text);

    return -1;
}


/* What TLS has to say; 0, or -1. */

static int
wire_flush(struct wire *wire)
{
    size_t  len;
    char   *bytes = tls_output(wire->tls, &len);

    if (bytes == NULL) {
        return len == 0 ? 0 : -1;
    }

    return wire_write(wire, bytes, len);
}


int
wire_send(struct wire *wire, char *text, size_t len)
{
    int  rc;

    if (wire->tls == NULL) {
        return wire_write(wire, text, len);
    }

    rc = tls_write(wire->tls, text, len);
    free(text);

    return rc == 0 ? wire_flush(wire) : -1;
}


static void
wire_shake(struct wire *wire)
{
    int  rc = tls_shake(wire->tls);

    if (rc < 0) {
        redis_fail(wire->redis, tls_why(wire->tls));

    } else if (wire_flush(wire) != 0) {
        redis_fail(wire->redis, "no memory for TLS");

    } else if (rc > 0) {
        wire->secured = 1;
        redis_greet(wire->redis);
    }
}


/* Decrypts what has come. */

static void
wire_secured(struct wire *wire)
{
    int   n;
    char  plain[16384];

    if (!wire->secured) {
        wire_shake(wire);
    }

    while (wire->redis != NULL && wire->secured) {
        n = tls_read(wire->tls, plain, sizeof(plain));

        if (n < 0) {
            redis_fail(wire->redis, tls_why(wire->tls));

        } else if (n == 0) {
            if (wire_flush(wire) != 0) {
                redis_fail(wire->redis, "no memory for TLS");
            }
            return;

        } else {
            wire_parse(wire, plain, (size_t) n);
        }
    }
}


static void
wire_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct wire  *wire = stream->data;

    if (wire->redis == NULL || n == 0) {
        return;
    }

    if (n < 0) {
        redis_fail(wire->redis, uv_strerror((int) n));

    } else if (wire->tls == NULL) {
        wire_parse(wire, buf->base, (size_t) n);

    } else if (tls_feed(wire->tls, buf->base, (size_t) n) != 0) {
        redis_fail(wire->redis, "no memory for TLS");

    } else {
        wire_secured(wire);
    }
}


void
wire_start(struct redis *redis)
{
    int           rc;
    struct wire  *wire = redis->wire;
    const struct redis_settings *settings = redis->settings;

    rc = uv_read_start(&wire->u.stream, wire_alloc, wire_read);

    if (rc != 0) {
        redis_fail(redis, uv_strerror(rc));
        return;
    }

    if (settings->secure == NULL) {
        redis_greet(redis);
        return;
    }

    wire->tls = tls_new(settings->secure,
                        settings->tls_name != NULL ? settings->tls_name
                                                   : redis_host(redis));
    if (wire->tls == NULL) {
        redis_fail(redis, "no memory for TLS");
        return;
    }

    wire_shake(wire);
}
