/*
 * Unit test of packed frames and messages.
 *
 * Purpose:    a frame is packed once for each window, however many receive
 *             it; what would not get smaller goes as it is; memory that runs
 *             out costs the compression and not the frame.
 * Owner:      each test owns the frame that it makes.
 * Invariants: deflate() is counted by the linker's wrap.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_ws_pack.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_ws_zip.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_buf.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_utf8.c
 * link: t/unit/support/nginx.c
 * link: -lz -Wl,--wrap=deflate
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ngx_http_chatdesk_ws_pack.h"
#include "ngx_http_chatdesk_ws_zip.h"
#include "support/nginx.h"

#define LARGE  NGX_HTTP_CHATDESK_WS_PACK_LARGE
#define SMALL  NGX_HTTP_CHATDESK_WS_PACK_SMALL

static int        deflated;
static ngx_log_t  no_log;

int __real_deflate(z_stream *stream, int flush);
int __wrap_deflate(z_stream *stream, int flush);


int
__wrap_deflate(z_stream *stream, int flush)
{
    deflated++;

    return __real_deflate(stream, flush);
}


/* A text frame of this length: repetitive, or not. */

static ngx_http_chatdesk_buf_t *
frame_of(size_t len, int random)
{
    size_t                    i;
    uint32_t                  seed = 1;
    ngx_http_chatdesk_buf_t  *buf;

    buf = ngx_http_chatdesk_buf_create(len, &no_log);
    assert_non_null(buf);

    for (i = 0; i < len; i++) {
        seed = seed * 1664525 + 1013904223;
        *buf->last++ = random ? (u_char) (seed >> 24) : "abcd"[i & 3];
    }

    ngx_http_chatdesk_buf_seal(buf, 1);
    deflated = 0;

    return buf;
}


static void
test_once_for_all(void **state)
{
    int                       i;
    ngx_http_chatdesk_buf_t  *buf, *large, *small;

    (void) state;

    buf = frame_of(5000, 0);
    large = ngx_http_chatdesk_ws_pack(buf, LARGE, &no_log);
    assert_ptr_not_equal(large, buf);
    assert_int_equal(*large->pos, 0xc1);
    assert_true(large->last - large->pos < 200);

    for (i = 0; i < 1000; i++) {
        assert_ptr_equal(ngx_http_chatdesk_ws_pack(buf, LARGE, &no_log),
                         large);
    }

    assert_int_equal(deflated, 1);

    small = ngx_http_chatdesk_ws_pack(buf, SMALL, &no_log);
    assert_ptr_not_equal(small, large);
    assert_ptr_equal(ngx_http_chatdesk_ws_pack(buf, SMALL, &no_log), small);
    assert_int_equal(deflated, 2);
    assert_ptr_equal(ngx_http_chatdesk_ws_pack(buf,
                         NGX_HTTP_CHATDESK_WS_PACK_NOT, &no_log), buf);

    /* a receiver that is slow keeps what it needs */

    large = ngx_http_chatdesk_buf_share(large);
    ngx_http_chatdesk_buf_release(&buf);
    assert_int_equal(*large->pos, 0xc1);
    ngx_http_chatdesk_buf_release(&large);
}


static void
test_as_it_is(void **state)
{
    ngx_http_chatdesk_buf_t  *buf;

    (void) state;

    buf = frame_of(NGX_HTTP_CHATDESK_WS_ZIP_MIN - 1, 0);
    assert_ptr_equal(ngx_http_chatdesk_ws_pack(buf, LARGE, &no_log), buf);
    assert_int_equal(deflated, 0);
    ngx_http_chatdesk_buf_release(&buf);

    buf = frame_of(5000, 1);
    assert_ptr_equal(ngx_http_chatdesk_ws_pack(buf, LARGE, &no_log), buf);
    assert_ptr_equal(ngx_http_chatdesk_ws_pack(buf, LARGE, &no_log), buf);
    assert_int_equal(deflated, 1);
    ngx_http_chatdesk_buf_release(&buf);

    buf = frame_of(5000, 0);
    test_allow_allocations(0);
    assert_ptr_equal(ngx_http_chatdesk_ws_pack(buf, LARGE, &no_log), buf);
    test_allow_allocations(-1);
    ngx_http_chatdesk_buf_release(&buf);
}


/* There and back, at every length around the steps of the output. */

static void
test_whole_again(void **state)
{
    size_t                    i, len, n;
    u_char                   *data;
    ngx_http_chatdesk_buf_t  *buf, *packed;

    static const size_t  lens[] = {
        64, 100, 4095, 4096, 4097, 8191, 8192, 8193, 16384, 65535, 65536
    };

    (void) state;

    for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        len = lens[i];
        buf = frame_of(len, 0);
        packed = ngx_http_chatdesk_ws_pack(buf, i & 1 ? LARGE : SMALL,
                                           &no_log);
        assert_ptr_not_equal(packed, buf);

        data = packed->payload;
        n = packed->last - packed->payload;
        assert_int_equal(ngx_http_chatdesk_ws_unpack(&data, &n, len, 1), 0);
        assert_int_equal(n, len);
        assert_memory_equal(data, buf->payload, len);

        data = packed->payload;
        n = packed->last - packed->payload;
        assert_int_equal(ngx_http_chatdesk_ws_unpack(&data, &n, len - 1, 1),
                         1009);
        ngx_http_chatdesk_buf_release(&buf);
    }
}


static void
test_not_to_be_read(void **state)
{
    size_t   n;
    u_char  *data;

    (void) state;

    data = (u_char *) "\xff\xff\xff";
    n = 3;
    assert_int_equal(ngx_http_chatdesk_ws_unpack(&data, &n, 1000, 0), 1002);

    /* a stored block that announces more than there is */
    data = (u_char *) "\x00\x10\x00\xef\xff" "Hello";
    n = 10;
    assert_int_equal(ngx_http_chatdesk_ws_unpack(&data, &n, 1000, 0), 1002);

    data = (u_char *) "\x00\x01\x00\xfe\xff\xff\x00";
    n = 7;
    assert_int_equal(ngx_http_chatdesk_ws_unpack(&data, &n, 1000, 1), 1007);

    data = (u_char *) "\x00\x01\x00\xfe\xff\xff\x00";
    n = 7;
    assert_int_equal(ngx_http_chatdesk_ws_unpack(&data, &n, 1000, 0), 0);
    assert_int_equal(n, 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_once_for_all),
        cmocka_unit_test(test_as_it_is),
        cmocka_unit_test(test_whole_again),
        cmocka_unit_test(test_not_to_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
