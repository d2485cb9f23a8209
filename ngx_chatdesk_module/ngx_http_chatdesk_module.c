/*
 * The module: directives, merge, content handlers, life of a process.
 *
 * Purpose:    what nginx sees of ChatDesk.
 * Owner:      configurations belong to the cycle's pool.
 * Invariants: a content handler only; no phase handler and no filter, so
 *             that other locations never pass through here.
 */

#include "ngx_http_chatdesk_module.h"
#include "ngx_http_chatdesk_api.h"
#include "ngx_http_chatdesk_conf.h"
#include "ngx_http_chatdesk_desk.h"
#include "ngx_http_chatdesk_log.h"
#include "ngx_http_chatdesk_metrics.h"
#include "ngx_http_chatdesk_poll.h"
#include "ngx_http_chatdesk_session_state.h"
#include "ngx_http_chatdesk_socket.h"


static char *ngx_http_chatdesk_socket(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_chatdesk_poll(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_chatdesk_api(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_chatdesk_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_chatdesk_prometheus(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

static void *ngx_http_chatdesk_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_chatdesk_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_chatdesk_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_chatdesk_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_chatdesk_init_process(ngx_cycle_t *cycle);
static void ngx_http_chatdesk_exit_process(ngx_cycle_t *cycle);


#define NGX_HTTP_CHATDESK_ANY_CONF                                            \
    NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF

/* a row of a directive that one of nginx's slots reads */

#define NGX_HTTP_CHATDESK_SLOT(name, slot, member)                            \
    { ngx_string(name), NGX_HTTP_CHATDESK_ANY_CONF|NGX_CONF_TAKE1,            \
      ngx_conf_set_##slot##_slot, NGX_HTTP_LOC_CONF_OFFSET,                   \
      offsetof(ngx_http_chatdesk_loc_conf_t, member), NULL }


static ngx_command_t  ngx_http_chatdesk_commands[] = {

    { ngx_string("chatdesk_redis"),
      NGX_HTTP_CHATDESK_ANY_CONF|NGX_CONF_1MORE,
      ngx_http_chatdesk_conf_redis,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("chatdesk_durability"),
      NGX_HTTP_CHATDESK_ANY_CONF|NGX_CONF_TAKE12,
      ngx_http_chatdesk_conf_durability,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("chatdesk_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_chatdesk_conf_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("chatdesk_desk"),
      NGX_HTTP_CHATDESK_ANY_CONF|NGX_CONF_TAKE1,
      ngx_http_chatdesk_conf_desk,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_chatdesk_loc_conf_t, desk),
      NULL },

    { ngx_string("chatdesk_secret"),
      NGX_HTTP_CHATDESK_ANY_CONF|NGX_CONF_TAKE1,
      ngx_http_chatdesk_conf_secret,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("chatdesk_origin"),
      NGX_HTTP_CHATDESK_ANY_CONF|NGX_CONF_1MORE,
      ngx_http_chatdesk_conf_origin,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("chatdesk_rate"),
      NGX_HTTP_CHATDESK_ANY_CONF|NGX_CONF_TAKE12,
      ngx_http_chatdesk_conf_rate,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("chatdesk_socket"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_chatdesk_socket,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("chatdesk_poll"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_chatdesk_poll,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("chatdesk_api"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_chatdesk_api,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("chatdesk_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_chatdesk_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("chatdesk_drain"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_chatdesk_main_conf_t, drain),
      NULL },

    { ngx_string("chatdesk_send_memory"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_chatdesk_main_conf_t, send_memory),
      NULL },

    { ngx_string("chatdesk_connections"),
      NGX_HTTP_CHATDESK_ANY_CONF|NGX_CONF_TAKE12,
      ngx_http_chatdesk_conf_connections,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("chatdesk_detach"),
      NGX_HTTP_CHATDESK_ANY_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_chatdesk_loc_conf_t, ws.detach),
      NULL },

    { ngx_string("chatdesk_log"),
      NGX_HTTP_CHATDESK_ANY_CONF|NGX_CONF_TAKE1,
      ngx_http_chatdesk_log_conf,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("chatdesk_metrics"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_chatdesk_prometheus,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    NGX_HTTP_CHATDESK_SLOT("chatdesk_max_message", size, ws.max_message),
    NGX_HTTP_CHATDESK_SLOT("chatdesk_max_fragments", num, ws.max_fragments),
    NGX_HTTP_CHATDESK_SLOT("chatdesk_fragment_timeout", msec,
                           ws.fragment_timeout),
    NGX_HTTP_CHATDESK_SLOT("chatdesk_hello_timeout", msec, hello_timeout),
    NGX_HTTP_CHATDESK_SLOT("chatdesk_recheck", msec, recheck),
    NGX_HTTP_CHATDESK_SLOT("chatdesk_poll_hold", msec, poll_hold),
    NGX_HTTP_CHATDESK_SLOT("chatdesk_heartbeat", msec, ws.heartbeat),
    NGX_HTTP_CHATDESK_SLOT("chatdesk_heartbeat_timeout", msec,
                           ws.heartbeat_timeout),
    NGX_HTTP_CHATDESK_SLOT("chatdesk_send_timeout", msec, ws.send_timeout),
    NGX_HTTP_CHATDESK_SLOT("chatdesk_close_timeout", msec, ws.close_timeout),
    NGX_HTTP_CHATDESK_SLOT("chatdesk_send_queue", size, ws.send_queue),
    NGX_HTTP_CHATDESK_SLOT("chatdesk_deflate", flag, ws.deflate),

    ngx_null_command
};


static ngx_http_module_t  ngx_http_chatdesk_module_ctx = {
    ngx_http_chatdesk_log_variables,       /* preconfiguration */
    NULL,                                  /* postconfiguration */

    ngx_http_chatdesk_create_main_conf,    /* create main configuration */
    ngx_http_chatdesk_init_main_conf,      /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_chatdesk_create_loc_conf,     /* create location configuration */
    ngx_http_chatdesk_merge_loc_conf       /* merge location configuration */
};


ngx_module_t  ngx_http_chatdesk_module = {
    NGX_MODULE_V1,
    &ngx_http_chatdesk_module_ctx,         /* module context */
    ngx_http_chatdesk_commands,            /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_chatdesk_init_process,        /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_chatdesk_exit_process,        /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* Notes what a location does and gives it the content handler. */

static char *
ngx_http_chatdesk_use(ngx_conf_t *cf, ngx_http_chatdesk_loc_conf_t *lcf,
    ngx_http_chatdesk_use_e use, ngx_http_handler_pt handler)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (lcf->use != NGX_HTTP_CHATDESK_NOTHING || clcf->handler != NULL) {
        return "needs a location of its own, and this one has a handler";
    }

    clcf->handler = handler;

    lcf->use = use;
    lcf->used_file = cf->conf_file->file.name;
    lcf->used_line = cf->conf_file->line;

    return NGX_CONF_OK;
}


/* Whether the argument says "agent": 0 or 1, or NGX_ERROR. */

static ngx_int_t
ngx_http_chatdesk_role(ngx_conf_t *cf)
{
    ngx_str_t  *value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "visitor") == 0) {
        return 0;
    }

    if (ngx_strcmp(value[1].data, "agent") == 0) {
        return 1;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid role \"%V\" in \"%V\", "
                       "expected \"visitor\" or \"agent\"",
                       &value[1], &value[0]);

    return NGX_ERROR;
}


static char *
ngx_http_chatdesk_socket(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_int_t  agent;

    (void) cmd;

    agent = ngx_http_chatdesk_role(cf);
    if (agent == NGX_ERROR) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_chatdesk_use(cf, conf,
                                 agent ? NGX_HTTP_CHATDESK_AGENT
                                       : NGX_HTTP_CHATDESK_VISITOR,
                                 ngx_http_chatdesk_socket_handler);
}


static char *
ngx_http_chatdesk_poll(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_int_t  agent;

    (void) cmd;

    agent = ngx_http_chatdesk_role(cf);
    if (agent == NGX_ERROR) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_chatdesk_use(cf, conf,
                                 agent ? NGX_HTTP_CHATDESK_POLL_AGENT
                                       : NGX_HTTP_CHATDESK_POLL_VISITOR,
                                 ngx_http_chatdesk_poll_handler);
}


static char *
ngx_http_chatdesk_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    (void) cmd;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->exact_match || clcf->named || clcf->name.len == 0
#if (NGX_PCRE)
        || clcf->regex != NULL
#endif
        || clcf->name.data[0] != '/')
    {
        return "needs a location that is a prefix, \"location /desk/api/\"";
    }

    return ngx_http_chatdesk_use(cf, conf, NGX_HTTP_CHATDESK_API,
                                 ngx_http_chatdesk_api_handler);
}


static char *
ngx_http_chatdesk_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    (void) cmd;

    return ngx_http_chatdesk_use(cf, conf, NGX_HTTP_CHATDESK_STATUS,
                                 ngx_http_chatdesk_status_handler);
}


/* To the rest of the configuration, a status like the other. */

static char *
ngx_http_chatdesk_prometheus(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    (void) cmd;

    return ngx_http_chatdesk_use(cf, conf, NGX_HTTP_CHATDESK_STATUS,
                                 ngx_http_chatdesk_metrics_handler);
}


static void *
ngx_http_chatdesk_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_chatdesk_main_conf_t  *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_chatdesk_main_conf_t));

    if (mcf == NULL
        || ngx_array_init(&mcf->redis, cf->pool, 2,
                          sizeof(ngx_http_chatdesk_redis_conf_t *))
           != NGX_OK)
    {
        return NULL;
    }

    mcf->drain = NGX_CONF_UNSET_MSEC;
    mcf->send_memory = NGX_CONF_UNSET_SIZE;

    return mcf;
}


static char *
ngx_http_chatdesk_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_chatdesk_main_conf_t  *mcf = conf;

    (void) cf;

    ngx_conf_init_msec_value(mcf->drain, NGX_HTTP_CHATDESK_WS_DRAIN);
    ngx_conf_init_size_value(mcf->send_memory, CD_LIMIT_SEND_MEMORY);

    return NGX_CONF_OK;
}


static void *
ngx_http_chatdesk_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_chatdesk_loc_conf_t  *lcf;

    lcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_chatdesk_loc_conf_t));
    if (lcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     lcf->use = NGX_HTTP_CHATDESK_NOTHING;
     *     lcf->redis, desk, secrets, origins = NULL;
     *     lcf->rate = { 0, 0 };
     *     lcf->most = { 0, 0 };
     */

    lcf->ws.max_message = NGX_CONF_UNSET_SIZE;
    lcf->ws.max_fragments = NGX_CONF_UNSET_UINT;
    lcf->ws.fragment_timeout = NGX_CONF_UNSET_MSEC;
    lcf->ws.heartbeat = NGX_CONF_UNSET_MSEC;
    lcf->ws.heartbeat_timeout = NGX_CONF_UNSET_MSEC;
    lcf->ws.send_timeout = NGX_CONF_UNSET_MSEC;
    lcf->ws.close_timeout = NGX_CONF_UNSET_MSEC;
    lcf->ws.send_queue = NGX_CONF_UNSET_SIZE;
    lcf->ws.detach = NGX_CONF_UNSET;
    lcf->ws.deflate = NGX_CONF_UNSET;
    lcf->replicas = NGX_CONF_UNSET_UINT;
    lcf->replicas_ms = NGX_CONF_UNSET_MSEC;
    lcf->log = NGX_CONF_UNSET_PTR;
    lcf->hello_timeout = NGX_CONF_UNSET_MSEC;
    lcf->recheck = NGX_CONF_UNSET_MSEC;
    lcf->poll_hold = NGX_CONF_UNSET_MSEC;

    return lcf;
}


static void
ngx_http_chatdesk_merge_limits(ngx_http_chatdesk_loc_conf_t *prev,
    ngx_http_chatdesk_loc_conf_t *conf)
{
    ngx_conf_merge_size_value(conf->ws.max_message, prev->ws.max_message,
                              CD_LIMIT_FRAME);
    ngx_conf_merge_uint_value(conf->ws.max_fragments, prev->ws.max_fragments,
                              CD_LIMIT_FRAGMENTS);
    ngx_conf_merge_msec_value(conf->ws.fragment_timeout,
                              prev->ws.fragment_timeout,
                              CD_LIMIT_FRAGMENT_MS);
    ngx_conf_merge_msec_value(conf->ws.heartbeat, prev->ws.heartbeat,
                              2 * CD_LIMIT_HEARTBEAT_MS);
    ngx_conf_merge_msec_value(conf->ws.heartbeat_timeout,
                              prev->ws.heartbeat_timeout,
                              CD_LIMIT_HEARTBEAT_WAIT_MS);
    ngx_conf_merge_msec_value(conf->ws.send_timeout, prev->ws.send_timeout,
                              CD_LIMIT_SEND_MS);
    ngx_conf_merge_msec_value(conf->ws.close_timeout, prev->ws.close_timeout,
                              CD_LIMIT_CLOSE_MS);
    ngx_conf_merge_size_value(conf->ws.send_queue, prev->ws.send_queue,
                              CD_LIMIT_SEND_QUEUE);
    ngx_conf_merge_value(conf->ws.detach, prev->ws.detach, 1);
    ngx_conf_merge_value(conf->ws.deflate, prev->ws.deflate, 0);
    ngx_conf_merge_msec_value(conf->hello_timeout, prev->hello_timeout,
                              CD_LIMIT_HELLO_MS);
    ngx_conf_merge_msec_value(conf->recheck, prev->recheck,
                              CD_LIMIT_RECHECK_MS);
    ngx_conf_merge_msec_value(conf->poll_hold, prev->poll_hold,
                              CD_LIMIT_POLL_HOLD_MS);

    if (conf->most[0] == 0 && conf->most[1] == 0) {
        conf->most[0] = prev->most[0];
        conf->most[1] = prev->most[1];
    }

    if (conf->rate.per_second == 0) {
        conf->rate = prev->rate;
    }

    if (conf->rate.per_second == 0) {
        conf->rate.per_second = (uint32_t) CD_LIMIT_RATE;
        conf->rate.burst = (uint32_t) CD_LIMIT_RATE_BURST;
    }
}


/* The whole body of a poll or of a REST request lies in memory; nginx's core
   has merged what an operator said. */

static void
ngx_http_chatdesk_merge_body(ngx_conf_t *cf,
    ngx_http_chatdesk_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    if (conf->use != NGX_HTTP_CHATDESK_POLL_VISITOR
        && conf->use != NGX_HTTP_CHATDESK_POLL_AGENT
        && conf->use != NGX_HTTP_CHATDESK_API)
    {
        return;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->client_body_buffer_size = ngx_max(clcf->client_body_buffer_size,
                                            CD_LIMIT_FRAME);
}


static char *
ngx_http_chatdesk_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_chatdesk_loc_conf_t *prev = parent;
    ngx_http_chatdesk_loc_conf_t *conf = child;

    static ngx_http_chatdesk_origins_t  same = { .same = 1 };

    if (conf->redis == NULL) {
        conf->redis = prev->redis;
    }

    if (conf->desk == NULL) {
        conf->desk = prev->desk;
    }

    if (conf->secrets == NULL) {
        conf->secrets = prev->secrets;
    }

    if (conf->origins == NULL) {
        conf->origins = (prev->origins != NULL) ? prev->origins : &same;
    }

    ngx_conf_merge_ptr_value(conf->log, prev->log, NULL);
    ngx_http_chatdesk_merge_limits(prev, conf);
    ngx_http_chatdesk_merge_body(cf, conf);

    if (ngx_http_chatdesk_merge_durability(cf, prev, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_chatdesk_conf_check(cf, conf);
}


ngx_int_t
ngx_http_chatdesk_desk_of(ngx_http_request_t *r,
    ngx_http_chatdesk_desk_t **desk)
{
    ngx_str_t                      name;
    ngx_http_chatdesk_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_chatdesk_module);

    if (ngx_http_complex_value(r, lcf->desk, &name) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (!ngx_http_chatdesk_conf_desk_name(&name)) {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "chatdesk: \"%V\" is not the name of a desk", &name);
        return NGX_HTTP_NOT_FOUND;
    }

    *desk = ngx_http_chatdesk_desk_get(lcf->redis, &name);

    return (*desk == NULL) ? NGX_HTTP_SERVICE_UNAVAILABLE : NGX_OK;
}


static ngx_int_t
ngx_http_chatdesk_init_process(ngx_cycle_t *cycle)
{
    ngx_http_chatdesk_main_conf_t  *mcf;

    /* the cache manager and loader come here as well */

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_chatdesk_module);

    if (mcf == NULL) {
        return NGX_OK;                      /* no http block */
    }

    ngx_http_chatdesk_metrics_attach(mcf->zone);
    ngx_http_chatdesk_ws_drain_time(mcf->drain);
    ngx_http_chatdesk_ws_budget(mcf->send_memory);

    return ngx_http_chatdesk_desk_init_process(cycle);
}


static void
ngx_http_chatdesk_exit_process(ngx_cycle_t *cycle)
{
    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return;
    }

    ngx_http_chatdesk_desk_exit_process(cycle);
}
