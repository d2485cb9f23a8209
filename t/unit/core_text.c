/*
 * Text and ids from outside.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    whatever comes in, what is kept is bounded, valid UTF-8 and on
 *             one line; ids have only the characters that keys may have.
 * Owner:      nothing.
 * Invariants: none of its own.
 */

#include "core_fixture.h"

#include "core/id.h"
#include "core/text.h"


static void
test_line(void **state)
{
    size_t  i, len;
    char    out[64];
    const struct {
        const char *in;
        size_t      max;
        const char *out;
    } rows[] = {
        { "", 5, "" },
        { "plain", 5, "plain" },
        { "plain", 4, "plai" },
        { "a\r\n\tb\x7f", 9, "a   b " },
        { "\xc3\xa9\xc3\xa8", 1, "\xc3\xa9" },
        { "\xe2\x82\xac!", 2, "\xe2\x82\xac!" },
        { "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 1, "\xf0\x9f\x98\x80" },
        { "\xc2\x85\xe2\x80\xa8\xe2\x80\xa9.", 9, "   ." },
        { "\xff\xfe", 9, "??" },
        { "\xc0\xaf", 9, "??" },                    /* overlong */
        { "\xe0\x80\x80", 9, "???" },
        { "\xed\xa0\x80", 9, "???" },               /* a surrogate */
        { "\xf4\x90\x80\x80", 9, "????" },          /* beyond Unicode */
        { "\xf5\x80\x80\x80", 9, "????" },
        { "\xe2\x82", 9, "??" },                    /* cut off */
        { "\xf0\x9f\x98", 9, "???" },
        { "\xc3(", 9, "?(" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        /* exactly as long as it is, so that a read behind it is seen */
        char  *in = malloc(strlen(rows[i].in) + 1);

        memcpy(in, rows[i].in, strlen(rows[i].in));
        len = text_line(out, (struct cd_str) { in, strlen(rows[i].in) },
                        rows[i].max);
        free(in);
        assert_string_equal(out, rows[i].out);
        assert_int_equal(len, strlen(rows[i].out));
    }
}


static void
test_set(void **state)
{
    char  *slot = NULL;

    (void) state;
    assert_int_equal(text_set(&slot, str_of("one"), 10), 0);
    assert_string_equal(slot, "one");
    assert_int_equal(text_set(&slot, str_of("another"), 3), 0);
    assert_string_equal(slot, "ano");
    assert_int_equal(text_set(&slot, str_of(""), 3), 0);
    assert_null(slot);
}


static void
test_ids(void **state)
{
    size_t        i;
    struct id     id;
    struct login  login;
    const struct {
        const char *text;
        int         id;
        int         login;
    } rows[] = {
        { "", -1, -1 },
        { "abcdefghijklmnopqrstuv", 0, 0 },
        { "ABC_-09", 0, -1 },
        { "a.b", -1, 0 },
        { "abcdefghijklmnopqrstuvw", -1, 0 },
        { "a:b", -1, -1 },
        { "a}b", -1, -1 },
        { "a b", -1, -1 },
        { "\xc3\xa9", -1, -1 },
        { "0123456789012345678901234567890123456789012345678901234567890123",
          -1, 0 },
        { "01234567890123456789012345678901234567890123456789012345678901234",
          -1, -1 }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(id_set(&id, str_of(rows[i].text)), rows[i].id);
        assert_string_equal(id.s, rows[i].id == 0 ? rows[i].text : "");
        assert_int_equal(login_set(&login, str_of(rows[i].text)),
                         rows[i].login);
    }

    /* a zero byte is no character of an id either */
    assert_int_equal(id_set(&id, (struct cd_str) { "a\0b", 3 }), -1);
}


/* The form as the card shows it. */

static void
test_form(void **state)
{
    char             page[3000];
    struct cd_frame  entry;
    struct fixture  *fx = *state;
    const struct cd_frame  *card;

    memset(page, 'p', sizeof(page));
    agent_does(fx, CD_T_ONLINE, "ana", NULL);

    entry_make(&entry, CD_T_START, "visitor", "v1", "c1");
    put(&entry, CD_F_NAME, "Zo\xc3\xab\n\xff");
    put(&entry, CD_F_EMAIL, "zoe@example.org");
    put(&entry, CD_F_TITLE, "");
    cd_frame_set_str(&entry, CD_F_PAGE, page, sizeof(page));
    apply(fx, &entry);
    fixture_flush(fx);

    card = assert_card(fx, "i:ana", "c1", "offered");
    assert_text(card, CD_F_NAME, "Zo\xc3\xab ?");
    assert_text(card, CD_F_EMAIL, "zoe@example.org");
    assert_false(cd_frame_has(card, CD_F_TITLE));
    assert_int_equal(cd_frame_str(card, CD_F_PAGE).len, 1024);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_ids),
        FIXTURE_TEST(test_form)
    };

    return cmocka_run_group_tests_name("core_text", tests, NULL, NULL);
}
