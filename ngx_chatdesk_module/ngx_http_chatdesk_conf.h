/*
 * Directives whose values need reading, and the checks of a location.
 *
 * Purpose:    turns the words of an operator into the module's
 *             configuration, or into an error that says what was expected.
 * Owner:      all results belong to the cycle's pool.
 * Invariants: nothing outside the new configuration is touched while it is
 *             read, so that a refused reload changes nothing.
 */

#ifndef NGX_HTTP_CHATDESK_CONF_H
#define NGX_HTTP_CHATDESK_CONF_H

#include "ngx_http_chatdesk_module.h"


/* handlers of directives */
char *ngx_http_chatdesk_conf_redis(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_chatdesk_conf_durability(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_chatdesk_conf_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_chatdesk_conf_desk(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_chatdesk_conf_secret(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_chatdesk_conf_origin(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_chatdesk_conf_rate(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_chatdesk_conf_connections(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* Gives a location's Redis the durability that holds there, after the merge of
   `redis`; NGX_CONF_OK or NGX_CONF_ERROR. */
char *ngx_http_chatdesk_merge_durability(ngx_conf_t *cf,
    ngx_http_chatdesk_loc_conf_t *prev, ngx_http_chatdesk_loc_conf_t *conf);

/* Checks a location after the merge; NGX_CONF_OK or NGX_CONF_ERROR. */
char *ngx_http_chatdesk_conf_check(ngx_conf_t *cf,
    ngx_http_chatdesk_loc_conf_t *lcf);

/* Whether this is a desk's name: 1 to 32 of [a-z0-9-]. */
ngx_uint_t ngx_http_chatdesk_conf_desk_name(ngx_str_t *name);

/*
 * The bytes of a file of at most `max`, as configured; NGX_CONF_OK or
 * NGX_CONF_ERROR with the reason logged.
 */
char *ngx_http_chatdesk_conf_file(ngx_conf_t *cf, ngx_str_t *path,
    size_t max, ngx_str_t *content);


#endif /* NGX_HTTP_CHATDESK_CONF_H */
