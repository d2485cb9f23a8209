/*
 * The directive chatdesk_redis.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_conf.h.  Equal
 * directives give the same structure, so that they share connections.
 */

#include "ngx_http_chatdesk_conf.h"
#include "ngx_http_chatdesk_redis_tls.h"

#define NGX_HTTP_CHATDESK_SENTINELS  16


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


/* Takes "<name>=<value>" words whose value is text; NGX_DECLINED for another
   word. */

static ngx_int_t
ngx_http_chatdesk_conf_redis_text(ngx_conf_t *cf,
    ngx_http_chatdesk_redis_conf_t *redis, ngx_str_t *word)
{
    ngx_str_t   value, *to;
    ngx_uint_t  i;

    static const struct {
        ngx_str_t   name;
        size_t      offset;
        ngx_uint_t  file;       /* the value is the first line of a file */
    } texts[] = {
        { ngx_string("user="),
          offsetof(ngx_http_chatdesk_redis_conf_t, user), 0 },
        { ngx_string("password_file="),
          offsetof(ngx_http_chatdesk_redis_conf_t, password), 1 },
        { ngx_string("name="),
          offsetof(ngx_http_chatdesk_redis_conf_t, primary), 0 },
        { ngx_string("sentinel_user="),
          offsetof(ngx_http_chatdesk_redis_conf_t, sentinel_user), 0 },
        { ngx_string("sentinel_password_file="),
          offsetof(ngx_http_chatdesk_redis_conf_t, sentinel_password), 1 },
        { ngx_string("ca="),
          offsetof(ngx_http_chatdesk_redis_conf_t, tls_ca), 0 },
        { ngx_string("tls_name="),
          offsetof(ngx_http_chatdesk_redis_conf_t, tls_name), 0 },
        { ngx_null_string, 0, 0 }
    };

    for (i = 0; texts[i].name.len; i++) {
        if (word->len > texts[i].name.len
            && ngx_strncmp(word->data, texts[i].name.data, texts[i].name.len)
               == 0)
        {
            break;
        }
    }

    if (texts[i].name.len == 0) {
        return NGX_DECLINED;
    }

    to = (ngx_str_t *) ((u_char *) redis + texts[i].offset);
    value.data = word->data + texts[i].name.len;
    value.len = word->len - texts[i].name.len;

    if (!texts[i].file) {
        *to = value;
        return NGX_OK;
    }

    return ngx_http_chatdesk_conf_password(cf, &value, to) == NGX_CONF_OK
           ? NGX_OK : NGX_ERROR;
}


/* One of the words behind the address; the text of an error, empty when it
   is logged already, or NULL. */

static const char *
ngx_http_chatdesk_conf_redis_word(ngx_conf_t *cf,
    ngx_http_chatdesk_redis_conf_t *redis, ngx_str_t *word)
{
    ngx_int_t  n;
    ngx_str_t  s;

    n = ngx_http_chatdesk_conf_redis_text(cf, redis, word);

    if (n != NGX_DECLINED) {
        return n == NGX_OK ? NULL : "";
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

    if (ngx_strcmp(word->data, "tls=on") == 0
        || ngx_strcmp(word->data, "tls=off") == 0)
    {
        redis->tls = (word->len == sizeof("tls=on") - 1);
        return NULL;
    }

    return "expected user=, password_file=, db=, timeout=, tls=on, ca= or "
           "tls_name=, and with \"sentinel\" also name=, sentinel_user= or "
           "sentinel_password_file=";
}


static ngx_http_chatdesk_redis_conf_t *
ngx_http_chatdesk_conf_redis_shared(ngx_conf_t *cf,
    ngx_http_chatdesk_redis_conf_t *redis)
{
    ngx_uint_t                        i;
    ngx_http_chatdesk_main_conf_t    *mcf;
    ngx_http_chatdesk_redis_conf_t  **known, **slot;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_chatdesk_module);
    known = mcf->redis.elts;

    for (i = 0; i < mcf->redis.nelts; i++) {
        if (ngx_http_chatdesk_conf_same(&known[i]->words, &redis->words)) {
            return known[i];
        }
    }

    if (redis->tls
        && ngx_http_chatdesk_tls_conf(cf, redis) != NGX_CONF_OK)
    {
        return NULL;
    }

    slot = ngx_array_push(&mcf->redis);
    if (slot == NULL) {
        return NULL;
    }

    *slot = redis;

    return redis;
}


static char *
ngx_http_chatdesk_conf_redis_resolve(ngx_conf_t *cf, ngx_url_t *url,
    ngx_str_t *text, in_port_t port)
{
    ngx_memzero(url, sizeof(ngx_url_t));

    url->url = *text;
    url->default_port = port;

    if (ngx_parse_url(cf->pool, url) != NGX_OK || url->naddrs == 0
        || url->uri.len != 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid address \"%V\" in \"chatdesk_redis\"%s%s, "
                           "expected unix:path or host[:port]", text,
                           url->err != NULL ? ": " : "",
                           url->err != NULL ? url->err : "");
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_chatdesk_conf_redis_address(ngx_conf_t *cf,
    ngx_http_chatdesk_redis_conf_t *redis, ngx_str_t *text)
{
    ngx_url_t  url;

    if (ngx_http_chatdesk_conf_redis_resolve(cf, &url, text, 6379)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    redis->url = *text;
    redis->addr = url.addrs[0];
    redis->host = url.host;

    return NGX_CONF_OK;
}


/* All addresses that a Sentinel's host has. */

static char *
ngx_http_chatdesk_conf_redis_sentinel(ngx_conf_t *cf,
    ngx_http_chatdesk_redis_conf_t *redis, ngx_str_t *text)
{
    ngx_uint_t   i;
    ngx_url_t    url;
    ngx_addr_t  *addr;

    if (ngx_http_chatdesk_conf_redis_resolve(cf, &url, text, 26379)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < url.naddrs; i++) {
        if (redis->sentinels.nelts == NGX_HTTP_CHATDESK_SENTINELS) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "more than %d addresses of Sentinels in "
                               "\"chatdesk_redis\"",
                               NGX_HTTP_CHATDESK_SENTINELS);
            return NGX_CONF_ERROR;
        }

        addr = ngx_array_push(&redis->sentinels);
        if (addr == NULL) {
            return NGX_CONF_ERROR;
        }

        *addr = url.addrs[i];
    }

    return NGX_CONF_OK;
}


/* The words of the directive, from the first address on. */

static char *
ngx_http_chatdesk_conf_redis_words(ngx_conf_t *cf,
    ngx_http_chatdesk_redis_conf_t *redis, ngx_uint_t sentinel)
{
    ngx_str_t   *value = cf->args->elts;
    ngx_uint_t   i;
    const char  *wrong;

    if (!sentinel
        && ngx_http_chatdesk_conf_redis_address(cf, redis, &value[1])
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {
        if (sentinel
            && ngx_strlchr(value[i].data, value[i].data + value[i].len, '=')
               == NULL)
        {
            if (ngx_http_chatdesk_conf_redis_sentinel(cf, redis, &value[i])
                != NGX_CONF_OK)
            {
                return NGX_CONF_ERROR;
            }

            continue;
        }

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

    return NGX_CONF_OK;
}


/* What no single word can say; the text of an error or NULL. */

static char *
ngx_http_chatdesk_conf_redis_check(ngx_http_chatdesk_redis_conf_t *redis,
    ngx_uint_t sentinel)
{
    if (redis->user.len != 0 && redis->password.len == 0) {
        return "has \"user\" and needs \"password_file\"";
    }

    if (redis->sentinel_user.len != 0 && redis->sentinel_password.len == 0) {
        return "has \"sentinel_user\" and needs \"sentinel_password_file\"";
    }

    if (sentinel && (redis->primary.len == 0 || redis->sentinels.nelts == 0)) {
        return "has \"sentinel\" and needs \"name\" of the primary and the "
               "address of at least one Sentinel";
    }

    if (!sentinel
        && (redis->primary.len != 0 || redis->sentinel_password.len != 0))
    {
        return "has a parameter that needs \"sentinel\"";
    }

    if (redis->tls && redis->tls_ca.len == 0) {
        return "has \"tls=on\" and needs \"ca\"";
    }

    if (!redis->tls && (redis->tls_ca.len != 0 || redis->tls_name.len != 0)) {
        return "has \"ca\" or \"tls_name\" and needs \"tls=on\"";
    }

    if (redis->tls && !sentinel
        && redis->addr.sockaddr->sa_family == AF_UNIX)
    {
        return "has \"tls=on\", which a Unix socket does not need";
    }

    return NULL;
}


/* The directive as one text: by it equal ones are known. */

static ngx_int_t
ngx_http_chatdesk_conf_redis_joined(ngx_conf_t *cf, ngx_str_t *joined)
{
    u_char      *p;
    size_t       len;
    ngx_str_t   *value = cf->args->elts;
    ngx_uint_t   i;

    len = 0;

    for (i = 1; i < cf->args->nelts; i++) {
        len += value[i].len + 1;
    }

    joined->data = ngx_pnalloc(cf->pool, len);
    if (joined->data == NULL) {
        return NGX_ERROR;
    }

    p = joined->data;

    for (i = 1; i < cf->args->nelts; i++) {
        p = ngx_cpymem(p, value[i].data, value[i].len);
        *p++ = ' ';
    }

    joined->len = p - joined->data - 1;

    return NGX_OK;
}


char *
ngx_http_chatdesk_conf_redis(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_chatdesk_loc_conf_t  *lcf = conf;

    char                            *wrong;
    ngx_str_t                       *value = cf->args->elts;
    ngx_uint_t                       sentinel;
    ngx_http_chatdesk_redis_conf_t  *redis;

    (void) cmd;

    if (lcf->redis != NULL) {
        return "is duplicate";
    }

    redis = ngx_pcalloc(cf->pool, sizeof(ngx_http_chatdesk_redis_conf_t));

    if (redis == NULL
        || ngx_array_init(&redis->sentinels, cf->pool, 4, sizeof(ngx_addr_t))
           != NGX_OK
        || ngx_http_chatdesk_conf_redis_joined(cf, &redis->words) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    redis->timeout = (ngx_msec_t) CD_LIMIT_REDIS_MS;
    sentinel = (ngx_strcmp(value[1].data, "sentinel") == 0);

    if (ngx_http_chatdesk_conf_redis_words(cf, redis, sentinel)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    wrong = ngx_http_chatdesk_conf_redis_check(redis, sentinel);
    if (wrong != NULL) {
        return wrong;
    }

    if (sentinel) {
        redis->url = redis->primary;
    }

    lcf->redis = ngx_http_chatdesk_conf_redis_shared(cf, redis);

    return (lcf->redis == NULL) ? NGX_CONF_ERROR : NGX_CONF_OK;
}
