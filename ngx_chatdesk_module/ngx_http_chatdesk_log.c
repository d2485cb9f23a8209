/*
 * What an operator can log of a session.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_log.h.
 *
 * A request that is kept until its socket ends (chatdesk_detach off) has its
 * line in the access log then, with the figures of the whole session.  One
 * that is not, has it right after the handshake, with the variables empty;
 * for those sessions there is chatdesk_log.
 */

#include "ngx_http_chatdesk_log.h"
#include "ngx_http_chatdesk_session_state.h"


/* more than the longest line: 39 characters of address, 32 of a desk, and
   seven numbers */
#define NGX_HTTP_CHATDESK_LOG_LINE  640

/* seconds between complaints about a file that cannot be written */
#define NGX_HTTP_CHATDESK_LOG_QUIET  60


typedef enum {
    NGX_HTTP_CHATDESK_LOG_ROLE = 0,
    NGX_HTTP_CHATDESK_LOG_DURATION = 1,
    NGX_HTTP_CHATDESK_LOG_FRAMES_IN = 2,
    NGX_HTTP_CHATDESK_LOG_FRAMES_OUT = 3,
    NGX_HTTP_CHATDESK_LOG_BYTES_IN = 4,
    NGX_HTTP_CHATDESK_LOG_BYTES_OUT = 5,
    NGX_HTTP_CHATDESK_LOG_CLOSE_CODE = 6
} ngx_http_chatdesk_log_value_e;


static ngx_int_t ngx_http_chatdesk_log_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


#define NGX_HTTP_CHATDESK_LOG_VARIABLE(name, value)                           \
    { ngx_string(name), NULL, ngx_http_chatdesk_log_variable,                 \
      NGX_HTTP_CHATDESK_LOG_##value, NGX_HTTP_VAR_NOCACHEABLE, 0 }

static ngx_http_variable_t  ngx_http_chatdesk_log_vars[] = {
    NGX_HTTP_CHATDESK_LOG_VARIABLE("chatdesk_role", ROLE),
    NGX_HTTP_CHATDESK_LOG_VARIABLE("chatdesk_duration", DURATION),
    NGX_HTTP_CHATDESK_LOG_VARIABLE("chatdesk_frames_in", FRAMES_IN),
    NGX_HTTP_CHATDESK_LOG_VARIABLE("chatdesk_frames_out", FRAMES_OUT),
    NGX_HTTP_CHATDESK_LOG_VARIABLE("chatdesk_bytes_in", BYTES_IN),
    NGX_HTTP_CHATDESK_LOG_VARIABLE("chatdesk_bytes_out", BYTES_OUT),
    NGX_HTTP_CHATDESK_LOG_VARIABLE("chatdesk_close_code", CLOSE_CODE),
    { ngx_null_string, NULL, NULL, 0, 0, 0 }
};


ngx_int_t
ngx_http_chatdesk_log_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_chatdesk_log_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


void
ngx_http_chatdesk_log_request(ngx_http_request_t *r)
{
    ngx_http_set_ctx(r, ngx_http_chatdesk_ws_of(r), ngx_http_chatdesk_module);
}


/* The socket that a request became; NULL when it became none, or is about to
   be detached from it. */

static ngx_http_chatdesk_ws_t *
ngx_http_chatdesk_log_ws(ngx_http_request_t *r)
{
    ngx_http_chatdesk_ws_t        *ws;
    ngx_http_chatdesk_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_chatdesk_module);

    if (lcf->use != NGX_HTTP_CHATDESK_VISITOR
        && lcf->use != NGX_HTTP_CHATDESK_AGENT)
    {
        return NULL;
    }

    ws = ngx_http_get_module_ctx(r, ngx_http_chatdesk_module);

    if (ws == NULL || ngx_http_chatdesk_ws_stats(ws)->opened == 0) {
        return NULL;
    }

    return ws;
}


static u_char *
ngx_http_chatdesk_log_duration(u_char *p, ngx_http_chatdesk_ws_t *ws)
{
    ngx_msec_t  ms;

    ms = ngx_current_msec - ngx_http_chatdesk_ws_stats(ws)->opened;

    return ngx_sprintf(p, "%M.%03M", ms / 1000, ms % 1000);
}


static const char *
ngx_http_chatdesk_log_role(ngx_http_request_t *r)
{
    ngx_http_chatdesk_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_chatdesk_module);

    return (lcf->use == NGX_HTTP_CHATDESK_AGENT) ? "agent" : "visitor";
}


/* Writes a value; the end of it. */

static u_char *
ngx_http_chatdesk_log_value(u_char *p, ngx_http_request_t *r,
    ngx_http_chatdesk_ws_t *ws, uintptr_t value)
{
    const ngx_http_chatdesk_ws_stats_t  *stats;

    stats = ngx_http_chatdesk_ws_stats(ws);

    switch (value) {

    case NGX_HTTP_CHATDESK_LOG_ROLE:
        return ngx_sprintf(p, "%s", ngx_http_chatdesk_log_role(r));

    case NGX_HTTP_CHATDESK_LOG_DURATION:
        return ngx_http_chatdesk_log_duration(p, ws);

    case NGX_HTTP_CHATDESK_LOG_FRAMES_IN:
        return ngx_sprintf(p, "%uD", stats->frames_in);

    case NGX_HTTP_CHATDESK_LOG_FRAMES_OUT:
        return ngx_sprintf(p, "%uD", stats->frames_out);

    case NGX_HTTP_CHATDESK_LOG_BYTES_IN:
        return ngx_sprintf(p, "%uL", stats->bytes_in);

    case NGX_HTTP_CHATDESK_LOG_BYTES_OUT:
        return ngx_sprintf(p, "%uL", stats->bytes_out);

    default: /* NGX_HTTP_CHATDESK_LOG_CLOSE_CODE */
        return ngx_sprintf(p, "%ui", ngx_http_chatdesk_ws_code(ws));
    }
}


static ngx_int_t
ngx_http_chatdesk_log_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_chatdesk_ws_t  *ws;

    ws = ngx_http_chatdesk_log_ws(r);

    if (ws == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = ngx_pnalloc(r->pool, NGX_INT64_LEN + NGX_TIME_T_LEN);
    if (v->data == NULL) {
        return NGX_ERROR;
    }

    v->len = ngx_http_chatdesk_log_value(v->data, r, ws, data) - v->data;
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;

    return NGX_OK;
}


char *
ngx_http_chatdesk_log_conf(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_chatdesk_loc_conf_t  *lcf = conf;

    ngx_str_t  *value = cf->args->elts;

    (void) cmd;

    if (lcf->log != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (ngx_strcmp(value[1].data, "off") == 0) {
        lcf->log = NULL;
        return NGX_CONF_OK;
    }

    lcf->log = ngx_conf_open_file(cf->cycle, &value[1]);

    return (lcf->log == NULL) ? NGX_CONF_ERROR : NGX_CONF_OK;
}


static void
ngx_http_chatdesk_log_write(ngx_open_file_t *file, u_char *line, size_t len,
    ngx_log_t *log)
{
    ssize_t        n;
    static time_t  told;

    n = ngx_write_fd(file->fd, line, len);

    if (n == (ssize_t) len
        || ngx_time() - told < NGX_HTTP_CHATDESK_LOG_QUIET)
    {
        return;
    }

    told = ngx_time();

    ngx_log_error(NGX_LOG_ERR, log, (n == -1) ? ngx_errno : 0,
                  "chatdesk: wrote %z of %uz bytes of a line to \"%V\"; "
                  "sessions that end are not logged", n, len, &file->name);
}


void
ngx_http_chatdesk_log_session(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_ws_t *ws, ngx_uint_t code)
{
    u_char                              *p, *last;
    u_char                               line[NGX_HTTP_CHATDESK_LOG_LINE];
    u_char                               duration[2 * NGX_TIME_T_LEN];
    const ngx_http_chatdesk_ws_stats_t  *stats;

    stats = ngx_http_chatdesk_ws_stats(ws);

    if (session->conf->log == NULL || stats->opened == 0) {
        return;
    }

    last = line + sizeof(line);

    p = ngx_slprintf(line, last,
                     "{\"time\":\"%V\",\"client\":\"%V\",\"desk\":\"%V\","
                     "\"role\":\"%s\",\"session\":\"%*s\",\"code\":%ui,",
                     &ngx_cached_http_log_iso8601,
                     ngx_http_chatdesk_ws_address(ws), &session->desk->name,
                     ngx_http_chatdesk_session_role(session),
                     (size_t) NGX_HTTP_CHATDESK_ID_LEN, session->id, code);

    p = ngx_slprintf(p, last,
                     "\"duration\":%*s,\"frames_in\":%uD,\"frames_out\":%uD,"
                     "\"bytes_in\":%uL,\"bytes_out\":%uL}\n",
                     (size_t) (ngx_http_chatdesk_log_duration(duration, ws)
                               - duration), duration,
                     stats->frames_in, stats->frames_out,
                     stats->bytes_in, stats->bytes_out);

    ngx_http_chatdesk_log_write(session->conf->log, line, p - line,
                                ngx_http_chatdesk_ws_log(ws));
}
