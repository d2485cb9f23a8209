/*
 * Unit tests of include/chatdesk_wire.h: the codec of frames on the bus.
 *
 * Invariants tested: what is encoded decodes to the same; no prefix and no
 * hostile length passes the scan; unknown fields are passed over.
 *
 * link: -lmsgpackc
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chatdesk_wire.h"

#define SCAN(bytes)  cd_wire_scan(bytes, sizeof(bytes) - 1)


static size_t
encode_message(char *buf, size_t cap)
{
    struct cd_frame  frame;

    cd_frame_init(&frame, CD_T_MESSAGE);
    frame.n = 0xfedcba98;
    frame.v = 7;
    frame.at_ms = 1732216000123ULL;
    cd_frame_set_str(&frame, CD_F_TEXT, "gr\xc3\xbc\xc3\x9f dich", 11);
    cd_frame_set_str(&frame, CD_F_FROM, "ana", 3);
    cd_frame_set_uint(&frame, CD_F_PRIVATE, 1);
    cd_frame_set_uint(&frame, CD_F_UNREAD, 4294967295ULL);

    return cd_frame_encode(&frame, buf, cap);
}


static void
test_round_trip(void **state)
{
    char             buf[256];
    size_t           len;
    struct cd_frame  frame;

    (void) state;

    len = encode_message(buf, sizeof(buf));
    assert_true(len > CD_WIRE_HEAD);
    assert_int_equal(cd_frame_decode(&frame, buf, len), 0);

    assert_int_equal(frame.type, CD_T_MESSAGE);
    assert_int_equal(frame.n, 0xfedcba98);
    assert_int_equal(frame.v, 7);
    assert_int_equal(frame.at_ms, 1732216000123ULL);
    assert_true(cd_str_is(cd_frame_str(&frame, CD_F_FROM), "ana"));
    assert_int_equal(cd_frame_str(&frame, CD_F_TEXT).len, 11);
    assert_int_equal(cd_frame_uint(&frame, CD_F_PRIVATE), 1);
    assert_int_equal(cd_frame_uint(&frame, CD_F_UNREAD), 4294967295ULL);
    assert_false(cd_frame_has(&frame, CD_F_NAME));
    assert_int_equal(cd_frame_str(&frame, CD_F_NAME).len, 0);
}


static void
test_every_prefix_is_refused(void **state)
{
    char             buf[256];
    size_t           i, len;
    struct cd_frame  frame;

    (void) state;

    len = encode_message(buf, sizeof(buf));

    for (i = 0; i < len; i++) {
        assert_int_equal(cd_frame_decode(&frame, buf, i), -1);
    }

    buf[len] = 0;
    assert_int_equal(cd_frame_decode(&frame, buf, len + 1), -1);
}


static void
test_encode_needs_room(void **state)
{
    char    buf[256];
    size_t  i, len;

    (void) state;

    len = encode_message(buf, sizeof(buf));

    for (i = 0; i < len; i++) {
        assert_int_equal(encode_message(buf, i), 0);
    }

    assert_int_equal(encode_message(buf, len), len);
}


/* A list has one to as many items as its row says, none of them empty. */

static void
test_lists(void **state)
{
    size_t           i, len;
    char             buf[512], long_item[4 * 80 + 2] = "";
    struct cd_frame  frame;
    const struct {
        const char *list;
        int         rc;
    } rows[] = {
        { "a", 0 }, { "a\nb", 0 }, { "1\n2\n3\n4\n5\n6\n7\n8\n9\n10", 0 },
        { "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11", -1 },
        { "", -1 }, { "\n", -1 }, { "a\n", -1 }, { "\na", -1 },
        { "a\n\nb", -1 }, { long_item, -1 }, { long_item + 1, 0 }
    };

    (void) state;
    memset(long_item, 'x', sizeof(long_item) - 1);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cd_frame_init(&frame, CD_T_MESSAGE);
        cd_frame_set_str(&frame, CD_F_CHOICES, rows[i].list,
                         strlen(rows[i].list));
        len = cd_frame_encode(&frame, buf, sizeof(buf));
        assert_true(len > 0);

        if (cd_frame_decode(&frame, buf, len) != rows[i].rc) {
            fail_msg("row %zu", i);
        }
    }
}


static void
test_scan_bounds_counts_and_lengths(void **state)
{
    (void) state;

    assert_int_equal(SCAN("\xc0"), 0);
    assert_int_equal(SCAN("\x81\x01\xa1z"), 0);
    assert_int_equal(SCAN("\xd9\x01z"), 0);
    assert_int_equal(SCAN("\xc7\x02\x05zz"), 0);
    assert_int_equal(SCAN("\xd8" "0123456789abcdefg"), 0);

    assert_int_equal(SCAN("\xc1"), -1);                     /* never used */
    assert_int_equal(SCAN("\xdd\xff\xff\xff\xff"), -1);     /* array bomb */
    assert_int_equal(SCAN("\xdf\xff\xff\xff\xff"), -1);     /* map bomb */
    assert_int_equal(SCAN("\xdb\xff\xff\xff\xff"), -1);     /* string */
    assert_int_equal(SCAN("\xc9\xff\xff\xff\xff\x01"), -1); /* extension */
    assert_int_equal(SCAN("\x81\x01"), -1);                 /* value missing */
    assert_int_equal(SCAN("\xc0\xc0"), -1);                 /* two values */
}


static void
test_scan_bounds_depth(void **state)
{
    char    buf[64];
    size_t  depth;

    (void) state;

    for (depth = 1; depth < sizeof(buf); depth++) {
        memset(buf, '\x91', depth);
        buf[depth] = '\xc0';
        assert_int_equal(cd_wire_scan(buf, depth + 1),
                         depth <= CD_LIMIT_BUS_DEPTH ? 0 : -1);
    }
}


static void
test_body_is_checked(void **state)
{
    static const struct {
        const char  *body;
        size_t       len;
        int          rc;
    } rows[] = {
        { "\x80", 1, 0 },                       /* no fields */
        { "\x81\x7f\x01", 3, 0 },               /* a field of a newer one */
        { "\x81\xcd\x10\x00\x01", 5, 0 },       /* the same, larger */
        { "\x81\x0b\x01", 3, -1 },              /* text is not a number */
        { "\x81\x0c\x01", 3, -1 },              /* private is not a number */
        { "\x81\x1d\xff", 3, -1 },              /* unread below zero */
        { "\x81\xa1x\x01", 4, -1 },             /* a name for a key */
        { "\x91\x01", 2, -1 },                  /* no map */
        { "\x81\x06\x01", 3, 0 },               /* n only counts in the head */
    };

    char             buf[64];
    size_t           i;
    struct cd_frame  frame;

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cd_frame_init(&frame, CD_T_MESSAGE);
        cd_head_encode(&frame, buf);
        memcpy(buf + CD_WIRE_HEAD, rows[i].body, rows[i].len);

        assert_int_equal(
            cd_frame_decode(&frame, buf, CD_WIRE_HEAD + rows[i].len),
            rows[i].rc);

        if (rows[i].rc == 0) {
            assert_int_equal(frame.set[0], 0);
        }
    }
}


static void
test_tables_agree(void **state)
{
    unsigned  i;

    (void) state;

    assert_int_equal(cd_frame_find(CD_DIR_C2S, "mark", 4), CD_T_MARK_SET);
    assert_int_equal(cd_frame_find(CD_DIR_S2C, "mark", 4), CD_T_MARK);
    assert_int_equal(cd_frame_find(CD_DIR_C2S, "reply", 5), 0);
    assert_int_equal(cd_error_find("gap", 3), CD_E_GAP);
    assert_int_equal(cd_error_find("gapp", 4), CD_E_INTERNAL);
    assert_true(cd_phase_edge(CD_PHASE_OFFERED, CD_PHASE_WAITING));
    assert_false(cd_phase_edge(CD_PHASE_CLOSED, CD_PHASE_ACTIVE));

    for (i = 0; i < CD_FRAMES_MAX; i++) {
        assert_int_equal(cd_frame_need(i, CD_F_PASSWORD) != CD_ABSENT,
                         i == CD_T_LOGON);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_prefix_is_refused),
        cmocka_unit_test(test_encode_needs_room),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_scan_bounds_counts_and_lengths),
        cmocka_unit_test(test_scan_bounds_depth),
        cmocka_unit_test(test_body_is_checked),
        cmocka_unit_test(test_tables_agree),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
