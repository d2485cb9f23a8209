/*
 * What a client gets: struct cd_frame to JSON text in a shared buffer.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_json.h.
 *
 * Every text is produced twice by the same code: first into nothing, to
 * learn its length, then into a buffer of exactly that length.  Which fields
 * are shown is decided by tbl/frames.h alone, so that what only the bus may
 * know cannot slip out.
 */

#include "ngx_http_chatdesk_json.h"
#include "ngx_http_chatdesk_utf8.h"


#define NGX_HTTP_CHATDESK_TEXT_FRAME  1     /* opcode, RFC 6455, 5.2 */


typedef struct {
    u_char  *p;                 /* NULL while measuring */
    size_t   len;
} ngx_http_chatdesk_json_out_t;

/* what a window is made of; borrows */

typedef struct {
    struct cd_frame   head;
    ngx_str_t        *feed;
    ngx_str_t        *envelopes;
    ngx_uint_t        count;
    ngx_uint_t        skipped;
    ngx_uint_t        memory;       /* ran out: it is not whole */
} ngx_http_chatdesk_json_window_t;


#define ngx_http_chatdesk_json_put(out, text)                                 \
    ngx_http_chatdesk_json_bytes(out, text, sizeof(text) - 1)


static void
ngx_http_chatdesk_json_bytes(ngx_http_chatdesk_json_out_t *out,
    const void *data, size_t len)
{
    if (out->p != NULL) {
        out->p = ngx_cpymem(out->p, data, len);
    }

    out->len += len;
}


static void
ngx_http_chatdesk_json_escaped(ngx_http_chatdesk_json_out_t *out,
    const char *data, size_t len)
{
    out->len += len + ngx_escape_json(NULL, (u_char *) data, len);

    if (out->p != NULL) {
        out->p = (u_char *) ngx_escape_json(out->p, (u_char *) data, len);
    }
}


/*
 * Whether a string goes out as it is: ASCII that JSON does not escape.  Eight
 * bytes at a time: a byte of `bad` has its high bit set when the byte has, is
 * below a space, is a quote or is a backslash; never when none is.
 */

static ngx_uint_t
ngx_http_chatdesk_json_plain(const char *data, size_t len)
{
    size_t    i;
    u_char    c;
    uint64_t  eight, quote, slash, bad;

    static const uint64_t  ones = 0x0101010101010101;

    for (i = 0; len - i >= 8; i += 8) {
        ngx_memcpy(&eight, data + i, 8);

        quote = eight ^ ones * '"';
        slash = eight ^ ones * '\\';
        bad = eight | (eight - ones * 0x20) | ((quote - ones) & ~quote)
              | ((slash - ones) & ~slash);

        if (bad & ones * 0x80) {
            return 0;
        }
    }

    for ( /* void */ ; i < len; i++) {
        c = (u_char) data[i];

        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') {
            return 0;
        }
    }

    return 1;
}


/* A string between quotes.  A browser cuts the connection when a text is not
   UTF-8, so a string from the bus that is none loses its foreign bytes. */

static void
ngx_http_chatdesk_json_quoted(ngx_http_chatdesk_json_out_t *out,
    struct cd_str s)
{
    size_t                    i;
    ngx_http_chatdesk_utf8_t  utf8;

    ngx_http_chatdesk_json_put(out, "\"");

    ngx_http_chatdesk_utf8_init(&utf8);

    if (ngx_http_chatdesk_json_plain(s.data, s.len)) {
        ngx_http_chatdesk_json_bytes(out, s.data, s.len);

    } else if (ngx_http_chatdesk_utf8_feed(&utf8,
                                           (const unsigned char *) s.data,
                                           s.len)
                   == 0
               && ngx_http_chatdesk_utf8_whole(&utf8))
    {
        ngx_http_chatdesk_json_escaped(out, s.data, s.len);

    } else {
        for (i = 0; i < s.len; i++) {
            ngx_http_chatdesk_json_escaped(out,
                     (u_char) s.data[i] < 0x80 ? s.data + i : "?", 1);
        }
    }

    ngx_http_chatdesk_json_put(out, "\"");
}


/* A LIST as an array of strings. */

static void
ngx_http_chatdesk_json_items(ngx_http_chatdesk_json_out_t *out,
    struct cd_str list)
{
    struct cd_str  item;

    ngx_http_chatdesk_json_put(out, "[");

    while (cd_list_next(&list, &item)) {
        ngx_http_chatdesk_json_quoted(out, item);

        if (list.len != 0) {
            ngx_http_chatdesk_json_put(out, ",");
        }
    }

    ngx_http_chatdesk_json_put(out, "]");
}


static void
ngx_http_chatdesk_json_name(ngx_http_chatdesk_json_out_t *out,
    const char *name)
{
    ngx_http_chatdesk_json_put(out, ",\"");
    ngx_http_chatdesk_json_bytes(out, name, ngx_strlen(name));
    ngx_http_chatdesk_json_put(out, "\":");
}


static void
ngx_http_chatdesk_json_uint(ngx_http_chatdesk_json_out_t *out,
    uint64_t number)
{
    u_char  buf[NGX_INT64_LEN], *p;

    p = buf + sizeof(buf);

    do {
        *--p = (u_char) ('0' + number % 10);
        number /= 10;
    } while (number != 0);

    ngx_http_chatdesk_json_bytes(out, p, buf + sizeof(buf) - p);
}


/* Whether a frame shows a field, and its number when it has one.  N, V and
   AT stand in the frame's head; V only means something beside N. */

static ngx_uint_t
ngx_http_chatdesk_json_shown(const struct cd_frame *frame, unsigned field,
    uint64_t *number)
{
    enum cd_need  need = cd_frame_need(frame->type, field);

    if (cd_frame_row(frame->type)->dir != CD_DIR_S2C) {
        need = CD_ABSENT;                   /* strayed here from the bus */
    }

    switch (field) {

    case CD_F_N:
        *number = frame->n;
        return need == CD_REQUIRED || (need == CD_OPTIONAL && frame->n != 0);

    case CD_F_V:
        *number = frame->v;
        return need == CD_REQUIRED || (need == CD_OPTIONAL && frame->n != 0);

    case CD_F_AT:
        *number = frame->at_ms;
        return need == CD_REQUIRED
               || (need == CD_OPTIONAL && frame->at_ms != 0);

    default:
        *number = cd_frame_uint(frame, field);
        return need != CD_ABSENT && cd_frame_has(frame, field);
    }
}


/* A frame without its closing brace. */

static void
ngx_http_chatdesk_json_open(ngx_http_chatdesk_json_out_t *out,
    const struct cd_frame *frame, ngx_str_t *feed)
{
    unsigned                    field;
    uint64_t                    number;
    const char                 *name;
    struct cd_str               s;
    const struct cd_field_row  *row;

    name = cd_frame_row(frame->type)->name;

    ngx_http_chatdesk_json_put(out, "{\"t\":\"");
    ngx_http_chatdesk_json_bytes(out, name, ngx_strlen(name));
    ngx_http_chatdesk_json_put(out, "\"");

    if (feed != NULL) {
        s.data = (char *) feed->data;
        s.len = feed->len;

        ngx_http_chatdesk_json_name(out, "feed");
        ngx_http_chatdesk_json_quoted(out, s);
    }

    for (field = 1; field < CD_FIELDS_MAX; field++) {

        if ((feed != NULL && field == CD_F_FEED)
            || !ngx_http_chatdesk_json_shown(frame, field, &number))
        {
            continue;
        }

        row = cd_field_row(field);
        ngx_http_chatdesk_json_name(out, row->name);

        if (row->type == CD_TYPE_UINT) {
            ngx_http_chatdesk_json_uint(out, number);

        } else if (row->type == CD_TYPE_LIST) {
            ngx_http_chatdesk_json_items(out, frame->f[field].s);

        } else if (row->type != CD_TYPE_BOOL) {
            ngx_http_chatdesk_json_quoted(out, frame->f[field].s);

        } else if (number) {
            ngx_http_chatdesk_json_put(out, "true");

        } else {
            ngx_http_chatdesk_json_put(out, "false");
        }
    }
}


static void
ngx_http_chatdesk_json_frames(ngx_http_chatdesk_json_out_t *out,
    ngx_http_chatdesk_json_window_t *window)
{
    int               rc;
    ngx_str_t        *feed;
    ngx_uint_t        i, first;
    struct cd_frame   frame;

    first = 1;
    window->skipped = 0;

    for (i = 0; i < window->count; i++) {
        rc = cd_frame_decode(&frame, (char *) window->envelopes[i].data,
                             window->envelopes[i].len);

        /* what was measured without it must not be written with it */

        if (rc == CD_WIRE_MEMORY) {
            window->memory = 1;
            return;
        }

        if (rc != 0 || cd_frame_row(frame.type)->dir != CD_DIR_S2C) {
            window->skipped++;
            continue;
        }

        if (!first) {
            ngx_http_chatdesk_json_put(out, ",");
        }

        first = 0;

        /* live frames of an inbox carry its name, those of a conversation
           are known by their conv */
        feed = (cd_frame_need(frame.type, CD_F_FEED) != CD_ABSENT)
               ? window->feed : NULL;

        ngx_http_chatdesk_json_open(out, &frame, feed);
        ngx_http_chatdesk_json_put(out, "}");
    }
}


static void
ngx_http_chatdesk_json_write_window(ngx_http_chatdesk_json_out_t *out,
    ngx_http_chatdesk_json_window_t *window)
{
    ngx_http_chatdesk_json_open(out, &window->head, window->feed);
    ngx_http_chatdesk_json_put(out, ",\"frames\":[");
    ngx_http_chatdesk_json_frames(out, window);
    ngx_http_chatdesk_json_put(out, "]}");
}


static ngx_http_chatdesk_buf_t *
ngx_http_chatdesk_json_sealed(ngx_http_chatdesk_buf_t *buf, size_t len)
{
    buf->last = buf->payload + len;
    ngx_http_chatdesk_buf_seal(buf, NGX_HTTP_CHATDESK_TEXT_FRAME);

    return buf;
}


ngx_http_chatdesk_buf_t *
ngx_http_chatdesk_json_encode(const struct cd_frame *frame, ngx_str_t *feed,
    ngx_log_t *log)
{
    ngx_http_chatdesk_buf_t       *buf;
    ngx_http_chatdesk_json_out_t   out = { NULL, 0 };

    ngx_http_chatdesk_json_open(&out, frame, feed);
    ngx_http_chatdesk_json_put(&out, "}");

    buf = ngx_http_chatdesk_buf_create(out.len, log);
    if (buf == NULL) {
        return NULL;
    }

    out.p = buf->payload;
    out.len = 0;

    ngx_http_chatdesk_json_open(&out, frame, feed);
    ngx_http_chatdesk_json_put(&out, "}");

    return ngx_http_chatdesk_json_sealed(buf, out.len);
}


ngx_http_chatdesk_buf_t *
ngx_http_chatdesk_json_window(ngx_str_t *feed, uint64_t era, uint32_t head,
    ngx_uint_t reset, ngx_str_t *envelopes, ngx_uint_t count, ngx_log_t *log)
{
    ngx_http_chatdesk_buf_t          *buf;
    ngx_http_chatdesk_json_out_t      out = { NULL, 0 };
    ngx_http_chatdesk_json_window_t   window;

    cd_frame_init(&window.head, CD_T_WINDOW);
    cd_frame_set_uint(&window.head, CD_F_ERA, era);
    cd_frame_set_uint(&window.head, CD_F_HEAD, head);
    cd_frame_set_uint(&window.head, CD_F_RESET, reset ? 1 : 0);

    window.feed = feed;
    window.envelopes = envelopes;
    window.count = count;
    window.memory = 0;

    ngx_http_chatdesk_json_write_window(&out, &window);

    buf = window.memory ? NULL : ngx_http_chatdesk_buf_create(out.len, log);
    if (buf == NULL) {
        return NULL;
    }

    out.p = buf->payload;
    out.len = 0;

    ngx_http_chatdesk_json_write_window(&out, &window);

    if (window.memory) {
        ngx_http_chatdesk_buf_release(&buf);
        return NULL;
    }

    if (window.skipped != 0) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "chatdesk: %ui of %ui envelopes of feed \"%V\" are not "
                      "frames for a client and were left out",
                      window.skipped, count, feed);
    }

    return ngx_http_chatdesk_json_sealed(buf, out.len);
}
