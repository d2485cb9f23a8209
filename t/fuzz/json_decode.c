/*
 * Fuzz target: what a client sends, and its way back.
 *
 * Whatever the bytes, the decoder neither overruns nor leaks; what it
 * accepts is within the bounds of the tables and encodes for the bus.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_node.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_text.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_value.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_encode.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_buf.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_utf8.c
 * link: t/unit/support/nginx.c
 * link: -lmsgpackc
 */

#include <stdlib.h>

#include "ngx_http_chatdesk_json.h"
#include "../unit/support/nginx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* Every field that is set is within its row. */

static void
check_bounds(const struct cd_frame *frame)
{
    unsigned                    field;
    const struct cd_field_row  *row;

    for (field = 1; field < CD_FIELDS_MAX; field++) {
        if (!cd_frame_has(frame, field)) {
            continue;
        }

        row = cd_field_row(field);

        if (row == NULL || cd_frame_need(frame->type, field) == CD_ABSENT) {
            abort();
        }

        if (row->type == CD_TYPE_UINT
            ? frame->f[field].u > row->max
            : row->type == CD_TYPE_LIST
            ? !cd_list_holds(frame->f[field].s, row->max)
            : row->type != CD_TYPE_BOOL
              && frame->f[field].s.len > 4 * row->max)
        {
            abort();
        }
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char                      buf[65536 + CD_WIRE_HEAD];
    static ngx_log_t                 no_log;
    size_t                           len;
    struct cd_frame                  frame, again;
    ngx_http_chatdesk_buf_t         *shown;
    ngx_http_chatdesk_json_fault_t   fault;

    if (ngx_http_chatdesk_json_decode(&frame, (u_char *) data, size, NULL,
                                      &fault)
        != NGX_OK)
    {
        if (fault.error == CD_E_OK) {
            abort();
        }

        test_reset_pool();
        return 0;
    }

    check_bounds(&frame);
    len = cd_frame_encode(&frame, buf, sizeof(buf));

    if (len != 0 && cd_frame_decode(&again, buf, len) != 0) {
        abort();
    }

    shown = ngx_http_chatdesk_json_encode(&frame, NULL, &no_log);

    if (shown == NULL || (size_t) (shown->last - shown->payload) > shown->cap)
    {
        abort();
    }

    ngx_http_chatdesk_buf_release(&shown);
    test_reset_pool();

    return 0;
}
