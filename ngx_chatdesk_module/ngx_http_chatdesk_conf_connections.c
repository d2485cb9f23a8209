/*
 * The directive chatdesk_connections.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_conf.h.
 */

#include "ngx_http_chatdesk_census.h"
#include "ngx_http_chatdesk_conf.h"


#define NGX_HTTP_CHATDESK_CONNECTIONS_MOST  1000000


/* One "name=number" into `most`; 0 when it is none. */

static ngx_uint_t
ngx_http_chatdesk_conf_connection(ngx_str_t *word, uint32_t most[2])
{
    size_t      len;
    ngx_int_t   n;
    ngx_uint_t  i;

    static const char  *names[] = { "address=", "person=" };

    for (i = 0; i < 2; i++) {
        len = ngx_strlen(names[i]);

        if (word->len > len && ngx_strncmp(word->data, names[i], len) == 0) {
            n = ngx_atoi(word->data + len, word->len - len);

            if (n < 1 || n > NGX_HTTP_CHATDESK_CONNECTIONS_MOST
                || most[i] != 0)
            {
                return 0;
            }

            most[i] = (uint32_t) n;
            return 1;
        }
    }

    return 0;
}


char *
ngx_http_chatdesk_conf_connections(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_chatdesk_loc_conf_t  *lcf = conf;

    ngx_str_t   *value = cf->args->elts;
    ngx_uint_t   i;

    (void) cmd;

    if (lcf->most[0] != 0 || lcf->most[1] != 0) {
        return "is duplicate";
    }

    for (i = 1; i < cf->args->nelts; i++) {
        if (!ngx_http_chatdesk_conf_connection(&value[i], lcf->most)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" in "
                               "\"chatdesk_connections\", expected "
                               "address=1 to address=1000000 and person=1 "
                               "to person=1000000, each once", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}
