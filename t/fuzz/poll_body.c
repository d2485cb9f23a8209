/*
 * Fuzz target: the body of a long-poll, its places in feeds and its frames.
 *
 * What is accepted has a hello, no list is longer than its bound, and each
 * item says for itself whether it is a frame.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_node.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_text.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_value.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_json_poll.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_utf8.c
 * link: t/unit/support/nginx.c
 * link: -lmsgpackc
 */

#include <stdlib.h>

#include "ngx_http_chatdesk_json.h"
#include "../unit/support/nginx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    unsigned  count;
    unsigned  type;             /* what each is read as; 0: what it says */
};


static void
item(void *data, struct cd_frame *frame, ngx_int_t rc,
    ngx_http_chatdesk_json_fault_t *fault)
{
    struct seen  *seen = data;

    seen->count++;

    if ((rc == NGX_OK) != (fault->error == CD_E_OK)
        || (rc == NGX_OK && seen->type != 0 && frame->type != seen->type)
        || (rc == NGX_OK && frame->type == 0))
    {
        abort();
    }
}


static void
each(const uint8_t *data, size_t size, const char *list, unsigned type,
    unsigned most)
{
    struct seen  seen = { 0, type };

    if (ngx_http_chatdesk_json_each((u_char *) data, size, list, type, NULL,
                                    item, &seen)
            != NGX_OK
        || seen.count > most)
    {
        abort();
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ngx_http_chatdesk_json_poll_t  poll;

    if (ngx_http_chatdesk_json_poll(&poll, (u_char *) data, size, NULL)
        == NGX_OK)
    {
        if (poll.hello.type != CD_T_HELLO
            || !cd_frame_has(&poll.hello, CD_F_DEVICE))
        {
            abort();
        }

        each(data, size, "at", CD_T_FOLLOW, CD_LIMIT_FEEDS_PER_SESSION);
        each(data, size, "frames", 0, CD_LIMIT_POLL_FRAMES);
    }

    test_reset_pool();

    return 0;
}
