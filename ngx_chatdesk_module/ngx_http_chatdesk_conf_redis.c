/*
 * The directive chatdesk_redis.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_conf.h.  Equal
 * directives give the same structure, so that they share connections.
 */

#include "ngx_http_chatdesk_conf.h"


static ngx_uint_t
ngx_http_chatdesk_conf_same(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len && ngx_memcmp(a->data, b->data, a->len) == 0;
}


static char *
ngx_http_chatdesk_conf_password(ngx_conf_t *cf, ngx_str_t *path,
    ngx_str_t *password)
{
    u_char  *end;

    if (ngx_http_chatdesk_conf_file(cf, path, 1024, password)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (end = password->data; end < password->data + password->len; end++) {
        if (*end == '\n' || *end == '\r') {
            break;
        }
    }

    password->len = end - password->data;

    if (password->len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the first line of \"%V\" is empty, expected a "
                           "password", path);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* One of the words behind the address; the text of an error or NULL. */

static const char *
ngx_http_chatdesk_conf_redis_word(ngx_conf_t *cf,
    ngx_http_chatdesk_redis_conf_t *redis, ngx_str_t *word)
{
    ngx_int_t  n;
    ngx_str_t  s;

    if (ngx_strncmp(word->data, "user=", 5) == 0 && word->len > 5) {
        redis->user.data = word->data + 5;
        redis->user.len = word->len - 5;
        return NULL;
    }

    if (ngx_strncmp(word->data, "password_file=", 14) == 0 && word->len > 14) {
        s.data = word->data + 14;
        s.len = word->len - 14;

        return ngx_http_chatdesk_conf_password(cf, &s, &redis->password)
               == NGX_CONF_OK ? NULL : "";
    }

    if (ngx_strncmp(word->data, "db=", 3) == 0) {
        n = ngx_atoi(word->data + 3, word->len - 3);

        if (n == NGX_ERROR || n > 65535) {
            return "expected db=0 to db=65535";
        }

        redis->database = (ngx_uint_t) n;
        return NULL;
    }

    if (ngx_strncmp(word->data, "timeout=", 8) == 0) {
        s.data = word->data + 8;
        s.len = word->len - 8;
        n = ngx_parse_time(&s, 0);

        if (n == NGX_ERROR || n < 100 || n > 60000) {
            return "expected timeout=100ms to timeout=60s";
        }

        redis->timeout = (ngx_msec_t) n;
        return NULL;
    }

    return "expected user=, password_file=, db= or timeout=";
}


static ngx_http_chatdesk_redis_conf_t *
ngx_http_chatdesk_conf_redis_shared(ngx_http_chatdesk_main_conf_t *mcf,
    ngx_http_chatdesk_redis_conf_t *redis)
{
    ngx_uint_t                        i;
    ngx_http_chatdesk_redis_conf_t  **known, **slot;

    known = mcf->redis.elts;

    for (i = 0; i < mcf->redis.nelts; i++) {
        if (known[i]->addr.socklen == redis->addr.socklen
            && ngx_memcmp(known[i]->addr.sockaddr, redis->addr.sockaddr,
                          redis->addr.socklen)
               == 0
            && ngx_http_chatdesk_conf_same(&known[i]->user, &redis->user)
            && ngx_http_chatdesk_conf_same(&known[i]->password,
                                           &redis->password)
            && known[i]->database == redis->database
            && known[i]->timeout == redis->timeout)
        {
            return known[i];
        }
    }

    slot = ngx_array_push(&mcf->redis);
    if (slot == NULL) {
        return NULL;
    }

    *slot = redis;

    return redis;
}


static char *
ngx_http_chatdesk_conf_redis_address(ngx_conf_t *cf,
    ngx_http_chatdesk_redis_conf_t *redis, ngx_str_t *text)
{
    ngx_url_t  url;

    ngx_memzero(&url, sizeof(ngx_url_t));

    url.url = *text;
    url.default_port = 6379;

    if (ngx_parse_url(cf->pool, &url) != NGX_OK || url.naddrs == 0
        || url.uri.len != 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid address \"%V\" in \"chatdesk_redis\"%s%s, "
                           "expected unix:path or host[:port]", text,
                           url.err != NULL ? ": " : "",
                           url.err != NULL ? url.err : "");
        return NGX_CONF_ERROR;
    }

    redis->url = *text;
    redis->addr = url.addrs[0];

    return NGX_CONF_OK;
}


char *
ngx_http_chatdesk_conf_redis(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_chatdesk_loc_conf_t  *lcf = conf;

    ngx_str_t                       *value = cf->args->elts;
    ngx_uint_t                       i;
    const char                      *wrong;
    ngx_http_chatdesk_redis_conf_t  *redis;

    (void) cmd;

    if (lcf->redis != NULL) {
        return "is duplicate";
    }

    redis = ngx_pcalloc(cf->pool, sizeof(ngx_http_chatdesk_redis_conf_t));
    if (redis == NULL) {
        return NGX_CONF_ERROR;
    }

    redis->timeout = (ngx_msec_t) CD_LIMIT_REDIS_MS;

    if (ngx_http_chatdesk_conf_redis_address(cf, redis, &value[1])
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {
        wrong = ngx_http_chatdesk_conf_redis_word(cf, redis, &value[i]);

        if (wrong != NULL) {
            if (*wrong != '\0') {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "invalid parameter \"%V\" in "
                                   "\"chatdesk_redis\", %s", &value[i], wrong);
            }

            return NGX_CONF_ERROR;
        }
    }

    if (redis->user.len != 0 && redis->password.len == 0) {
        return "has \"user\" and needs \"password_file\"";
    }

    lcf->redis = ngx_http_chatdesk_conf_redis_shared(
                     ngx_http_conf_get_module_main_conf(cf,
                                                  ngx_http_chatdesk_module),
                     redis);

    return (lcf->redis == NULL) ? NGX_CONF_ERROR : NGX_CONF_OK;
}
