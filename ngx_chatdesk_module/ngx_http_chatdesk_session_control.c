/*
 * What needs a decision, and what a session follows.
 *
 * Purpose:    start and the control requests go to the desk's log; follow,
 *             unfollow and ping are answered here.
 * Owner:      see session.c.
 * Invariants: an entry of the log says who asked in fields that the client
 *             cannot set; an ack means that the entry is stored, not that
 *             the desk agrees.
 */

#include "ngx_http_chatdesk_session_state.h"


/* a control entry: ids, a role, a state, a note with tags; and a start with
   its form; strings have at most four bytes for each code point */
#define NGX_HTTP_CHATDESK_ENTRY_MAX  4096
#define NGX_HTTP_CHATDESK_START_MAX  49152


static void ngx_http_chatdesk_frame_started(void *data, redisReply *reply);
static void ngx_http_chatdesk_frame_logged(void *data, redisReply *reply);
static void ngx_http_chatdesk_frame_log(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_http_chatdesk_reply_pt handler);
static void ngx_http_chatdesk_frame_hinted(void *data, redisReply *reply);


/* Who asks, in fields that no client may send. */

static void
ngx_http_chatdesk_frame_sign(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    const char  *role = ngx_http_chatdesk_session_role(session);

    frame->at_ms = ngx_http_chatdesk_now();

    cd_frame_set_str(frame, CD_F_WHO, (char *) session->who.data,
                     session->who.len);
    cd_frame_set_str(frame, CD_F_ROLE, role, ngx_strlen(role));
    cd_frame_set_str(frame, CD_F_SESSION, (char *) session->id,
                     NGX_HTTP_CHATDESK_ID_LEN);
    cd_frame_set_str(frame, CD_F_NODE, (char *) session->desk->node.data,
                     session->desk->node.len);
}


/* Queries and fragments of addresses hold what nobody meant to tell. */

static void
ngx_http_chatdesk_frame_cut_page(struct cd_frame *frame)
{
    size_t         len;
    struct cd_str  page = cd_frame_str(frame, CD_F_PAGE);

    for (len = 0; len < page.len; len++) {
        if (page.data[len] == '?' || page.data[len] == '#') {
            cd_frame_set_str(frame, CD_F_PAGE, page.data, len);
            return;
        }
    }
}


/* Calls cd_start; NGX_OK, NGX_ERROR or NGX_BUSY. */

static ngx_int_t
ngx_http_chatdesk_start(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_http_chatdesk_request_t *request)
{
    u_char     *body, *conv;
    u_char      at[NGX_HTTP_CHATDESK_NUMBER_LEN];
    ngx_str_t   argv[7];

    static ngx_str_t  web = ngx_string("web");

    /* the frame, which a refusal still reads, keeps pointing at the id */

    body = ngx_pnalloc(ngx_http_chatdesk_session_pool(),
                       NGX_HTTP_CHATDESK_START_MAX);
    conv = ngx_pnalloc(ngx_http_chatdesk_session_pool(),
                       NGX_HTTP_CHATDESK_ID_LEN);

    if (body == NULL || conv == NULL
        || ngx_http_chatdesk_random_id(conv) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_chatdesk_frame_sign(session, frame);
    ngx_http_chatdesk_frame_cut_page(frame);
    cd_frame_set_str(frame, CD_F_CONV, (char *) conv,
                     NGX_HTTP_CHATDESK_ID_LEN);

    argv[0] = session->who;
    argv[1].data = conv;
    argv[1].len = NGX_HTTP_CHATDESK_ID_LEN;
    argv[2] = session->sn.str;
    argv[3] = session->desk->node;
    argv[4] = ngx_http_chatdesk_number(at, frame->at_ms);
    argv[5].data = body;
    argv[5].len = cd_body_encode(frame, (char *) body,
                                 NGX_HTTP_CHATDESK_START_MAX);
    argv[6] = ngx_http_chatdesk_field(frame, CD_F_FLOW);

    if (argv[6].len == 0) {
        argv[6] = web;
    }

    if (argv[5].len == 0) {
        return NGX_ERROR;
    }

    return ngx_http_chatdesk_desk_store(session->desk, "cd_start", "u:",
                                        &session->who,
                                        ngx_http_chatdesk_frame_started,
                                        request, 7, argv);
}


void
ngx_http_chatdesk_frame_start(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    ngx_http_chatdesk_request_t  *request;

    request = ngx_http_chatdesk_session_begin(session, frame);
    if (request == NULL) {
        return;
    }

    if (ngx_http_chatdesk_start(session, frame, request) != NGX_OK) {
        ngx_http_chatdesk_session_fail(session, request, frame);
        return;
    }

    session->online = 1;
}


static void
ngx_http_chatdesk_frame_started(void *data, redisReply *reply)
{
    ngx_str_t                     conv;
    struct cd_frame               ack;
    ngx_http_chatdesk_resume_t    resume;
    ngx_http_chatdesk_request_t   request;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_session_end(data, &request);

    if (session == NULL
        || ngx_http_chatdesk_session_replied(session, &request, reply, 3)
           == NGX_ERROR)
    {
        return;
    }

    conv = ngx_http_chatdesk_reply_str(reply, 1);

    cd_frame_init(&ack, CD_T_ACK);
    cd_frame_set_str(&ack, CD_F_RE, (char *) request.id, request.id_len);
    cd_frame_set_str(&ack, CD_F_CONV, (char *) conv.data, conv.len);

    ngx_http_chatdesk_session_answer(session, &ack);

    if (session->state != NGX_HTTP_CHATDESK_OPEN) {
        return;
    }

    /* a visitor has one feed, the one of its conversation */

    ngx_http_chatdesk_session_follow_only(session, &conv);

    ngx_memzero(&resume, sizeof(ngx_http_chatdesk_resume_t));
    resume.n = -1;

    if (ngx_http_chatdesk_session_follow(session, &conv, &resume) == NULL) {
        ngx_http_chatdesk_session_close(session, CD_CLOSE_INTERNAL);
    }
}


void
ngx_http_chatdesk_frame_control(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    ngx_http_chatdesk_frame_log(session, frame,
                                ngx_http_chatdesk_frame_logged);
}


void
ngx_http_chatdesk_frame_focus(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    ngx_http_chatdesk_frame_log(session, frame,
                                ngx_http_chatdesk_frame_hinted);
}


/* Appends a request, as it came, to the desk's log. */

static void
ngx_http_chatdesk_frame_log(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_http_chatdesk_reply_pt handler)
{
    char                          buf[NGX_HTTP_CHATDESK_ENTRY_MAX];
    ngx_str_t                     envelope;
    ngx_http_chatdesk_request_t  *request;

    if (session->desk->log_full) {
        ngx_http_chatdesk_session_error(session, frame, CD_E_BUSY, 0);
        return;
    }

    request = ngx_http_chatdesk_session_begin(session, frame);
    if (request == NULL) {
        return;
    }

    ngx_http_chatdesk_frame_sign(session, frame);

    envelope.data = (u_char *) buf;
    envelope.len = cd_frame_encode(frame, buf, sizeof(buf));

    if (envelope.len == 0
        || ngx_http_chatdesk_desk_store(session->desk, "cd_log", "log", NULL,
                                        handler, request, 1, &envelope)
           != NGX_OK)
    {
        ngx_http_chatdesk_session_fail(session, request, frame);
    }
}


/* A hint that was stored is not answered. */

static void
ngx_http_chatdesk_frame_hinted(void *data, redisReply *reply)
{
    ngx_http_chatdesk_request_t   request;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_session_end(data, &request);

    if (session != NULL) {
        (void) ngx_http_chatdesk_session_replied(session, &request, reply, 1);
    }
}


static void
ngx_http_chatdesk_frame_logged(void *data, redisReply *reply)
{
    struct cd_frame               ack;
    ngx_http_chatdesk_request_t   request;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_session_end(data, &request);

    if (session == NULL
        || ngx_http_chatdesk_session_replied(session, &request, reply, 1)
           == NGX_ERROR)
    {
        return;
    }

    cd_frame_init(&ack, CD_T_ACK);
    cd_frame_set_str(&ack, CD_F_RE, (char *) request.id, request.id_len);

    if (request.conv_len != 0) {
        cd_frame_set_str(&ack, CD_F_CONV, (char *) request.conv,
                         request.conv_len);
    }

    ngx_http_chatdesk_session_answer(session, &ack);
}


/* -- feeds -- */

/* longest name of a feed: "i:" and an agent */
#define NGX_HTTP_CHATDESK_FEED_MAX  66


/* The feed's name on the bus, in `buf`; a visitor can only name its side. */

static ngx_str_t
ngx_http_chatdesk_feed_name(ngx_http_chatdesk_session_t *session,
    ngx_str_t *shown, u_char *buf)
{
    ngx_str_t  name;

    name.data = buf;

    if (!session->agent) {
        name.len = ngx_sprintf(buf, "v:%V", shown) - buf;

    } else if (shown->len == 5 && ngx_strncmp(shown->data, "inbox", 5) == 0) {
        name.len = ngx_sprintf(buf, "i:%V", &session->who) - buf;

    } else if (shown->len == 6 && ngx_strncmp(shown->data, "queues", 6) == 0) {
        name.len = ngx_sprintf(buf, "g:%V", shown) - buf;

    } else {
        name.len = ngx_sprintf(buf, "d:%V", shown) - buf;
    }

    return name;
}


ngx_http_chatdesk_follower_t *
ngx_http_chatdesk_session_follow(ngx_http_chatdesk_session_t *session,
    ngx_str_t *feed, ngx_http_chatdesk_resume_t *resume)
{
    u_char     buf[NGX_HTTP_CHATDESK_FEED_MAX];
    ngx_str_t  name;

    name = ngx_http_chatdesk_feed_name(session, feed, buf);

    return ngx_http_chatdesk_feed_follow(session->desk, session, &name, feed,
                                         resume);
}


void
ngx_http_chatdesk_session_follow_only(ngx_http_chatdesk_session_t *session,
    ngx_str_t *feed)
{
    u_char     buf[NGX_HTTP_CHATDESK_FEED_MAX];
    ngx_str_t  name;

    name = ngx_http_chatdesk_feed_name(session, feed, buf);

    if (ngx_http_chatdesk_feed_find(session, &name) == NULL) {
        ngx_http_chatdesk_feed_unfollow_all(session);
    }
}


/* Whether the session may follow one feed more. */

static ngx_uint_t
ngx_http_chatdesk_session_room(ngx_http_chatdesk_session_t *session)
{
    ngx_uint_t    count = 0;
    ngx_queue_t  *q;

    for (q = ngx_queue_head(&session->followers);
         q != ngx_queue_sentinel(&session->followers);
         q = ngx_queue_next(q))
    {
        count++;
    }

    return count < CD_LIMIT_FEEDS_PER_SESSION;
}


void
ngx_http_chatdesk_frame_follow(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    u_char                       buf[NGX_HTTP_CHATDESK_FEED_MAX];
    ngx_str_t                    shown, name;
    ngx_http_chatdesk_resume_t   resume;

    shown = ngx_http_chatdesk_field(frame, CD_F_FEED);
    name = ngx_http_chatdesk_feed_name(session, &shown, buf);

    if (ngx_http_chatdesk_feed_find(session, &name) == NULL
        && !ngx_http_chatdesk_session_room(session))
    {
        ngx_http_chatdesk_session_error(session, frame, CD_E_BUSY, 0);
        return;
    }

    resume.era = cd_frame_uint(frame, CD_F_ERA);
    resume.n = cd_frame_has(frame, CD_F_N)
               ? (int64_t) cd_frame_uint(frame, CD_F_N) : -1;
    resume.mid = ngx_http_chatdesk_field(frame, CD_F_MID);

    if (ngx_http_chatdesk_session_follow(session, &shown, &resume) == NULL) {
        ngx_http_chatdesk_session_error(session, frame, CD_E_BUSY, 0);
    }
}


void
ngx_http_chatdesk_frame_unfollow(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    u_char                         buf[NGX_HTTP_CHATDESK_FEED_MAX];
    ngx_str_t                      shown, name;
    ngx_http_chatdesk_follower_t  *follower;

    shown = ngx_http_chatdesk_field(frame, CD_F_FEED);
    name = ngx_http_chatdesk_feed_name(session, &shown, buf);

    follower = ngx_http_chatdesk_feed_find(session, &name);

    if (follower != NULL) {
        ngx_http_chatdesk_feed_unfollow(&follower);
    }
}


void
ngx_http_chatdesk_frame_ping(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    struct cd_frame  pong;

    (void) frame;

    cd_frame_init(&pong, CD_T_PONG);
    pong.at_ms = ngx_http_chatdesk_now();

    ngx_http_chatdesk_session_answer(session, &pong);
}
