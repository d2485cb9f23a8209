/*
 * What every connection to Redis, or to a Sentinel, says first.
 *
 * Purpose:    AUTH and the connection's name.
 * Owner:      see ngx_http_chatdesk_redis_link.h.
 * Invariants: nothing but the link's output is touched.
 */

#include "ngx_http_chatdesk_redis_link.h"


ngx_uint_t
ngx_http_chatdesk_link_introduce(ngx_http_chatdesk_link_t *link)
{
    ngx_str_t   argv[3];
    ngx_uint_t  argc, count;

    count = 0;

    if (link->conf->password.len) {
        argc = 0;
        ngx_str_set(&argv[argc], "AUTH");
        argc++;

        if (link->conf->user.len) {
            argv[argc++] = link->conf->user;
        }

        argv[argc++] = link->conf->password;

        count += ngx_http_chatdesk_link_write(link, argc, argv) == NGX_OK;
    }

    ngx_str_set(&argv[0], "CLIENT");
    ngx_str_set(&argv[1], "SETNAME");
    argv[2].data = (u_char *) link->what;
    argv[2].len = ngx_strlen(link->what);

    count += ngx_http_chatdesk_link_write(link, 3, argv) == NGX_OK;

    return count;
}
