/*
 * What goes on inside a conversation: messages, typing, marks, views.
 *
 * Purpose:    checks what a client may be told without asking, hands the
 *             rest to one Redis function, and answers with what it said.
 * Owner:      see session.c; bodies live in the frame's pool and are copied
 *             by the command that carries them.
 * Invariants: an ack is sent only after Redis has stored the message; the
 *             messages of one session reach Redis in the order in which
 *             they came, because they share one connection.
 */

#include "ngx_http_chatdesk_session_state.h"
#include "ngx_http_chatdesk_utf8.h"


/* room beside the strings of a body: numbers, heads, ids, names */
#define NGX_HTTP_CHATDESK_BODY_ROOM  1024


static void ngx_http_chatdesk_frame_sent(void *data, redisReply *reply);
static void ngx_http_chatdesk_frame_marked(void *data, redisReply *reply);
static void ngx_http_chatdesk_frame_typed(void *data, redisReply *reply);
static void ngx_http_chatdesk_frame_untyped(void *data, redisReply *reply);
static void ngx_http_chatdesk_frame_viewed(void *data, redisReply *reply);
static void ngx_http_chatdesk_frame_unviewed(void *data, redisReply *reply);
static void ngx_http_chatdesk_mark(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_http_chatdesk_reply_pt handler);


/* Whether a text has something to read. */

static ngx_uint_t
ngx_http_chatdesk_empty(struct cd_str text)
{
    u_char    *p, *end;
    uint32_t   c;

    p = (u_char *) text.data;
    end = p + text.len;

    while (p < end) {
        c = (*p < 0x80) ? *p++ : ngx_utf8_decode(&p, end - p);

        if (!ngx_http_chatdesk_utf8_blank(c)) {
            return 0;
        }
    }

    return 1;
}


/* What tells one message from another when a counter comes twice. */

static void
ngx_http_chatdesk_digest(u_char *digest, const struct cd_frame *frame)
{
    size_t                i;
    uint32_t              first, second;
    struct cd_str         s;
    static const uint8_t  more[] = { CD_F_CHOICES, CD_F_PICKS };

    s = cd_frame_str(frame, CD_F_TEXT);
    first = ngx_crc32_long((u_char *) s.data, s.len);
    second = ngx_murmur_hash2((u_char *) s.data, s.len);

    for (i = 0; i < sizeof(more); i++) {
        s = cd_frame_str(frame, more[i]);

        if (s.len != 0) {
            first = first * 31 + ngx_crc32_long((u_char *) s.data, s.len);
            second ^= ngx_murmur_hash2((u_char *) s.data, s.len) + more[i];
        }
    }

    cd_wire_put_be(digest, first, 4);
    cd_wire_put_be(digest + 4,
                   cd_frame_uint(frame, CD_F_PRIVATE) ? ~second : second, 4);
}


/* A string of the frame, if it has it; its length. */

static size_t
ngx_http_chatdesk_message_take(struct cd_frame *message,
    const struct cd_frame *frame, unsigned field)
{
    struct cd_str  s = cd_frame_str(frame, field);

    if (cd_frame_has(frame, field)) {
        cd_frame_set_str(message, field, s.data, s.len);
    }

    return s.len;
}


/* The body of the `message` that a `send` becomes; empty: memory. */

static ngx_str_t
ngx_http_chatdesk_message_body(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_str_t *mid)
{
    size_t           cap;
    ngx_str_t        body = ngx_null_string;
    const char      *role;
    struct cd_frame  message;

    role = ngx_http_chatdesk_session_role(session);

    cd_frame_init(&message, CD_T_MESSAGE);
    cap = NGX_HTTP_CHATDESK_BODY_ROOM
          + ngx_http_chatdesk_message_take(&message, frame, CD_F_CONV)
          + ngx_http_chatdesk_message_take(&message, frame, CD_F_TEXT)
          + ngx_http_chatdesk_message_take(&message, frame, CD_F_CHOICES)
          + ngx_http_chatdesk_message_take(&message, frame, CD_F_PICKS);
    cd_frame_set_str(&message, CD_F_MID, (char *) mid->data, mid->len);
    cd_frame_set_str(&message, CD_F_FROM, (char *) session->who.data,
                     session->who.len);
    cd_frame_set_str(&message, CD_F_ROLE, role, ngx_strlen(role));

    if (session->name.len != 0) {
        cd_frame_set_str(&message, CD_F_NAME, (char *) session->name.data,
                         session->name.len);
    }

    if (cd_frame_uint(frame, CD_F_PRIVATE)) {
        cd_frame_set_uint(&message, CD_F_PRIVATE, 1);
    }

    body.data = ngx_pnalloc(ngx_http_chatdesk_session_pool(), cap);

    if (body.data != NULL) {
        body.len = cd_body_encode(&message, (char *) body.data, cap);
    }

    return body;
}


static ngx_str_t
ngx_http_chatdesk_mid(ngx_http_chatdesk_session_t *session, uint32_t k,
    u_char *buf)
{
    ngx_str_t  mid;

    mid.data = buf;
    mid.len = ngx_sprintf(buf, "%*s.%uD", (size_t) NGX_HTTP_CHATDESK_ID_LEN,
                          session->device, k)
              - buf;

    return mid;
}


/* Calls cd_post; NGX_OK, NGX_ERROR or NGX_BUSY.  When more is said than Redis
   takes, it is the sender who waits, and not everybody in a queue. */

static ngx_int_t
ngx_http_chatdesk_post(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_http_chatdesk_request_t *request)
{
    u_char      digest[8], mid_buf[34], numbers[2][NGX_INT64_LEN];
    ngx_str_t   mid, argv[13];
    ngx_uint_t  private, plain;

    if (ngx_http_chatdesk_desk_late(session->desk)) {
        return NGX_BUSY;
    }

    private = cd_frame_uint(frame, CD_F_PRIVATE) != 0;
    plain = session->plain && !session->agent;
    mid = ngx_http_chatdesk_mid(session, request->k, mid_buf);
    ngx_http_chatdesk_digest(digest, frame);

    argv[0] = ngx_http_chatdesk_field(frame, CD_F_CONV);
    argv[1] = session->who;
    argv[2].data = (u_char *) (session->agent ? "a" : "v");
    argv[2].len = 1;
    argv[3].data = session->device;
    argv[3].len = NGX_HTTP_CHATDESK_ID_LEN;
    argv[4] = ngx_http_chatdesk_number(numbers[0], request->k);
    argv[5].data = digest;
    argv[5].len = sizeof(digest);
    argv[6] = ngx_http_chatdesk_number(numbers[1], ngx_http_chatdesk_now());
    argv[7].data = (u_char *) (private ? "1" : "0");
    argv[7].len = 1;
    argv[8] = ngx_http_chatdesk_message_body(session, frame, &mid);
    argv[9] = ngx_http_chatdesk_field(frame, CD_F_CHOICES);
    argv[10] = ngx_http_chatdesk_field(frame, CD_F_PICKS);
    argv[11] = ngx_http_chatdesk_field(frame, CD_F_TEXT);
    argv[12].data = (u_char *) (plain ? "1" : "0");
    argv[12].len = 1;

    if (argv[8].len == 0) {
        return NGX_ERROR;
    }

    return ngx_http_chatdesk_desk_store(session->desk, "cd_post", "c:",
                                        &argv[0],
                                        ngx_http_chatdesk_frame_sent, request,
                                        plain || argv[9].len
                                        || argv[10].len ? 13 : 9, argv);
}


/* Whether two items of a list are alike. */

static ngx_uint_t
ngx_http_chatdesk_choices_alike(struct cd_str list)
{
    struct cd_str  rest, first, more, other;

    for (rest = list; cd_list_next(&rest, &first); /* void */ ) {
        for (more = rest; cd_list_next(&more, &other); /* void */ ) {

            if (first.len == other.len
                && ngx_memcmp(first.data, other.data, first.len) == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


/* The field at fault in a menu or in a pick, NULL when they may be asked
   for; whether there is such a menu is for Redis to say. */

static ngx_str_t *
ngx_http_chatdesk_choices_fault(const struct cd_frame *frame)
{
    struct cd_str  list = cd_frame_str(frame, CD_F_CHOICES);

    static ngx_str_t  choices = ngx_string("choices");
    static ngx_str_t  picks = ngx_string("picks");

    if (!cd_frame_has(frame, CD_F_CHOICES)) {
        return NULL;
    }

    if (cd_frame_has(frame, CD_F_PICKS)) {
        return &picks;
    }

    if (cd_frame_uint(frame, CD_F_PRIVATE)
        || cd_list_count(list) < CD_LIMIT_CHOICES_MIN
        || ngx_http_chatdesk_choices_alike(list))
    {
        return &choices;
    }

    return NULL;
}


/* Visitors write no notes and offer nothing; agents pick nothing. */

static ngx_uint_t
ngx_http_chatdesk_send_allowed(ngx_http_chatdesk_session_t *session,
    const struct cd_frame *frame)
{
    if (session->agent) {
        return !cd_frame_has(frame, CD_F_PICKS);
    }

    return !cd_frame_uint(frame, CD_F_PRIVATE)
           && !cd_frame_has(frame, CD_F_CHOICES);
}


void
ngx_http_chatdesk_frame_send(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    ngx_str_t                    *fault;
    ngx_http_chatdesk_request_t  *request;

    static ngx_str_t  k = ngx_string("k");

    if (cd_frame_uint(frame, CD_F_K) == 0) {
        ngx_http_chatdesk_session_bad(session, frame, CD_E_BAD_REQUEST, &k);
        return;
    }

    if (ngx_http_chatdesk_empty(cd_frame_str(frame, CD_F_TEXT))) {
        ngx_http_chatdesk_session_error(session, frame, CD_E_EMPTY, 0);
        return;
    }

    if (!ngx_http_chatdesk_send_allowed(session, frame)) {
        ngx_http_chatdesk_session_error(session, frame, CD_E_FORBIDDEN, 0);
        return;
    }

    fault = ngx_http_chatdesk_choices_fault(frame);

    if (fault != NULL) {
        ngx_http_chatdesk_session_bad(session, frame, CD_E_BAD_REQUEST,
                                      fault);
        return;
    }

    request = ngx_http_chatdesk_session_begin(session, frame);

    if (request != NULL
        && ngx_http_chatdesk_post(session, frame, request) != NGX_OK)
    {
        ngx_http_chatdesk_session_fail(session, request, frame);
    }
}


static void
ngx_http_chatdesk_frame_sent(void *data, redisReply *reply)
{
    u_char                        buf[34];
    ngx_str_t                     mid;
    struct cd_frame               ack;
    ngx_http_chatdesk_request_t   request;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_session_end(data, &request);

    if (session == NULL
        || ngx_http_chatdesk_session_replied(session, &request, reply, 4)
           == NGX_ERROR)
    {
        return;
    }

    mid = ngx_http_chatdesk_mid(session, request.k, buf);

    cd_frame_init(&ack, CD_T_ACK);
    ack.n = (uint32_t) ngx_http_chatdesk_reply_uint(reply, 1);
    ack.v = (uint32_t) ngx_http_chatdesk_reply_uint(reply, 2);
    ack.at_ms = ngx_http_chatdesk_reply_uint(reply, 3);

    cd_frame_set_str(&ack, CD_F_CONV, (char *) request.conv,
                     request.conv_len);
    cd_frame_set_uint(&ack, CD_F_K, request.k);
    cd_frame_set_str(&ack, CD_F_MID, (char *) mid.data, mid.len);

    ngx_http_chatdesk_session_answer(session, &ack);
}


/* Tells a conversation of which this session is a member; who has it on
   screen is told on the desk side alone. */

static void
ngx_http_chatdesk_hint_tell(ngx_http_chatdesk_session_t *session,
    unsigned type, ngx_str_t *conv, ngx_uint_t on)
{
    char              buf[NGX_HTTP_CHATDESK_BODY_ROOM];
    ngx_str_t         payload;
    const char       *role;
    struct cd_frame   hint;

    role = ngx_http_chatdesk_session_role(session);

    cd_frame_init(&hint, type);
    hint.at_ms = ngx_http_chatdesk_now();

    cd_frame_set_str(&hint, CD_F_CONV, (char *) conv->data, conv->len);
    cd_frame_set_str(&hint, CD_F_WHO, (char *) session->who.data,
                     session->who.len);
    cd_frame_set_str(&hint, CD_F_ROLE, role, ngx_strlen(role));
    cd_frame_set_uint(&hint, CD_F_ON, on);

    if (session->name.len != 0) {
        cd_frame_set_str(&hint, CD_F_NAME, (char *) session->name.data,
                         session->name.len);
    }

    payload.data = (u_char *) buf;
    payload.len = cd_frame_encode(&hint, buf, sizeof(buf));

    if (payload.len == 0) {
        return;
    }

    /* a hint: when Redis is away there is nobody to see it */

    if (type == CD_T_TYPING) {
        (void) ngx_http_chatdesk_desk_publish(session->desk, "v:", conv,
                                              &payload, NULL, NULL);
    }

    (void) ngx_http_chatdesk_desk_publish(session->desk, "d:", conv,
                                          &payload, NULL, NULL);
}


static void
ngx_http_chatdesk_hint(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, unsigned type,
    ngx_http_chatdesk_reply_pt handler)
{
    u_char                         name[2 + NGX_HTTP_CHATDESK_ID_LEN];
    ngx_str_t                      conv, feed;
    ngx_http_chatdesk_follower_t  *follower;

    conv = ngx_http_chatdesk_field(frame, CD_F_CONV);

    feed.data = name;
    feed.len = ngx_sprintf(name, "%s%V", session->agent ? "d:" : "v:", &conv)
               - name;

    follower = ngx_http_chatdesk_feed_find(session, &feed);

    if (follower != NULL && !ngx_http_chatdesk_feed_observes(follower)) {
        if (ngx_http_chatdesk_feed_allowed(follower)) {
            ngx_http_chatdesk_hint_tell(session, type, &conv,
                                        cd_frame_uint(frame, CD_F_ON) != 0);
        }

        return;                             /* or its right is being checked */
    }

    if (follower == NULL && !session->request) {
        ngx_http_chatdesk_session_error(session, frame, CD_E_NOT_FOUND, 0);
        return;
    }

    /* a request follows nothing, and one who watched may be a member now: a
       mark that raises nothing asks */

    cd_frame_set_uint(frame, CD_F_GOT, 0);
    cd_frame_set_uint(frame, CD_F_READ, 0);

    ngx_http_chatdesk_mark(session, frame, handler);
}


void
ngx_http_chatdesk_frame_typing(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    ngx_http_chatdesk_hint(session, frame, CD_T_TYPING,
                           cd_frame_uint(frame, CD_F_ON)
                           ? ngx_http_chatdesk_frame_typed
                           : ngx_http_chatdesk_frame_untyped);
}


void
ngx_http_chatdesk_frame_view(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    ngx_http_chatdesk_hint(session, frame, CD_T_VIEWING,
                           cd_frame_uint(frame, CD_F_ON)
                           ? ngx_http_chatdesk_frame_viewed
                           : ngx_http_chatdesk_frame_unviewed);
}


/* The answer has a second element for one who only watches: nobody is told
   what that one does. */

static void
ngx_http_chatdesk_hint_checked(void *data, redisReply *reply, unsigned type,
    ngx_uint_t on)
{
    ngx_str_t                     conv;
    ngx_http_chatdesk_request_t   request;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_session_end(data, &request);

    if (session == NULL
        || ngx_http_chatdesk_session_replied(session, &request, reply, 1)
           == NGX_ERROR
        || reply->elements > 1)
    {
        return;
    }

    conv.data = request.conv;
    conv.len = request.conv_len;
    ngx_http_chatdesk_hint_tell(session, type, &conv, on);
}


static void
ngx_http_chatdesk_frame_typed(void *data, redisReply *reply)
{
    ngx_http_chatdesk_hint_checked(data, reply, CD_T_TYPING, 1);
}


static void
ngx_http_chatdesk_frame_untyped(void *data, redisReply *reply)
{
    ngx_http_chatdesk_hint_checked(data, reply, CD_T_TYPING, 0);
}


static void
ngx_http_chatdesk_frame_viewed(void *data, redisReply *reply)
{
    ngx_http_chatdesk_hint_checked(data, reply, CD_T_VIEWING, 1);
}


static void
ngx_http_chatdesk_frame_unviewed(void *data, redisReply *reply)
{
    ngx_http_chatdesk_hint_checked(data, reply, CD_T_VIEWING, 0);
}


void
ngx_http_chatdesk_frame_mark(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    ngx_http_chatdesk_mark(session, frame, ngx_http_chatdesk_frame_marked);
}


static void
ngx_http_chatdesk_mark(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_http_chatdesk_reply_pt handler)
{
    u_char                        numbers[4][NGX_INT64_LEN];
    ngx_str_t                     argv[7];
    ngx_http_chatdesk_request_t  *request;

    request = ngx_http_chatdesk_session_begin(session, frame);
    if (request == NULL) {
        return;
    }

    argv[0] = ngx_http_chatdesk_field(frame, CD_F_CONV);
    argv[1] = session->who;
    argv[2].data = (u_char *) (session->agent ? "a" : "v");
    argv[2].len = 1;
    argv[3] = ngx_http_chatdesk_number(numbers[0],
                                       cd_frame_uint(frame, CD_F_GOT));
    argv[4] = ngx_http_chatdesk_number(numbers[1],
                                       cd_frame_uint(frame, CD_F_READ));
    argv[5] = ngx_http_chatdesk_number(numbers[2],
                                       cd_frame_uint(frame, CD_F_N));
    argv[6] = ngx_http_chatdesk_number(numbers[3], ngx_http_chatdesk_now());

    if (ngx_http_chatdesk_desk_call(session->desk, "cd_mark", "c:", &argv[0],
                                    handler, request, 7, argv)
        != NGX_OK)
    {
        ngx_http_chatdesk_session_fail(session, request, frame);
    }
}


static void
ngx_http_chatdesk_frame_marked(void *data, redisReply *reply)
{
    ngx_http_chatdesk_request_t   request;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_session_end(data, &request);

    if (session != NULL) {
        (void) ngx_http_chatdesk_session_replied(session, &request, reply, 1);
    }
}
