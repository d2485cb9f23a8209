/*
 * An echo endpoint over the same framing code, for conformance suites.
 *
 * Purpose:    chatdesk_echo; in a location answers every message, text or
 *             binary, with itself.  Built for tests only.
 * Owner:      a socket has no state here but its location's limits.
 * Invariants: nothing of chats is linked in.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "chatdesk_tables.h"
#include "ngx_http_chatdesk_ws.h"
#include "ngx_http_chatdesk_ws_parser.h"


typedef struct {
    ngx_http_chatdesk_ws_conf_t   ws;
} ngx_http_chatdesk_echo_conf_t;


static ngx_int_t ngx_http_chatdesk_echo_handler(ngx_http_request_t *r);
static void *ngx_http_chatdesk_echo_create_conf(ngx_conf_t *cf);
static char *ngx_http_chatdesk_echo_merge_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_chatdesk_echo(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#define ECHO_LIMIT(name, set, field)                                          \
    { ngx_string("chatdesk_echo_" name),                                      \
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,  \
      set,                                                                    \
      NGX_HTTP_LOC_CONF_OFFSET,                                               \
      offsetof(ngx_http_chatdesk_echo_conf_t, ws.field),                      \
      NULL }

static ngx_command_t  ngx_http_chatdesk_echo_commands[] = {

    { ngx_string("chatdesk_echo"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_chatdesk_echo,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    ECHO_LIMIT("max_message", ngx_conf_set_size_slot, max_message),
    ECHO_LIMIT("max_fragments", ngx_conf_set_num_slot, max_fragments),
    ECHO_LIMIT("fragment_timeout", ngx_conf_set_msec_slot, fragment_timeout),
    ECHO_LIMIT("heartbeat", ngx_conf_set_msec_slot, heartbeat),
    ECHO_LIMIT("heartbeat_timeout", ngx_conf_set_msec_slot,
               heartbeat_timeout),
    ECHO_LIMIT("send_timeout", ngx_conf_set_msec_slot, send_timeout),
    ECHO_LIMIT("close_timeout", ngx_conf_set_msec_slot, close_timeout),
    ECHO_LIMIT("send_queue", ngx_conf_set_size_slot, send_queue),
    ECHO_LIMIT("deflate", ngx_conf_set_flag_slot, deflate),

      ngx_null_command
};


static ngx_http_module_t  ngx_http_chatdesk_echo_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_chatdesk_echo_create_conf,    /* create location configuration */
    ngx_http_chatdesk_echo_merge_conf      /* merge location configuration */
};


ngx_module_t  ngx_http_chatdesk_echo_module = {
    NGX_MODULE_V1,
    &ngx_http_chatdesk_echo_module_ctx,    /* module context */
    ngx_http_chatdesk_echo_commands,       /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void
ngx_http_chatdesk_echo_open(ngx_http_chatdesk_ws_t *ws, void *data)
{
    ngx_log_error(NGX_LOG_INFO, ngx_http_chatdesk_ws_log(ws), 0,
                  "chatdesk echo: open, client %V",
                  ngx_http_chatdesk_ws_address(ws));
}


static void
ngx_http_chatdesk_echo_back(ngx_http_chatdesk_ws_t *ws, ngx_uint_t opcode,
    u_char *bytes, size_t len)
{
    ngx_http_chatdesk_buf_t  *buf;

    buf = ngx_http_chatdesk_buf_create(len, ngx_http_chatdesk_ws_log(ws));
    if (buf == NULL) {
        ngx_http_chatdesk_ws_close(ws, CD_CLOSE_INTERNAL);
        return;
    }

    if (len) {
        buf->last = ngx_cpymem(buf->payload, bytes, len);
    }

    ngx_http_chatdesk_buf_seal(buf, opcode);
    (void) ngx_http_chatdesk_ws_send(ws, buf);
    ngx_http_chatdesk_buf_release(&buf);
}


static void
ngx_http_chatdesk_echo_text(ngx_http_chatdesk_ws_t *ws, void *data,
    u_char *text, size_t len)
{
    ngx_http_chatdesk_echo_back(ws, NGX_HTTP_CHATDESK_WS_TEXT, text, len);
}


static void
ngx_http_chatdesk_echo_binary(ngx_http_chatdesk_ws_t *ws, void *data,
    u_char *bytes, size_t len)
{
    ngx_http_chatdesk_echo_back(ws, NGX_HTTP_CHATDESK_WS_BINARY, bytes, len);
}


static void
ngx_http_chatdesk_echo_close(ngx_http_chatdesk_ws_t *ws, void *data,
    ngx_uint_t code)
{
    ngx_log_error(NGX_LOG_INFO, ngx_http_chatdesk_ws_log(ws), 0,
                  "chatdesk echo: closed with %ui", code);
}


static const ngx_http_chatdesk_ws_ops_t  ngx_http_chatdesk_echo_ops = {
    .open = ngx_http_chatdesk_echo_open,
    .text = ngx_http_chatdesk_echo_text,
    .close = ngx_http_chatdesk_echo_close,
    .binary = ngx_http_chatdesk_echo_binary
};


static ngx_int_t
ngx_http_chatdesk_echo_handler(ngx_http_request_t *r)
{
    ngx_str_t                       none = ngx_null_string;
    ngx_http_chatdesk_echo_conf_t  *ecf;

    ecf = ngx_http_get_module_loc_conf(r, ngx_http_chatdesk_echo_module);

    return ngx_http_chatdesk_ws_upgrade(r, &ecf->ws, &none,
                                        &ngx_http_chatdesk_echo_ops, NULL);
}


static void *
ngx_http_chatdesk_echo_create_conf(ngx_conf_t *cf)
{
    ngx_http_chatdesk_echo_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_chatdesk_echo_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->ws.max_message = NGX_CONF_UNSET_SIZE;
    conf->ws.max_fragments = NGX_CONF_UNSET_UINT;
    conf->ws.fragment_timeout = NGX_CONF_UNSET_MSEC;
    conf->ws.heartbeat = NGX_CONF_UNSET_MSEC;
    conf->ws.heartbeat_timeout = NGX_CONF_UNSET_MSEC;
    conf->ws.send_timeout = NGX_CONF_UNSET_MSEC;
    conf->ws.close_timeout = NGX_CONF_UNSET_MSEC;
    conf->ws.send_queue = NGX_CONF_UNSET_SIZE;
    conf->ws.detach = 1;
    conf->ws.deflate = NGX_CONF_UNSET;

    return conf;
}


static char *
ngx_http_chatdesk_echo_merge_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_chatdesk_ws_conf_t  *prev;
    ngx_http_chatdesk_ws_conf_t  *conf;

    prev = &((ngx_http_chatdesk_echo_conf_t *) parent)->ws;
    conf = &((ngx_http_chatdesk_echo_conf_t *) child)->ws;

    /* conformance suites send 16 MB in a message, and that in fragments */

    ngx_conf_merge_size_value(conf->max_message, prev->max_message,
                              32 * 1024 * 1024);
    ngx_conf_merge_uint_value(conf->max_fragments, prev->max_fragments,
                              1024 * 1024);
    ngx_conf_merge_msec_value(conf->fragment_timeout, prev->fragment_timeout,
                              120000);
    ngx_conf_merge_msec_value(conf->heartbeat, prev->heartbeat, 60000);
    ngx_conf_merge_msec_value(conf->heartbeat_timeout,
                              prev->heartbeat_timeout, 60000);
    ngx_conf_merge_msec_value(conf->send_timeout, prev->send_timeout, 60000);
    ngx_conf_merge_msec_value(conf->close_timeout, prev->close_timeout, 5000);
    ngx_conf_merge_size_value(conf->send_queue, prev->send_queue,
                              64 * 1024 * 1024);
    ngx_conf_merge_value(conf->deflate, prev->deflate, 0);

    return NGX_CONF_OK;
}


static char *
ngx_http_chatdesk_echo(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_chatdesk_echo_handler;

    return NGX_CONF_OK;
}
