/*
 * One connection to Redis; see the header for its states.
 *
 *   DOWN -> CONNECTING     ngx_http_chatdesk_link_connect()
 *   CONNECTING -> UP       ngx_http_chatdesk_link_connected()
 *   UP -> ready            ngx_http_chatdesk_link_ready()
 *   any -> DOWN            ngx_http_chatdesk_link_drop()
 *
 * Purpose:    sockets, timers and buffers are nginx's; hiredis only reads
 *             replies (docs/decisions/0002-hiredis-reader-on-nginx-sockets.md
 *             says why).
 * Owner:      see the header.
 * Invariants: a link is dropped at most once for each socket; the generation
 *             tells the reading loop that its socket has gone.
 */

#include "ngx_http_chatdesk_redis_link.h"
#include "ngx_http_chatdesk_redis_tls.h"
#include "ngx_http_chatdesk_metrics.h"

#include "chatdesk_tables.h"

/* bytes read at once, and how often before others get their turn */
#define NGX_HTTP_CHATDESK_LINK_READ    16384
#define NGX_HTTP_CHATDESK_LINK_BUDGET  64


static void ngx_http_chatdesk_link_connect(ngx_http_chatdesk_link_t *link);
static void ngx_http_chatdesk_link_begin(ngx_http_chatdesk_link_t *link);
static ngx_int_t ngx_http_chatdesk_link_socket(ngx_http_chatdesk_link_t *link);
static ngx_int_t ngx_http_chatdesk_link_connected(
    ngx_http_chatdesk_link_t *link);
#if (NGX_SSL)
static ngx_int_t ngx_http_chatdesk_link_secure(
    ngx_http_chatdesk_link_t *link);
static void ngx_http_chatdesk_link_secured(ngx_connection_t *c);
#endif
static void ngx_http_chatdesk_link_read_handler(ngx_event_t *rev);
static ngx_int_t ngx_http_chatdesk_link_feed(ngx_http_chatdesk_link_t *link,
    u_char *data, size_t size);
static void ngx_http_chatdesk_link_write_handler(ngx_event_t *wev);
static void ngx_http_chatdesk_link_flush_handler(ngx_event_t *ev);
static void ngx_http_chatdesk_link_timer_handler(ngx_event_t *ev);
static void ngx_http_chatdesk_link_send(ngx_http_chatdesk_link_t *link);
static void ngx_http_chatdesk_link_release(ngx_http_chatdesk_link_t *link);
static void ngx_http_chatdesk_link_tick_later(ngx_http_chatdesk_link_t *link);


void
ngx_http_chatdesk_link_open(ngx_http_chatdesk_link_t *link)
{
    link->flush.handler = ngx_http_chatdesk_link_flush_handler;
    link->flush.data = link;
    link->flush.log = link->log;

    link->timer.handler = ngx_http_chatdesk_link_timer_handler;
    link->timer.data = link;
    link->timer.log = link->log;
    link->timer.cancelable = 1;

    /* failed attempts are told once, by us, not once for each */

    link->quiet = *link->log;
    link->quiet.log_level = NGX_LOG_ALERT;

    link->backoff = 2 * CD_LIMIT_REDIS_BACKOFF_MIN_MS;

    ngx_http_chatdesk_link_connect(link);
}


void
ngx_http_chatdesk_link_close(ngx_http_chatdesk_link_t *link)
{
    if (link->up && link->out.pos != link->out.last) {
        (void) link->connection->send(link->connection, link->out.pos,
                                      link->out.last - link->out.pos);
    }

    ngx_http_chatdesk_link_release(link);

    if (link->timer.timer_set) {
        ngx_del_timer(&link->timer);
    }
}


static void
ngx_http_chatdesk_link_connect(ngx_http_chatdesk_link_t *link)
{
    link->began = ngx_current_msec;
    link->heard = ngx_current_msec;

    link->reader = ngx_http_chatdesk_resp_reader();
    if (link->reader == NULL) {
        ngx_http_chatdesk_link_drop(link, 0, "no memory");
        return;
    }

    link->ops->hello(link->data);

    if (link->addr == NULL) {
        link->waiting = 1;
        ngx_http_chatdesk_link_tick_later(link);
        return;
    }

    ngx_http_chatdesk_link_begin(link);
}


/* The socket; what introduces the connection is in the output already. */

static void
ngx_http_chatdesk_link_begin(ngx_http_chatdesk_link_t *link)
{
    if (ngx_http_chatdesk_link_socket(link) != NGX_OK) {
        return;
    }

    ngx_http_chatdesk_link_tick_later(link);

    if (link->connection->write->ready) {
        ngx_http_chatdesk_link_write_handler(link->connection->write);
    }
}


void
ngx_http_chatdesk_link_aim(ngx_http_chatdesk_link_t *link, ngx_addr_t *addr)
{
    link->addr = addr;

    if (link->waiting) {
        link->waiting = 0;
        link->began = ngx_current_msec;
        ngx_http_chatdesk_link_begin(link);
        return;
    }

    if (link->connection != NULL) {
        ngx_http_chatdesk_link_drop(link, 0, "the primary is another one now");
    }

    if (link->timer.timer_set) {
        ngx_del_timer(&link->timer);
    }

    link->backoff = 2 * CD_LIMIT_REDIS_BACKOFF_MIN_MS;
    ngx_http_chatdesk_link_connect(link);
}


static ngx_int_t
ngx_http_chatdesk_link_socket(ngx_http_chatdesk_link_t *link)
{
    ngx_int_t               rc;
    ngx_err_t               err;
    ngx_connection_t       *c;
    ngx_peer_connection_t   peer;

    ngx_memzero(&peer, sizeof(ngx_peer_connection_t));

    peer.sockaddr = link->addr->sockaddr;
    peer.socklen = link->addr->socklen;
    peer.name = &link->addr->name;
    peer.get = ngx_event_get_peer;
    peer.log = &link->quiet;
    peer.log_error = NGX_ERROR_INFO;

    ngx_set_errno(0);

    rc = ngx_event_connect_peer(&peer);
    err = ngx_errno;

    if (rc != NGX_OK && rc != NGX_AGAIN) {
        ngx_http_chatdesk_link_drop(link, err, "cannot connect");
        return NGX_ERROR;
    }

    c = peer.connection;

    c->data = link;
    c->sockaddr = link->addr->sockaddr;
    c->socklen = link->addr->socklen;
    c->log = link->log;
    c->read->log = link->log;
    c->write->log = link->log;
    c->read->handler = ngx_http_chatdesk_link_read_handler;
    c->write->handler = ngx_http_chatdesk_link_write_handler;

    link->connection = c;
    link->generation++;

    return NGX_OK;
}


/* NGX_OK when the socket is connected and can be used; NGX_AGAIN while TLS
   shakes hands; NGX_ERROR when it was dropped. */

static ngx_int_t
ngx_http_chatdesk_link_connected(ngx_http_chatdesk_link_t *link)
{
    int                err;
    socklen_t          len;
    ngx_connection_t  *c;

    if (link->up) {
        return NGX_OK;
    }

    c = link->connection;
    err = 0;
    len = sizeof(int);

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, (void *) &err, &len) == -1) {
        err = ngx_socket_errno;
    }

    if (err) {
        ngx_http_chatdesk_link_drop(link, err, "cannot connect");
        return NGX_ERROR;
    }

    /* failure costs 40 ms now and then, nothing else */

    if (link->addr->sockaddr->sa_family != AF_UNIX) {
        (void) ngx_tcp_nodelay(c);
    }

#if (NGX_SSL)

    if (link->conf->ssl != NULL && c->ssl == NULL) {
        return ngx_http_chatdesk_link_secure(link);
    }

#endif

    link->up = 1;
    link->heard = ngx_current_msec;

    return NGX_OK;
}


#if (NGX_SSL)

/* NGX_AGAIN: link_secured() goes on; NGX_ERROR: the socket was dropped. */

static ngx_int_t
ngx_http_chatdesk_link_secure(ngx_http_chatdesk_link_t *link)
{
    ngx_int_t          rc;
    ngx_connection_t  *c;

    c = link->connection;

    /* OpenSSL's errors are told as the others are: once */

    c->log = link->told ? &link->quiet : link->log;

    rc = ngx_http_chatdesk_tls_start(c, link->conf,
                                     ngx_http_chatdesk_link_secured);

    if (rc == NGX_OK) {
        ngx_http_chatdesk_link_secured(c);
        return NGX_AGAIN;
    }

    if (rc == NGX_ERROR) {
        ngx_http_chatdesk_link_drop(link, 0, "the TLS handshake failed");
    }

    return rc;
}


static void
ngx_http_chatdesk_link_secured(ngx_connection_t *c)
{
    ngx_uint_t                 generation;
    const char                *wrong;
    ngx_http_chatdesk_link_t  *link;

    link = c->data;
    wrong = ngx_http_chatdesk_tls_verify(c, link->conf);

    if (wrong != NULL) {
        ngx_http_chatdesk_link_drop(link, 0, wrong);
        return;
    }

    c->log = link->log;
    c->read->handler = ngx_http_chatdesk_link_read_handler;
    c->write->handler = ngx_http_chatdesk_link_write_handler;

    link->up = 1;
    link->heard = ngx_current_msec;
    generation = link->generation;

    ngx_http_chatdesk_link_send(link);

    if (generation == link->generation) {
        ngx_http_chatdesk_link_read_handler(c->read);
    }
}

#endif


static void
ngx_http_chatdesk_link_read_handler(ngx_event_t *rev)
{
    ssize_t                    n;
    ngx_uint_t                 budget;
    ngx_connection_t          *c;
    ngx_http_chatdesk_link_t  *link;

    static u_char              buf[NGX_HTTP_CHATDESK_LINK_READ];

    c = rev->data;
    link = c->data;

    /* worker_shutdown_timeout has run out: the clients' sockets close now
       and their goodbyes still need Redis; exit_process closes this one */

    c->close = 0;
    c->error = 0;

    if (ngx_http_chatdesk_link_connected(link) != NGX_OK) {
        return;
    }

    for (budget = 0; budget < NGX_HTTP_CHATDESK_LINK_BUDGET; budget++) {
        n = c->recv(c, buf, sizeof(buf));

        if (n == NGX_AGAIN) {
            if (ngx_handle_read_event(rev, 0) != NGX_OK) {
                ngx_http_chatdesk_link_drop(link, 0, "no event");
            }

            return;
        }

        if (n == NGX_ERROR || n == 0) {
            ngx_http_chatdesk_link_drop(link, 0, "Redis closed it");
            return;
        }

        if (ngx_http_chatdesk_link_feed(link, buf, n) != NGX_OK) {
            return;
        }
    }

    ngx_post_event(rev, &ngx_posted_next_events);
}


static ngx_int_t
ngx_http_chatdesk_link_feed(ngx_http_chatdesk_link_t *link, u_char *data,
    size_t size)
{
    ngx_uint_t   generation;
    redisReply  *reply;

    generation = link->generation;
    link->heard = ngx_current_msec;

    if (redisReaderFeed(link->reader, (char *) data, size) != REDIS_OK) {
        ngx_http_chatdesk_link_drop(link, 0, "no memory");
        return NGX_ERROR;
    }

    for ( ;; ) {
        if (ngx_http_chatdesk_resp_next(link->reader, &reply) != NGX_OK) {
            ngx_http_chatdesk_link_drop(link, 0, link->reader->errstr);
            return NGX_ERROR;
        }

        if (reply == NULL) {
            return NGX_OK;
        }

        link->ops->reply(link->data, &reply);
        freeReplyObject(reply);

        if (generation != link->generation) {
            return NGX_ERROR;
        }
    }
}


static void
ngx_http_chatdesk_link_write_handler(ngx_event_t *wev)
{
    ngx_connection_t          *c;
    ngx_http_chatdesk_link_t  *link;

    c = wev->data;
    link = c->data;

    if (ngx_http_chatdesk_link_connected(link) == NGX_OK) {
        ngx_http_chatdesk_link_send(link);
    }
}


static void
ngx_http_chatdesk_link_flush_handler(ngx_event_t *ev)
{
    ngx_http_chatdesk_link_t  *link;

    link = ev->data;

    if (link->ops->turn != NULL) {
        link->ops->turn(link->data);
    }

    if (link->up && link->connection->write->ready) {
        ngx_http_chatdesk_link_send(link);
    }
}


static void
ngx_http_chatdesk_link_send(ngx_http_chatdesk_link_t *link)
{
    ssize_t            n;
    ngx_connection_t  *c;

    c = link->connection;

    while (link->out.pos != link->out.last) {
        n = c->send(c, link->out.pos, link->out.last - link->out.pos);

        if (n == NGX_AGAIN) {
            break;
        }

        if (n <= 0) {
            ngx_http_chatdesk_link_drop(link, 0, "cannot write");
            return;
        }

        ngx_http_chatdesk_resp_sent(&link->out, n);
    }

    if (ngx_handle_write_event(c->write, 0) != NGX_OK) {
        ngx_http_chatdesk_link_drop(link, 0, "no event");
    }
}


ngx_int_t
ngx_http_chatdesk_link_write(ngx_http_chatdesk_link_t *link, ngx_uint_t argc,
    ngx_str_t *argv)
{
    ngx_int_t  rc;

    rc = ngx_http_chatdesk_resp_command(&link->out, argc, argv, link->log);

    if (rc == NGX_OK) {
        ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_REDIS_COMMANDS, 1);
        ngx_post_event(&link->flush, &ngx_posted_events);
    }

    return rc;
}


void
ngx_http_chatdesk_link_ready(ngx_http_chatdesk_link_t *link)
{
    link->ready = 1;

    if (link->silent) {
        return;
    }

    link->told = 0;

    ngx_log_error(NGX_LOG_NOTICE, link->log, 0,
                  "connection \"%s\" to Redis \"%V\" is up",
                  link->what, &link->conf->url);
}


void
ngx_http_chatdesk_link_drop(ngx_http_chatdesk_link_t *link, ngx_err_t err,
    const char *why)
{
    ngx_msec_t  wait;

    wait = link->backoff / 2 + ngx_random() % (link->backoff / 2 + 1);
    link->backoff = ngx_min(link->backoff * 2, CD_LIMIT_REDIS_BACKOFF_MAX_MS);

    if (link->ready && !link->silent) {
        ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_REDIS_RECONNECTS, 1);
    }

    if (!link->told && !link->silent) {
        link->told = 1;

        ngx_log_error(NGX_LOG_ERR, link->log, err,
                      "connection \"%s\" to Redis \"%V\" is down: %s; "
                      "chat waits until it is back",
                      link->what, &link->conf->url, why);
    }

    ngx_http_chatdesk_link_release(link);

    if (link->timer.timer_set) {
        ngx_del_timer(&link->timer);
    }

    ngx_add_timer(&link->timer, wait);

    link->why = why;
    link->ops->down(link->data);
    link->why = NULL;
}


/* Frees what belongs to one socket. */

static void
ngx_http_chatdesk_link_release(ngx_http_chatdesk_link_t *link)
{
    link->generation++;
    link->up = 0;
    link->ready = 0;
    link->waiting = 0;

    if (link->flush.posted) {
        ngx_delete_posted_event(&link->flush);
    }

    if (link->connection != NULL) {
#if (NGX_SSL)
        ngx_http_chatdesk_tls_close(link->connection);
#endif
        ngx_close_connection(link->connection);
        link->connection = NULL;
    }

    if (link->reader != NULL) {
        redisReaderFree(link->reader);
        link->reader = NULL;
    }

    ngx_http_chatdesk_resp_clear(&link->out);
}


static void
ngx_http_chatdesk_link_timer_handler(ngx_event_t *ev)
{
    ngx_uint_t                 generation;
    ngx_http_chatdesk_link_t  *link;

    link = ev->data;

    if (link->connection == NULL && !link->waiting) {
        ngx_http_chatdesk_link_connect(link);
        return;
    }

    if (!link->ready
        && ngx_http_chatdesk_link_since(link->began) >= link->conf->timeout)
    {
        ngx_http_chatdesk_link_drop(link, NGX_ETIMEDOUT,
                           link->waiting ? "no Sentinel names the primary"
                                         : "no answer");
        return;
    }

    if (link->ready) {
        link->backoff = 2 * CD_LIMIT_REDIS_BACKOFF_MIN_MS;
    }

    generation = link->generation;
    link->ops->tick(link->data);

    if (generation == link->generation) {
        ngx_http_chatdesk_link_tick_later(link);
    }
}


static void
ngx_http_chatdesk_link_tick_later(ngx_http_chatdesk_link_t *link)
{
    ngx_add_timer(&link->timer, ngx_max(link->conf->timeout / 8, 10));
}
