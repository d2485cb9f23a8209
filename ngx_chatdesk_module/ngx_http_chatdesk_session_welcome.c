/*
 * The welcome: what a client is told when its hello was accepted.
 *
 * Purpose:    token, welcome frame, and the first feed.
 * Owner:      see session_hello.c.
 * Invariants: a token is made only for a visitor whose hello was checked;
 *             the welcome leaves before anything that is followed.
 */

#include "ngx_http_chatdesk_census.h"
#include "ngx_http_chatdesk_session_state.h"


/* A token for the welcome, *len 0 for none: NGX_OK or NGX_ERROR. */

static ngx_int_t
ngx_http_chatdesk_hello_sign(ngx_http_chatdesk_session_t *session, char *text,
    size_t *len)
{
    struct cd_str              desk;
    ngx_http_chatdesk_token_t  token;

    *len = 0;

    if (session->agent || !session->hello->token_new) {
        return NGX_OK;
    }

    desk.data = (char *) session->desk->name.data;
    desk.len = session->desk->name.len;

    token.visitor.data = (char *) session->who.data;
    token.visitor.len = session->who.len;
    token.born_ms = session->hello->born_ms;
    token.renewed_ms = ngx_http_chatdesk_now();

    *len = ngx_http_chatdesk_token_make(&token, session->conf->secrets, desk,
                                        text);

    return (*len != 0) ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_chatdesk_hello_send(ngx_http_chatdesk_session_t *session,
    ngx_str_t *conv)
{
    char             token[NGX_HTTP_CHATDESK_TOKEN_MAX];
    size_t           len;
    const char      *role;
    struct cd_frame  welcome;

    role = ngx_http_chatdesk_session_role(session);

    if (ngx_http_chatdesk_hello_sign(session, token, &len) != NGX_OK) {
        ngx_http_chatdesk_hello_refuse(session, CD_E_INTERNAL, 0);
        return;
    }

    cd_frame_init(&welcome, CD_T_WELCOME);
    welcome.at_ms = ngx_http_chatdesk_now();

    cd_frame_set_str(&welcome, CD_F_SESSION, (char *) session->id,
                     NGX_HTTP_CHATDESK_ID_LEN);
    cd_frame_set_str(&welcome, CD_F_WHO, (char *) session->who.data,
                     session->who.len);
    cd_frame_set_str(&welcome, CD_F_ROLE, role, ngx_strlen(role));
    cd_frame_set_uint(&welcome, CD_F_ERA, session->hello->server_era);

    /* a client that asks by itself is never asked */

    cd_frame_set_uint(&welcome, CD_F_HEARTBEAT_MS,
                      ngx_max(session->conf->ws.heartbeat / 2, 1));
    cd_frame_set_uint(&welcome, CD_F_MAX_TEXT, CD_LIMIT_TEXT);

    if (session->name.len != 0) {
        cd_frame_set_str(&welcome, CD_F_NAME, (char *) session->name.data,
                         session->name.len);
    }

    if (len != 0) {
        cd_frame_set_str(&welcome, CD_F_TOKEN, token, len);
    }

    if (conv->len != 0) {
        cd_frame_set_str(&welcome, CD_F_CONV, (char *) conv->data, conv->len);
    }

    ngx_http_chatdesk_session_answer(session, &welcome);
}


ngx_int_t
ngx_http_chatdesk_hello_follow(ngx_http_chatdesk_session_t *session,
    ngx_str_t *conv)
{
    ngx_str_t                     feed;
    ngx_http_chatdesk_hello_t    *hello = session->hello;
    ngx_http_chatdesk_resume_t    resume;

    static ngx_str_t  inbox = ngx_string("inbox");

    ngx_memzero(&resume, sizeof(ngx_http_chatdesk_resume_t));
    resume.n = -1;

    if (!session->agent && conv->len != 0 && conv->len == hello->conv_len
        && ngx_memcmp(conv->data, hello->conv, conv->len) == 0)
    {
        resume.era = hello->era;
        resume.n = hello->n;
        resume.mid.data = hello->mid;
        resume.mid.len = hello->mid_len;
    }

    feed = session->agent ? inbox : *conv;

    if (feed.len != 0
        && ngx_http_chatdesk_session_follow(session, &feed, &resume) == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


void
ngx_http_chatdesk_hello_welcome(ngx_http_chatdesk_session_t *session,
    ngx_str_t *conv)
{
    /* a long-poll that goes on has been let in before */

    if (!session->known
        && ngx_http_chatdesk_census_person(session) == NGX_BUSY)
    {
        ngx_http_chatdesk_hello_refuse(session, CD_E_RATE_LIMITED,
                                       CD_LIMIT_CENSUS_RETRY_MS);
        return;
    }

    if (!session->known || session->hello->token_new) {
        ngx_http_chatdesk_hello_send(session, conv);

        if (session->state != NGX_HTTP_CHATDESK_CLOSED) {
            ngx_http_chatdesk_hello_flow_send(session);
        }
    }

    if (session->state == NGX_HTTP_CHATDESK_CLOSED) {
        return;
    }

    session->state = NGX_HTTP_CHATDESK_OPEN;

    if (session->transport->opened(session, conv) != NGX_OK) {
        ngx_http_chatdesk_session_close(session, CD_CLOSE_INTERNAL);
        return;
    }

    ngx_http_chatdesk_hello_free(session);
}
