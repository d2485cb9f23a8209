/*
 * Fuzz target: where a client says that it stands.
 *
 * The input is what stands between the braces of a hello and of a follow
 * behind their other members; numbers that are accepted are within their
 * bounds and a message id is one.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_node.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_text.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_value.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_utf8.c
 * link: t/unit/support/nginx.c
 * link: -lmsgpackc
 */

#include <stdlib.h>
#include <string.h>

#include "ngx_http_chatdesk_json.h"
#include "../unit/support/nginx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
check_cursor(const struct cd_frame *frame)
{
    size_t         i;
    struct cd_str  mid;

    if (cd_frame_uint(frame, CD_F_ERA) > cd_field_row(CD_F_ERA)->max
        || cd_frame_uint(frame, CD_F_N) > cd_field_row(CD_F_N)->max)
    {
        abort();
    }

    mid = cd_frame_str(frame, CD_F_MID);

    if (mid.len > cd_field_row(CD_F_MID)->max) {
        abort();
    }

    for (i = 0; i < mid.len; i++) {
        if (mid.data[i] <= ' ' || mid.data[i] >= 0x7f) {
            abort();
        }
    }
}


static void
decode(const char *head, const uint8_t *data, size_t size)
{
    size_t                           len;
    u_char                          *text;
    struct cd_frame                  frame;
    ngx_http_chatdesk_json_fault_t   fault;

    len = strlen(head);
    text = malloc(len + size + 1);

    if (text == NULL) {
        abort();
    }

    memcpy(text, head, len);
    memcpy(text + len, data, size);
    text[len + size] = '}';

    if (ngx_http_chatdesk_json_decode(&frame, text, len + size + 1, NULL,
                                      &fault)
        == NGX_OK)
    {
        check_cursor(&frame);
    }

    free(text);
    test_reset_pool();
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decode("{\"t\":\"hello\",\"device\":\"q3J8n2Vb0sKxYfLw7mTzAe\",", data,
           size);
    decode("{\"t\":\"follow\",\"feed\":\"inbox\",", data, size);

    return 0;
}
