/*
 * Where the primary is; see the header.
 *
 * RESP2 allows no questions while subscribed, so a question is UNSUBSCRIBE,
 * SENTINEL and SUBSCRIBE in one write: a move in between is in the answer.
 *
 * Purpose:    see the header.
 * Owner:      see the header.
 * Invariants: `asking` holds from a question to its answer; a Sentinel that
 *             keeps silent for the timeout is left.
 */

#include "ngx_http_chatdesk_redis_sentinel.h"

/* between two questions, ms */
#define NGX_HTTP_CHATDESK_SENTINEL_POLL  1000


static void ngx_http_chatdesk_sentinel_hello(void *data);
static void ngx_http_chatdesk_sentinel_reply(void *data,
    redisReply **answer);
static void ngx_http_chatdesk_sentinel_tick(void *data);
static void ngx_http_chatdesk_sentinel_down(void *data);
static void ngx_http_chatdesk_sentinel_aim(
    ngx_http_chatdesk_sentinel_t *sentinel);
static void ngx_http_chatdesk_sentinel_ask(
    ngx_http_chatdesk_sentinel_t *sentinel, ngx_uint_t subscribed);
static void ngx_http_chatdesk_sentinel_answer(
    ngx_http_chatdesk_sentinel_t *sentinel, redisReply *reply);
static void ngx_http_chatdesk_sentinel_message(
    ngx_http_chatdesk_sentinel_t *sentinel, redisReply *payload);
static ngx_int_t ngx_http_chatdesk_sentinel_take(
    ngx_http_chatdesk_sentinel_t *sentinel, ngx_str_t *host, ngx_str_t *port);
static ngx_int_t ngx_http_chatdesk_sentinel_parse(
    ngx_http_chatdesk_sentinel_t *sentinel, ngx_str_t *host, ngx_str_t *port,
    ngx_pool_t *pool, ngx_addr_t *addr);


static const ngx_http_chatdesk_link_ops_t  ngx_http_chatdesk_sentinel_ops = {
    ngx_http_chatdesk_sentinel_hello,
    ngx_http_chatdesk_sentinel_reply,
    ngx_http_chatdesk_sentinel_tick,
    ngx_http_chatdesk_sentinel_down,
    NULL
};


void
ngx_http_chatdesk_sentinel_open(ngx_http_chatdesk_sentinel_t *sentinel,
    ngx_http_chatdesk_redis_conf_t *conf, ngx_http_chatdesk_moved_pt moved,
    void *data, ngx_log_t *log)
{
    sentinel->of = conf;
    sentinel->moved = moved;
    sentinel->data = data;

    sentinel->conf = *conf;
    sentinel->conf.user = conf->sentinel_user;
    sentinel->conf.password = conf->sentinel_password;
    sentinel->conf.host.len = 0;

    sentinel->link.ops = &ngx_http_chatdesk_sentinel_ops;
    sentinel->link.data = sentinel;
    sentinel->link.conf = &sentinel->conf;
    sentinel->link.what = "chatdesk-sentinel";
    sentinel->link.log = log;
    sentinel->link.silent = 1;

    /* not all nginx workers ask the same one */

    sentinel->current = ngx_random() % conf->sentinels.nelts;

    ngx_http_chatdesk_sentinel_aim(sentinel);
    ngx_http_chatdesk_link_open(&sentinel->link);
}


void
ngx_http_chatdesk_sentinel_close(ngx_http_chatdesk_sentinel_t *sentinel)
{
    ngx_http_chatdesk_link_close(&sentinel->link);
}


void
ngx_http_chatdesk_sentinel_doubt(ngx_http_chatdesk_sentinel_t *sentinel)
{
    sentinel->doubted = 1;
}


static void
ngx_http_chatdesk_sentinel_aim(ngx_http_chatdesk_sentinel_t *sentinel)
{
    ngx_addr_t  *addrs;

    addrs = sentinel->of->sentinels.elts;

    sentinel->link.addr = &addrs[sentinel->current];
    sentinel->conf.url = sentinel->link.addr->name;
}


static void
ngx_http_chatdesk_sentinel_hello(void *data)
{
    ngx_http_chatdesk_sentinel_t  *sentinel;

    sentinel = data;

    (void) ngx_http_chatdesk_link_introduce(&sentinel->link);
    ngx_http_chatdesk_sentinel_ask(sentinel, 0);
}


/* What cannot be written is missed by the clock. */

static void
ngx_http_chatdesk_sentinel_ask(ngx_http_chatdesk_sentinel_t *sentinel,
    ngx_uint_t subscribed)
{
    ngx_str_t  argv[3];

    sentinel->asking = 1;
    sentinel->asked = ngx_current_msec;

    ngx_str_set(&argv[1], "+switch-master");

    if (subscribed) {
        ngx_str_set(&argv[0], "UNSUBSCRIBE");
        (void) ngx_http_chatdesk_link_write(&sentinel->link, 2, argv);
    }

    ngx_str_set(&argv[0], "SENTINEL");
    ngx_str_set(&argv[1], "get-master-addr-by-name");
    argv[2] = sentinel->of->primary;
    (void) ngx_http_chatdesk_link_write(&sentinel->link, 3, argv);

    ngx_str_set(&argv[0], "SUBSCRIBE");
    ngx_str_set(&argv[1], "+switch-master");
    (void) ngx_http_chatdesk_link_write(&sentinel->link, 2, argv);
}


static void
ngx_http_chatdesk_sentinel_reply(void *data, redisReply **answer)
{
    redisReply                    *reply = *answer;
    ngx_uint_t                     i;
    ngx_http_chatdesk_sentinel_t  *sentinel;

    sentinel = data;

    switch (reply->type) {

    case REDIS_REPLY_STATUS:
        return;

    case REDIS_REPLY_ERROR:
        if (ngx_strstr(reply->str, "client|setname") == NULL) {
            ngx_http_chatdesk_link_drop(&sentinel->link, 0, reply->str);
        }
        return;

    case REDIS_REPLY_NIL:
        ngx_http_chatdesk_link_drop(&sentinel->link, 0,
                                    "it knows no primary of this name");
        return;
    }

    /* [ host, port ], or what a subscription brings, in which the third
       element is a number or a message */

    for (i = 0; i < reply->elements && i < 2; i++) {
        if (reply->element[i]->type != REDIS_REPLY_STRING) {
            break;
        }
    }

    if (reply->type == REDIS_REPLY_ARRAY && i == 2 && reply->elements == 2) {
        ngx_http_chatdesk_sentinel_answer(sentinel, reply);

    } else if (reply->type != REDIS_REPLY_ARRAY || i < 2
               || reply->elements != 3)
    {
        ngx_http_chatdesk_link_drop(&sentinel->link, 0,
                                    "it does not answer like a Sentinel");

    } else if (reply->element[2]->type == REDIS_REPLY_STRING) {
        ngx_http_chatdesk_sentinel_message(sentinel, reply->element[2]);
    }
}


static void
ngx_http_chatdesk_sentinel_answer(ngx_http_chatdesk_sentinel_t *sentinel,
    redisReply *reply)
{
    ngx_int_t   rc;
    ngx_str_t   host, port;
    ngx_uint_t  doubted;

    sentinel->asking = 0;
    doubted = sentinel->doubted;

    host.data = (u_char *) reply->element[0]->str;
    host.len = reply->element[0]->len;
    port.data = (u_char *) reply->element[1]->str;
    port.len = reply->element[1]->len;

    if (!sentinel->link.ready) {
        ngx_http_chatdesk_link_ready(&sentinel->link);
    }

    rc = ngx_http_chatdesk_sentinel_take(sentinel, &host, &port);

    if (rc == NGX_ERROR) {
        ngx_http_chatdesk_link_drop(&sentinel->link, 0,
                       "it names a primary without a numeric address; see "
                       "\"resolve-hostnames\" in its configuration");
        return;
    }

    sentinel->failed = 0;

    if (sentinel->told) {
        sentinel->told = 0;
        ngx_log_error(NGX_LOG_NOTICE, sentinel->link.log, 0,
                      "Sentinel %V answers for the primary \"%V\"",
                      &sentinel->conf.url, &sentinel->of->primary);
    }

    if (rc == NGX_DECLINED && doubted && sentinel->of->sentinels.nelts > 1) {
        sentinel->doubted = 0;
        sentinel->leaving = 1;
        ngx_http_chatdesk_link_drop(&sentinel->link, 0, "another is asked");
        sentinel->leaving = 0;
    }
}


/* "<name> <old host> <old port> <new host> <new port>" */

static void
ngx_http_chatdesk_sentinel_message(ngx_http_chatdesk_sentinel_t *sentinel,
    redisReply *payload)
{
    u_char      *p, *last;
    ngx_str_t    word[5];
    ngx_uint_t   n;

    p = (u_char *) payload->str;
    last = p + payload->len;

    for (n = 0; n < 5 && p < last; n++) {
        word[n].data = p;

        while (p < last && *p != ' ') {
            p++;
        }

        word[n].len = p++ - word[n].data;
    }

    if (n == 5 && word[0].len == sentinel->of->primary.len
        && ngx_memcmp(word[0].data, sentinel->of->primary.data, word[0].len)
           == 0)
    {
        (void) ngx_http_chatdesk_sentinel_take(sentinel, &word[3], &word[4]);
    }
}


/* NGX_OK: the primary has moved; NGX_DECLINED: it has not; NGX_ERROR. */

static ngx_int_t
ngx_http_chatdesk_sentinel_take(ngx_http_chatdesk_sentinel_t *sentinel,
    ngx_str_t *host, ngx_str_t *port)
{
    ngx_int_t    rc;
    ngx_addr_t   addr;
    ngx_pool_t  *pool;

    pool = ngx_create_pool(512, sentinel->link.log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_chatdesk_sentinel_parse(sentinel, host, port, pool, &addr);

    if (rc == NGX_OK) {
        ngx_memcpy(&sentinel->sockaddr, addr.sockaddr, addr.socklen);

        sentinel->primary.sockaddr = &sentinel->sockaddr.sockaddr;
        sentinel->primary.socklen = addr.socklen;
        sentinel->primary.name.data = sentinel->name;
        sentinel->primary.name.len = ngx_sock_ntop(
                            sentinel->primary.sockaddr, addr.socklen,
                            sentinel->name, NGX_SOCKADDR_STRLEN, 1);
    }

    ngx_destroy_pool(pool);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_log_error(NGX_LOG_NOTICE, sentinel->link.log, 0,
                  "Sentinel %V names %V as the primary \"%V\"",
                  &sentinel->conf.url, &sentinel->primary.name,
                  &sentinel->of->primary);

    sentinel->doubted = 0;
    sentinel->moved(sentinel->data, &sentinel->primary);

    return NGX_OK;
}


/* NGX_DECLINED: it is the address that is known. */

static ngx_int_t
ngx_http_chatdesk_sentinel_parse(ngx_http_chatdesk_sentinel_t *sentinel,
    ngx_str_t *host, ngx_str_t *port, ngx_pool_t *pool, ngx_addr_t *addr)
{
    ngx_int_t  n;

    n = ngx_atoi(port->data, port->len);

    if (n < 1 || n > 65535
        || ngx_parse_addr(pool, addr, host->data, host->len) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_inet_set_port(addr->sockaddr, (in_port_t) n);

    if (sentinel->primary.name.len > 0
        && ngx_cmp_sockaddr(addr->sockaddr, addr->socklen,
                            sentinel->primary.sockaddr,
                            sentinel->primary.socklen, 1)
           == NGX_OK)
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static void
ngx_http_chatdesk_sentinel_tick(void *data)
{
    ngx_msec_t                     waited;
    ngx_http_chatdesk_sentinel_t  *sentinel;

    sentinel = data;
    waited = ngx_http_chatdesk_link_since(sentinel->asked);

    if (sentinel->asking && waited >= sentinel->conf.timeout) {
        ngx_http_chatdesk_link_drop(&sentinel->link, NGX_ETIMEDOUT,
                                    "no answer");
        return;
    }

    if (!sentinel->asking && waited >= NGX_HTTP_CHATDESK_SENTINEL_POLL) {
        ngx_http_chatdesk_sentinel_ask(sentinel, 1);
    }
}


/* On to the next one; that none of them answers is told once. */

static void
ngx_http_chatdesk_sentinel_down(void *data)
{
    ngx_http_chatdesk_sentinel_t  *sentinel;

    sentinel = data;

    sentinel->asking = 0;
    sentinel->failed += !sentinel->leaving;

    if (sentinel->failed >= sentinel->of->sentinels.nelts && !sentinel->told) {
        sentinel->told = 1;
        ngx_log_error(NGX_LOG_ERR, sentinel->link.log, 0,
                      "no Sentinel answers for the primary \"%V\", the last "
                      "one was %V: %s; Redis is looked for where it was last",
                      &sentinel->of->primary, &sentinel->conf.url,
                      sentinel->link.why);
    }

    sentinel->current = (sentinel->current + 1)
                        % sentinel->of->sentinels.nelts;

    ngx_http_chatdesk_sentinel_aim(sentinel);
}
