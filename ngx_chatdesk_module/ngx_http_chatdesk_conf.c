/*
 * The directives that need more than a slot.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_conf.h.
 */

#include "ngx_http_chatdesk_conf.h"
#include "ngx_http_chatdesk_metrics.h"


/* longest secret or password file, bytes */
#define NGX_HTTP_CHATDESK_FILE_MAX  8192


ngx_uint_t
ngx_http_chatdesk_conf_desk_name(ngx_str_t *name)
{
    u_char      c;
    ngx_uint_t  i;

    if (name->len == 0 || name->len > 32) {
        return 0;
    }

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return 0;
        }
    }

    return 1;
}


char *
ngx_http_chatdesk_conf_desk(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_chatdesk_loc_conf_t  *lcf = conf;

    char       *rv;
    ngx_str_t  *value = cf->args->elts;

    if (lcf->desk != NULL) {
        return "is duplicate";
    }

    rv = ngx_http_set_complex_value_slot(cf, cmd, conf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (lcf->desk->lengths == NULL
        && !ngx_http_chatdesk_conf_desk_name(&value[1]))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid desk \"%V\" in \"chatdesk_desk\", "
                           "expected 1 to 32 characters of [a-z0-9-]",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_chatdesk_conf_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_chatdesk_main_conf_t  *mcf = conf;

    ssize_t     size;
    ngx_str_t  *value = cf->args->elts;

    (void) cmd;

    if (mcf->zone != NULL) {
        return "is duplicate";
    }

    size = ngx_parse_size(&value[2]);

    if (size == NGX_ERROR || size < NGX_HTTP_CHATDESK_ZONE_MIN) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid size \"%V\" of chatdesk_zone \"%V\", "
                           "expected 64k or more", &value[2], &value[1]);
        return NGX_CONF_ERROR;
    }

    mcf->zone = ngx_shared_memory_add(cf, &value[1], size,
                                      &ngx_http_chatdesk_module);
    if (mcf->zone == NULL) {
        return NGX_CONF_ERROR;
    }

    mcf->zone->init = ngx_http_chatdesk_metrics_init_zone;
    mcf->zone->data = mcf;

    return NGX_CONF_OK;
}


char *
ngx_http_chatdesk_conf_file(ngx_conf_t *cf, ngx_str_t *path, size_t max,
    ngx_str_t *content)
{
    off_t            size;
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_str_t        name;
    ngx_file_info_t  fi;

    name = *path;

    if (ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(name.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", &name);
        return NGX_CONF_ERROR;
    }

    n = -1;

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR || !ngx_is_file(&fi)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is not a regular file", &name);
        goto done;
    }

    size = ngx_file_size(&fi);

    if (size > (off_t) max) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" has %O bytes, expected at most %uz",
                           &name, size, max);
        goto done;
    }

    if (ngx_file_access(&fi) & 07) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"%V\" holds a secret and may be used by "
                           "every user, expected mode 0600 or 0640", &name);
    }

    content->data = ngx_pnalloc(cf->pool, (size_t) size + 1);

    if (content->data == NULL) {
        goto done;
    }

    n = ngx_read_fd(fd, content->data, (size_t) size);

    if (n != (ssize_t) size) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "\"%V\" could not be read", &name);
        n = -1;
        goto done;
    }

    content->len = (size_t) n;

done:

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", &name);
    }

    return (n < 0) ? NGX_CONF_ERROR : NGX_CONF_OK;
}


/* Takes the next line that is not empty off `text`; 0 when there is none. */

static ngx_uint_t
ngx_http_chatdesk_conf_line(ngx_str_t *text, ngx_str_t *line)
{
    u_char  *end, *next;

    while (text->len > 0) {
        end = ngx_strlchr(text->data, text->data + text->len, '\n');
        next = (end != NULL) ? end + 1 : text->data + text->len;

        line->data = text->data;
        line->len = ((end != NULL) ? end : next) - text->data;

        text->len -= next - text->data;
        text->data = next;

        while (line->len > 0
               && (line->data[line->len - 1] == '\r'
                   || line->data[line->len - 1] == ' '))
        {
            line->len--;
        }

        if (line->len > 0) {
            return 1;
        }
    }

    return 0;
}


/* One more line of the file of chatdesk_secret. */

static char *
ngx_http_chatdesk_conf_secret_line(ngx_conf_t *cf, ngx_str_t *path,
    ngx_http_chatdesk_secrets_t *secrets, ngx_str_t *line)
{
    struct cd_str  *secret;

    if (line->len < CD_LIMIT_SECRET_MIN) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "line %ui of \"%V\" has %uz characters, "
                           "expected a secret of at least %uL",
                           (ngx_uint_t) secrets->count + 1, path, line->len,
                           CD_LIMIT_SECRET_MIN);
        return NGX_CONF_ERROR;
    }

    if (secrets->count == CD_LIMIT_SECRETS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" has more than %uL secrets", path,
                           CD_LIMIT_SECRETS);
        return NGX_CONF_ERROR;
    }

    secret = &secrets->secrets[secrets->count++];
    secret->data = (char *) line->data;
    secret->len = line->len;

    return NGX_CONF_OK;
}


char *
ngx_http_chatdesk_conf_secret(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_chatdesk_loc_conf_t  *lcf = conf;

    ngx_str_t                     text, line, *value = cf->args->elts;
    ngx_http_chatdesk_secrets_t  *secrets;

    (void) cmd;

    if (lcf->secrets != NULL) {
        return "is duplicate";
    }

    if (ngx_http_chatdesk_conf_file(cf, &value[1], NGX_HTTP_CHATDESK_FILE_MAX,
                                    &text)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    secrets = ngx_pcalloc(cf->pool, sizeof(ngx_http_chatdesk_secrets_t));
    if (secrets == NULL) {
        return NGX_CONF_ERROR;
    }

    secrets->secrets = ngx_pcalloc(cf->pool,
                                   CD_LIMIT_SECRETS * sizeof(struct cd_str));
    if (secrets->secrets == NULL) {
        return NGX_CONF_ERROR;
    }

    while (ngx_http_chatdesk_conf_line(&text, &line)) {
        if (ngx_http_chatdesk_conf_secret_line(cf, &value[1], secrets, &line)
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    if (secrets->count == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is empty, expected a secret of at least "
                           "%uL characters", &value[1], CD_LIMIT_SECRET_MIN);
        return NGX_CONF_ERROR;
    }

    lcf->secrets = secrets;

    return NGX_CONF_OK;
}


/* Whether this has the form scheme://host[:port] and nothing after it. */

static ngx_uint_t
ngx_http_chatdesk_conf_is_origin(ngx_str_t *origin)
{
    u_char  *p, *end;

    end = origin->data + origin->len;

    if (origin->len > 8 && ngx_strncmp(origin->data, "https://", 8) == 0) {
        p = origin->data + 8;

    } else if (origin->len > 7 && ngx_strncmp(origin->data, "http://", 7) == 0)
    {
        p = origin->data + 7;

    } else {
        return 0;
    }

    for ( /* void */ ; p < end; p++) {
        if (*p <= ' ' || *p == '/' || *p == '?' || *p == '#' || *p == '*'
            || *p == '@' || *p >= 0x7f)
        {
            return 0;
        }
    }

    return 1;
}


char *
ngx_http_chatdesk_conf_origin(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_chatdesk_loc_conf_t  *lcf = conf;

    ngx_str_t                    *value = cf->args->elts, *origin;
    ngx_uint_t                    i;
    ngx_http_chatdesk_origins_t  *origins;

    (void) cmd;

    if (lcf->origins != NULL) {
        return "is duplicate";
    }

    origins = ngx_pcalloc(cf->pool, sizeof(ngx_http_chatdesk_origins_t));
    if (origins == NULL
        || ngx_array_init(&origins->list, cf->pool, 4, sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "same") == 0) {
            origins->same = 1;
            continue;
        }

        if (ngx_strcmp(value[i].data, "any") == 0) {
            origins->any = 1;
            continue;
        }

        ngx_strlow(value[i].data, value[i].data, value[i].len);

        if (!ngx_http_chatdesk_conf_is_origin(&value[i])) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid origin \"%V\" in \"chatdesk_origin\", "
                               "expected \"same\", \"any\" or "
                               "http[s]://host[:port]", &value[i]);
            return NGX_CONF_ERROR;
        }

        origin = ngx_array_push(&origins->list);
        if (origin == NULL) {
            return NGX_CONF_ERROR;
        }

        *origin = value[i];
    }

    lcf->origins = origins;

    return NGX_CONF_OK;
}


/* A number from 1 to max in front of `suffix`; NGX_ERROR for none. */

static ngx_int_t
ngx_http_chatdesk_conf_number(ngx_str_t *value, size_t prefix,
    const char *suffix, ngx_int_t max)
{
    size_t     tail = ngx_strlen(suffix);
    ngx_int_t  n;

    if (value->len <= prefix + tail
        || ngx_strncmp(value->data + value->len - tail, suffix, tail) != 0)
    {
        return NGX_ERROR;
    }

    n = ngx_atoi(value->data + prefix, value->len - prefix - tail);

    return (n < 1 || n > max) ? NGX_ERROR : n;
}


char *
ngx_http_chatdesk_conf_rate(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_chatdesk_loc_conf_t  *lcf = conf;

    ngx_int_t   rate, burst;
    ngx_str_t  *value = cf->args->elts;

    (void) cmd;

    if (lcf->rate.per_second != 0) {
        return "is duplicate";
    }

    rate = ngx_http_chatdesk_conf_number(&value[1], 0, "r/s", 1000);

    if (rate == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid rate \"%V\" in \"chatdesk_rate\", "
                           "expected 1r/s to 1000r/s", &value[1]);
        return NGX_CONF_ERROR;
    }

    burst = (ngx_int_t) CD_LIMIT_RATE_BURST;

    if (cf->args->nelts == 3) {
        burst = NGX_ERROR;

        if (ngx_strncmp(value[2].data, "burst=", 6) == 0) {
            burst = ngx_http_chatdesk_conf_number(&value[2], 6, "", 10000);
        }
    }

    if (burst == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"chatdesk_rate\", "
                           "expected burst=1 to burst=10000", &value[2]);
        return NGX_CONF_ERROR;
    }

    lcf->rate.per_second = (uint32_t) rate;
    lcf->rate.burst = (uint32_t) burst;

    return NGX_CONF_OK;
}


/* What a location's use cannot do without; NULL when it has all. */

static const char *
ngx_http_chatdesk_conf_missing(ngx_http_chatdesk_loc_conf_t *lcf)
{
    switch (lcf->use) {

    case NGX_HTTP_CHATDESK_NOTHING:
    case NGX_HTTP_CHATDESK_STATUS:
        return NULL;

    case NGX_HTTP_CHATDESK_VISITOR:
    case NGX_HTTP_CHATDESK_POLL_VISITOR:
        if (lcf->secrets == NULL) {
            return "chatdesk_secret";
        }
        break;

    case NGX_HTTP_CHATDESK_AGENT:
    case NGX_HTTP_CHATDESK_POLL_AGENT:
    case NGX_HTTP_CHATDESK_API:
        break;
    }

    return (lcf->desk == NULL) ? "chatdesk_desk"
           : (lcf->redis == NULL) ? "chatdesk_redis" : NULL;
}


/* A value of a limit that is out of its bounds; NULL when none is. */

static const char *
ngx_http_chatdesk_conf_out(ngx_http_chatdesk_loc_conf_t *lcf)
{
    if (lcf->ws.max_message < 1024 || lcf->ws.max_message > CD_LIMIT_FRAME) {
        return "\"chatdesk_max_message\" must be 1k to 64k";
    }

    if (lcf->ws.max_fragments < 1) {
        return "\"chatdesk_max_fragments\" must be 1 or more";
    }

    if (lcf->ws.send_queue < CD_LIMIT_FRAME) {
        return "\"chatdesk_send_queue\" must be 64k or more";
    }

    if (lcf->ws.fragment_timeout == 0 || lcf->hello_timeout == 0
        || lcf->recheck == 0 || lcf->poll_hold == 0
        || lcf->ws.heartbeat == 0 || lcf->ws.heartbeat_timeout == 0
        || lcf->ws.send_timeout == 0 || lcf->ws.close_timeout == 0)
    {
        return "times of \"chatdesk_...\" directives must be above 0";
    }

    if (lcf->ws.heartbeat > 3600000) {
        return "\"chatdesk_heartbeat\" must be 1h or less";
    }

    if (lcf->poll_hold > 3600000) {
        return "\"chatdesk_poll_hold\" must be 1h or less";
    }

    return NULL;
}


char *
ngx_http_chatdesk_conf_check(ngx_conf_t *cf,
    ngx_http_chatdesk_loc_conf_t *lcf)
{
    const char  *missing, *out;

    static const char  *uses[] = {
        "", "chatdesk_socket visitor", "chatdesk_socket agent",
        "chatdesk_api", "chatdesk_status", "chatdesk_poll visitor",
        "chatdesk_poll agent"
    };

    missing = ngx_http_chatdesk_conf_missing(lcf);

    if (missing != NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"%s\" needs \"%s\" in its location or around it "
                      "in %V:%ui",
                      uses[lcf->use], missing, &lcf->used_file,
                      lcf->used_line);
        return NGX_CONF_ERROR;
    }

    out = ngx_http_chatdesk_conf_out(lcf);

    if (out != NULL && lcf->use != NGX_HTTP_CHATDESK_NOTHING) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "%s for the location in %V:%ui",
                      out, &lcf->used_file, lcf->used_line);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
