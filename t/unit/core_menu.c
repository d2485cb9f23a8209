/*
 * Menus as text: how they read, and that no text does harm.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    the text itself; previews, records and flows that use it.
 * Owner:      the fixture.
 * Invariants: none of its own.
 *
 * proves: V7 P13 R2
 */

#include "core_fixture.h"

#include "core/menu.h"
#include "core/text.h"

#define ROUNDS  3000


static struct cd_str
str(const char *text)
{
    return (struct cd_str) { text, strlen(text) };
}


static void
test_text(void **state)
{
    size_t  i, len;
    char    out[MENU_TEXT_MAX];
    const struct {
        const char *question;
        const char *choices;
        const char *text;
    } rows[] = {
        { "Which?", "A\nB", "Which?\n1. A\n2. B" },
        { "Two\nlines\t?", "A\nB", "Two lines ?\n1. A\n2. B" },
        { "", "A", "\n1. A" },
        { "Which?", "", "Which?" },
        { "a\xe2\x80\xae" "b\xe2\x81\xa6", "\xe2\x80\xae" "A\nB\x1b[0m",
          "ab\n1. A\n2. B [0m" },
        { "\xff", "\xc3\n<b>&", "?\n1. ?\n2. <b>&" },
        { "?", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk",
          "?\n1. a\n2. b\n3. c\n4. d\n5. e\n6. f\n7. g\n8. h\n9. i\n10. j" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        len = menu_text(out, str(rows[i].question), str(rows[i].choices));
        assert_string_equal(out, rows[i].text);
        assert_int_equal(len, strlen(out));
    }
}


/* A question of 8,000 of the longest code points, options likewise. */

static void
test_longest(void **state)
{
    size_t         i, len = 0;
    char          *question = malloc(4 * 8000), *choices = malloc(8192);
    char           out[MENU_TEXT_MAX];
    struct cd_str  list = { choices, 0 }, text = { question, 4 * 8000 };

    (void) state;

    for (i = 0; i < 8000; i++) {
        memcpy(question + 4 * i, "\xf0\x9f\x98\x80", 4);
    }

    for (i = 0; i < MENU_OPTIONS * CD_LIMIT_LIST_ITEM; i++) {
        memcpy(choices + len, "\xf0\x9f\x98\x81", 4);
        len += 4;

        if ((i + 1) % CD_LIMIT_LIST_ITEM == 0) {
            choices[len++] = '\n';
        }
    }

    list.len = len - 1;
    len = menu_text(out, text, list);
    assert_true(len < MENU_TEXT_MAX);
    assert_memory_equal(out + 4 * MENU_QUESTION, " ...\n1. ", 8);
    assert_memory_equal(out + len - 4, "\xf0\x9f\x98\x81", 4);

    text.len = 4 * MENU_QUESTION;
    menu_text(out, text, list);
    assert_memory_equal(out + 4 * MENU_QUESTION, "\n1. ", 4);
    free(question);
    free(choices);
}


/* Any bytes: the result is UTF-8, on as many lines as there are options. */

static void
test_any_bytes(void **state)
{
    char            out[MENU_TEXT_MAX];
    size_t          at, len, round, size;
    unsigned        lines;
    uint32_t        point, x = 20261126;
    unsigned char   bytes[400];
    struct cd_str   text, list;

    (void) state;

    for (round = 0; round < ROUNDS; round++) {
        for (at = 0; at < sizeof(bytes); at++) {
            x = x * 1664525 + 1013904223;
            bytes[at] = (x >> 8 & 7) == 0 ? '\n' : (unsigned char) (x >> 24);
        }

        size = x % sizeof(bytes);
        text = (struct cd_str) { (char *) bytes, size / 2 };
        list = (struct cd_str) { (char *) bytes + size / 2, size - size / 2 };
        menu_text(out, text, list);
        lines = 0;

        for (at = 0; out[at] != '\0'; at += len) {
            point = text_point((unsigned char *) out + at,
                               strlen(out + at), &len);
            assert_true(point != TEXT_NO_POINT);
            assert_true(point >= ' ' || point == '\n');
            lines += point == '\n';
        }

        assert_true(lines <= MENU_OPTIONS);
    }
}


static void
offers(struct fixture *fx, uint32_t n, const char *mid, const char *choices)
{
    struct cd_frame  frame;

    message_make(&frame, "agent", "ana", "c1", n, "Which?");
    put(&frame, CD_F_MID, mid);
    put(&frame, CD_F_CHOICES, choices);
    apply(fx, &frame);
    fixture_flush(fx);
}


static size_t
records(const struct fixture *fx)
{
    size_t  i, count = 0;

    for (i = 0; i < fx->ops.count; i++) {
        count += fx->ops.list[i].code == CHANGE_RECORD;
    }

    return count;
}


/* Who looks at a card sees what was offered, then what was picked; of an
   interaction's menus the first are on record. */

static void
test_seen(void **state)
{
    uint32_t              n;
    struct fixture       *fx = *state;
    struct cd_frame       pick;
    struct conversation  *conversation;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_starts(fx, "v1", "c1", NULL);
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    conversation = conversation_find(&fx->desk->conversations, str("c1"));

    offers(fx, 7, "a.1", "Red\nBlue");
    assert_string_equal(conversation->preview, "Which? 1. Red 2. Blue");
    assert_int_equal(records(fx), 1);

    message_make(&pick, "visitor", "v1", "c1", 8, "Blue");
    put(&pick, CD_F_PICKS, "a.1");
    apply(fx, &pick);
    fixture_flush(fx);
    assert_string_equal(conversation->preview, "Blue");
    assert_int_equal(records(fx), 1);

    for (n = 9; n < 9 + CD_LIMIT_MENUS; n++) {
        offers(fx, n, "a.2", "Red\nBlue");
        assert_int_equal(records(fx), n < 8 + CD_LIMIT_MENUS);
    }
}


/* Whether Redis is told that answers in words pick. */

static int
is_plain(const struct fixture *fx)
{
    size_t  i;

    for (i = 0; i < fx->ops.count; i++) {
        if (fx->ops.list[i].code == CHANGE_CONV_SET
            && cd_str_is(fx->ops.list[i].text[1], "p"))
        {
            return 1;
        }
    }

    return 0;
}


static void
test_channels(void **state)
{
    struct fixture  *fx = *state;
    struct cd_frame  frame;

    visitor_starts(fx, "v1", "c1", NULL);
    assert_false(is_plain(fx));

    entry_make(&frame, CD_T_START, "visitor", "v2", "c2");
    put(&frame, CD_F_FLOW, "sms");
    apply(fx, &frame);
    fixture_flush(fx);
    assert_true(is_plain(fx));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_any_bytes),
        FIXTURE_TEST(test_seen),
        FIXTURE_TEST(test_channels)
    };

    return cmocka_run_group_tests_name("core_menu", tests, NULL, NULL);
}
