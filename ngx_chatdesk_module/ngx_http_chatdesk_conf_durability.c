/*
 * The directive chatdesk_durability.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_conf.h.  Locations with
 * the same chatdesk_redis and the same durability share connections.
 */

#include "ngx_http_chatdesk_conf.h"

#include "chatdesk_tables.h"


/* One of the words; 0 when it is none that may stand here. */

static ngx_uint_t
ngx_http_chatdesk_conf_durable(ngx_http_chatdesk_loc_conf_t *lcf,
    ngx_str_t *word)
{
    ngx_int_t  n;
    ngx_str_t  value;

    if (lcf->replicas == NGX_CONF_UNSET_UINT) {
        if (ngx_strcmp(word->data, "stored") == 0) {
            lcf->replicas = 0;
            return 1;
        }

        if (ngx_strncmp(word->data, "replicas=", 9) != 0) {
            return 0;
        }

        n = ngx_atoi(word->data + 9, word->len - 9);
        lcf->replicas = (ngx_uint_t) n;

        return n >= 1 && n <= (ngx_int_t) CD_LIMIT_REPLICAS;
    }

    if (lcf->replicas == 0 || ngx_strncmp(word->data, "timeout=", 8) != 0) {
        return 0;
    }

    value.data = word->data + 8;
    value.len = word->len - 8;
    n = ngx_parse_time(&value, 0);
    lcf->replicas_ms = (ngx_msec_t) n;

    return n >= 10 && n <= 30000;
}


char *
ngx_http_chatdesk_conf_durability(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_chatdesk_loc_conf_t  *lcf = conf;

    ngx_str_t   *value = cf->args->elts;
    ngx_uint_t   i;

    (void) cmd;

    if (lcf->replicas != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    lcf->replicas_ms = CD_LIMIT_REPLICAS_MS;

    for (i = 1; i < cf->args->nelts; i++) {
        if (!ngx_http_chatdesk_conf_durable(lcf, &value[i])) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" in "
                               "\"chatdesk_durability\", expected stored, or "
                               "replicas=1 to replicas=%d and then "
                               "timeout=10ms to timeout=30s", &value[i],
                               (int) CD_LIMIT_REPLICAS);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


/* The same Redis with another durability; NULL: no memory. */

static ngx_http_chatdesk_redis_conf_t *
ngx_http_chatdesk_durable(ngx_conf_t *cf,
    ngx_http_chatdesk_redis_conf_t *redis, ngx_uint_t replicas,
    ngx_msec_t replicas_ms)
{
    ngx_uint_t                        i;
    ngx_http_chatdesk_main_conf_t    *mcf;
    ngx_http_chatdesk_redis_conf_t  **known, **slot;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_chatdesk_module);
    known = mcf->redis.elts;

    for (i = 0; i < mcf->redis.nelts; i++) {
        if (known[i]->words.data == redis->words.data
            && known[i]->replicas == replicas
            && known[i]->replicas_ms == replicas_ms)
        {
            return known[i];
        }
    }

    slot = ngx_array_push(&mcf->redis);
    if (slot == NULL) {
        return NULL;
    }

    *slot = ngx_palloc(cf->pool, sizeof(ngx_http_chatdesk_redis_conf_t));

    if (*slot != NULL) {
        **slot = *redis;
        (*slot)->replicas = replicas;
        (*slot)->replicas_ms = replicas_ms;
        (*slot)->used = 0;
    }

    return *slot;
}


char *
ngx_http_chatdesk_merge_durability(ngx_conf_t *cf,
    ngx_http_chatdesk_loc_conf_t *prev, ngx_http_chatdesk_loc_conf_t *conf)
{
    ngx_conf_merge_uint_value(conf->replicas, prev->replicas, 0);
    ngx_conf_merge_msec_value(conf->replicas_ms, prev->replicas_ms, 0);

    if (conf->use == NGX_HTTP_CHATDESK_NOTHING || conf->redis == NULL) {
        return NGX_CONF_OK;
    }

    /* two of them may have to pass before an answer comes */

    if (conf->replicas > 0 && conf->replicas_ms > conf->redis->timeout / 2) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"chatdesk_durability\" waits for %Mms, expected "
                           "at most half of the timeout of "
                           "\"chatdesk_redis\", which is %Mms",
                           conf->replicas_ms, conf->redis->timeout);
        return NGX_CONF_ERROR;
    }

    conf->redis = ngx_http_chatdesk_durable(cf, conf->redis, conf->replicas,
                                            conf->replicas > 0
                                            ? conf->replicas_ms : 0);
    if (conf->redis == NULL) {
        return NGX_CONF_ERROR;
    }

    conf->redis->used = 1;

    return NGX_CONF_OK;
}
