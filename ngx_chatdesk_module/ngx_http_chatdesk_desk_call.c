/*
 * Calls of the Redis functions of a desk, and what their answers mean.
 *
 * Purpose:    one place that puts a desk's prefix in front of a key and that
 *             turns whatever Redis may answer into an error of the table.
 * Owner:      nothing is kept here; arguments are copied by the connection.
 * Invariants: an answer that is not understood never passes for success.
 */

#include <ngx_config.h>

#include "chatdesk_tables.h"
#include "ngx_http_chatdesk_desk.h"

/* arguments of a call that need no allocation */
#define NGX_HTTP_CHATDESK_CALL_ARGS  32


typedef ngx_int_t (*ngx_http_chatdesk_command_pt)(
    ngx_http_chatdesk_redis_t *redis, ngx_http_chatdesk_reply_pt handler,
    void *data, ngx_uint_t argc, ngx_str_t *argv);


static ngx_int_t ngx_http_chatdesk_desk_key(ngx_http_chatdesk_desk_t *desk,
    const char *key, ngx_str_t *key_id, ngx_str_t *full);
static ngx_uint_t ngx_http_chatdesk_desk_trouble(redisReply *reply,
    ngx_log_t *log);


/* The full name of a key in full->data, which has room for
   NGX_HTTP_CHATDESK_DESK_KEY_MAX bytes.  NGX_OK, NGX_ERROR: too long. */

static ngx_int_t
ngx_http_chatdesk_desk_key(ngx_http_chatdesk_desk_t *desk, const char *key,
    ngx_str_t *key_id, ngx_str_t *full)
{
    u_char  *p;
    size_t   len;

    len = ngx_strlen(key);

    if (desk->prefix.len + len + (key_id != NULL ? key_id->len : 0)
        > NGX_HTTP_CHATDESK_DESK_KEY_MAX)
    {
        return NGX_ERROR;
    }

    p = ngx_cpymem(full->data, desk->prefix.data, desk->prefix.len);
    p = ngx_cpymem(p, key, len);

    if (key_id != NULL) {
        p = ngx_cpymem(p, key_id->data, key_id->len);
    }

    full->len = p - full->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_chatdesk_desk_command(ngx_http_chatdesk_desk_t *desk,
    ngx_http_chatdesk_command_pt command, const char *function,
    const char *key, ngx_str_t *key_id, ngx_http_chatdesk_reply_pt handler,
    void *data, ngx_uint_t argc, ngx_str_t *argv)
{
    ngx_int_t   rc;
    ngx_str_t  *all, some[NGX_HTTP_CHATDESK_CALL_ARGS];
    u_char      buf[NGX_HTTP_CHATDESK_DESK_KEY_MAX];

    all = some;

    if (argc + 4 > NGX_HTTP_CHATDESK_CALL_ARGS) {
        all = ngx_alloc((argc + 4) * sizeof(ngx_str_t), desk->log);
        if (all == NULL) {
            return NGX_BUSY;
        }
    }

    ngx_str_set(&all[0], "FCALL");
    all[1].data = (u_char *) function;
    all[1].len = ngx_strlen(function);
    ngx_str_set(&all[2], "1");
    all[3].data = buf;

    rc = ngx_http_chatdesk_desk_key(desk, key, key_id, &all[3]);

    if (rc == NGX_OK) {
        ngx_memcpy(&all[4], argv, argc * sizeof(ngx_str_t));
        rc = command(desk->redis, handler, data, argc + 4, all);
    }

    if (all != some) {
        ngx_free(all);
    }

    return rc == NGX_OK ? NGX_OK : NGX_BUSY;
}


ngx_int_t
ngx_http_chatdesk_desk_call(ngx_http_chatdesk_desk_t *desk,
    const char *function, const char *key, ngx_str_t *key_id,
    ngx_http_chatdesk_reply_pt handler, void *data, ngx_uint_t argc,
    ngx_str_t *argv)
{
    return ngx_http_chatdesk_desk_command(desk,
                                          ngx_http_chatdesk_redis_command,
                                          function, key, key_id, handler,
                                          data, argc, argv);
}


ngx_int_t
ngx_http_chatdesk_desk_store(ngx_http_chatdesk_desk_t *desk,
    const char *function, const char *key, ngx_str_t *key_id,
    ngx_http_chatdesk_reply_pt handler, void *data, ngx_uint_t argc,
    ngx_str_t *argv)
{
    return ngx_http_chatdesk_desk_command(desk, ngx_http_chatdesk_redis_store,
                                          function, key, key_id, handler,
                                          data, argc, argv);
}


ngx_uint_t
ngx_http_chatdesk_desk_late(ngx_http_chatdesk_desk_t *desk)
{
    return ngx_http_chatdesk_redis_late(desk->redis);
}


ngx_int_t
ngx_http_chatdesk_desk_publish(ngx_http_chatdesk_desk_t *desk,
    const char *channel, ngx_str_t *channel_id, ngx_str_t *payload,
    ngx_http_chatdesk_reply_pt handler, void *data)
{
    ngx_str_t  argv[3];
    u_char     buf[NGX_HTTP_CHATDESK_DESK_KEY_MAX];

    ngx_str_set(&argv[0], "PUBLISH");
    argv[1].data = buf;
    argv[2] = *payload;

    if (ngx_http_chatdesk_desk_key(desk, channel, channel_id, &argv[1])
        != NGX_OK)
    {
        return NGX_BUSY;
    }

    return ngx_http_chatdesk_redis_command(desk->redis, handler, data, 3,
                                           argv);
}


ngx_int_t
ngx_http_chatdesk_desk_reply(redisReply *reply, ngx_uint_t min,
    ngx_uint_t *error, ngx_log_t *log)
{
    redisReply  *code;

    if (reply == NULL) {
        *error = CD_E_BUSY;
        return NGX_ERROR;
    }

    if (reply->type == REDIS_REPLY_ERROR) {
        *error = ngx_http_chatdesk_desk_trouble(reply, log);
        return NGX_ERROR;
    }

    *error = CD_E_INTERNAL;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0) {
        return NGX_ERROR;
    }

    code = reply->element[0];

    if (code->type != REDIS_REPLY_STRING && code->type != REDIS_REPLY_STATUS) {
        return NGX_ERROR;
    }

    if (ngx_strcmp(code->str, "ok") == 0) {
        return reply->elements >= min ? NGX_OK : NGX_ERROR;
    }

    *error = cd_error_find(code->str, code->len);

    return NGX_ERROR;
}


/* The error that Redis' own refusal comes to. */

static ngx_uint_t
ngx_http_chatdesk_desk_trouble(redisReply *reply, ngx_log_t *log)
{
    ngx_uint_t          i;

    static time_t       told;
    static const char  *busy[] = {
        "LOADING ", "READONLY ", "MASTERDOWN ", "NOAUTH ", "CLUSTERDOWN ",
        "BUSY ", "OOM ", "MISCONF ", "NOREPLICAS ", "TRYAGAIN ", NULL
    };

    /* one line a second: each client's request comes here */

    if (told != ngx_time()) {
        told = ngx_time();
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "Redis refused a call of the function library: %s",
                      reply->str);
    }

    for (i = 0; busy[i] != NULL; i++) {
        if (ngx_strncmp(reply->str, busy[i], ngx_strlen(busy[i])) == 0) {
            return CD_E_BUSY;
        }
    }

    if (ngx_strstr(reply->str, "Function not found") != NULL) {
        return CD_E_UNAVAILABLE;
    }

    return CD_E_INTERNAL;
}
