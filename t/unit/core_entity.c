/*
 * Entities: what is written is read; what does not hold is refused.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    the desk survives its process, and any bytes in Redis.
 * Owner:      each test.
 * Invariants: a load never crashes; it is refused with a reason or the desk
 *             works.
 */

#include "core_fixture.h"

#define KEPT  16

struct kept {
    char    kind[8];
    char    key[24];
    char   *blob;
    size_t  len;
};

struct store {
    struct kept  list[KEPT];
    size_t       count;
};


/* The newest blob of each entity, out of the operations of a batch. */

static void
keep(struct store *store, const struct fixture *fx)
{
    size_t        i, at;
    char          key[24], kind[8];
    struct kept  *kept;

    for (i = 0; i < fx->ops.count; i++) {
        const struct op  *op = &fx->ops.list[i];

        if (op->code != CHANGE_PUT && op->code != CHANGE_DROP) {
            continue;
        }

        snprintf(kind, sizeof(kind), "%.*s", (int) op->text[0].len,
                 op->text[0].data);
        snprintf(key, sizeof(key), "%.*s", (int) op->text[1].len,
                 op->text[1].data);

        for (at = 0; at < store->count; at++) {
            if (strcmp(store->list[at].key, key) == 0
                && strcmp(store->list[at].kind, kind) == 0)
            {
                break;
            }
        }

        if (op->code == CHANGE_DROP) {
            if (at < store->count) {
                free(store->list[at].blob);
                store->list[at] = store->list[--store->count];
                memset(&store->list[store->count], 0, sizeof(struct kept));
            }
            continue;
        }

        assert_true(at < KEPT);
        kept = &store->list[at];
        store->count += at == store->count;
        free(kept->blob);
        memcpy(kept->kind, kind, sizeof(kind));
        memcpy(kept->key, key, sizeof(key));
        kept->len = op->text[2].len;
        kept->blob = malloc(kept->len);
        memcpy(kept->blob, op->text[2].data, kept->len);
    }
}


static void
store_free(struct store *store)
{
    while (store->count > 0) {
        free(store->list[--store->count].blob);
    }
}


/* An active chat, an offer, one that waits after a refusal, a closed one. */

static void
fill(struct fixture *fx, struct store *store)
{
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    keep(store, fx);
    visitor_starts(fx, "v1", "c1", "sales");
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    says(fx, "visitor", "v1", "c1", 4, "hello");
    says(fx, "agent", "ana", "c1", 5, "hello");
    keep(store, fx);
    visitor_starts(fx, "v2", "c2", "sales");
    agent_does(fx, CD_T_REJECT, "ana", "c2");
    keep(store, fx);
    visitor_starts(fx, "v3", "c3", "sales");
    keep(store, fx);
    agent_does(fx, CD_T_ACCEPT, "ana", "c3");
    agent_does(fx, CD_T_END, "ana", "c3");
    keep(store, fx);
    visitor_starts(fx, "v4", "c4", "sales");
    keep(store, fx);
}


static struct desk *
load(const struct store *store, const struct desk_settings *settings)
{
    size_t        i;
    const char   *why = "";
    struct desk  *desk = desk_new();

    assert_int_equal(desk_configure(desk, settings, &why), 0);

    for (i = 0; i < store->count; i++) {
        if (desk_load(desk, store->list[i].kind, store->list[i].key,
                      store->list[i].blob, store->list[i].len, &why)
            != 0)
        {
            fail_msg("%s: %s", store->list[i].key, why);
        }
    }

    return desk;
}


static void
load_sessions(struct desk *desk)
{
    size_t             i;
    static const char *const  visitors[] = { "v1", "v2", "v3", "v4" };

    assert_int_equal(desk_load_session(desk, "s-ana", "n1", 1, "ana"), 0);

    for (i = 0; i < 4; i++) {
        char  session[16];

        snprintf(session, sizeof(session), "s-%s", visitors[i]);
        assert_int_equal(desk_load_session(desk, session, "n1", 0,
                                           visitors[i]), 0);
    }
}


static void
test_round_trip(void **state)
{
    struct store     store = { 0 };
    struct fixture  *fx = *state;

    fill(fx, &store);
    desk_free(&fx->desk);
    fx->desk = load(&store, &fixture_settings);
    load_sessions(fx->desk);

    /* nothing has changed, so nothing is published */
    desk_loaded(fx->desk, fx->now, fx->changes);
    fixture_flush(fx);
    assert_nothing(fx);

    /* the offer still runs out at its time, the refusal still counts; ana's
       last notice is remembered as long as it matters */
    assert_int_equal(rules_deadline(fx), fx->now + CD_LIMIT_NOTICE_MS);
    ticks(fx, CD_LIMIT_NOTICE_MS);
    assert_int_equal(rules_deadline(fx),
                     fx->now + ACCEPT_MS - CD_LIMIT_NOTICE_MS);
    agent_does(fx, CD_T_REJECT, "ana", "c4");
    assert_gone(fx, "i:ana", "c4", WHY_REJECTED);
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ana", CD_T_CARD));
    ticks(fx, CD_LIMIT_REOFFER_MS);
    assert_card(fx, "i:ana", "c2", "offered");

    /* numbers go on where they were */
    marks(fx, "ana", "c1", 5);
    visitor_starts(fx, "v5", "c5", "sales");
    agent_does(fx, CD_T_ACCEPT, "ana", "c2");
    agent_does(fx, CD_T_END, "ana", "c2");
    agent_does(fx, CD_T_ACCEPT, "ana", "c4");
    store_free(&store);
}


/* Sessions that are gone start the grace. */

static void
test_sessions_gone(void **state)
{
    struct store     store = { 0 };
    struct fixture  *fx = *state;

    fill(fx, &store);
    desk_free(&fx->desk);
    fx->desk = load(&store, &fixture_settings);
    desk_loaded(fx->desk, fx->now, fx->changes);
    fixture_flush(fx);
    assert_int_equal(rules_deadline(fx),
                     fx->now + CD_LIMIT_PRESENCE_GRACE_MS);
    ticks(fx, CD_LIMIT_PRESENCE_GRACE_MS);
    assert_non_null(op_find(fx, CHANGE_REGISTER, "d:c1", CD_T_MEMBER));
    assert_gone(fx, "i:ana", "c4", WHY_WITHDRAWN);
    store_free(&store);
}


/* Settings that have changed show at once; who is in none keeps the chats. */

static void
test_settings_changed(void **state)
{
    size_t                         i;
    struct store                   store = { 0 };
    struct fixture                *fx = *state;
    const struct cd_frame         *me;
    static const char             *only[] = { "support" };
    const struct queue_settings    queues[] = {
        { .id = "support", .name = "Support", .priority = 5,
          .accept_ms = ACCEPT_MS }
    };
    const struct profile_settings  profiles[] = {
        { .id = "all", .name = "Less", .capacity = 1, .queues = only,
          .queue_count = 1 }
    };
    const struct agent_settings    agents[] = {
        { "ana", "Ana", "agent", "all" }
    };
    struct desk_settings           settings = {
        .name = "Shop", .default_queue = "support", .queues = queues,
        .queue_count = 1, .profiles = profiles, .profile_count = 1,
        .agents = agents, .agent_count = 1
    };

    fill(fx, &store);

    for (i = 1; i <= 2; i++) {
        desk_free(&fx->desk);
        settings.agent_count = 2 - i;       /* then without ana */
        fx->desk = load(&store, &settings);
        load_sessions(fx->desk);
        desk_loaded(fx->desk, fx->now, fx->changes);
        fixture_flush(fx);

        me = frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_ME);
        assert_non_null(me);
        assert_int_equal(cd_frame_uint(me, CD_F_CAPACITY), 2 - i);

        /* the queue is gone: its conversations are in the default one */
        assert_text(frame_find(fx, CHANGE_REGISTER, "b:c2", CD_T_PHASE),
                    CD_F_QUEUE, "Support");
    }

    agent_does(fx, CD_T_END, "ana", "c1");
    assert_non_null(op_find(fx, CHANGE_CLOSE, "c1", 0));
    store_free(&store);
}


/* Every blob cut short at every length, and with every byte changed. */

static void
test_damaged(void **state)
{
    size_t           i, at;
    unsigned         flip;
    const char      *why;
    struct store     store = { 0 };
    struct desk     *desk;
    struct fixture  *fx = *state;
    static const unsigned char  flips[] = { 0x01, 0x80, 0xff };

    fill(fx, &store);

    for (i = 0; i < store.count; i++) {
        struct kept  *kept = &store.list[i];

        for (at = 0; at < kept->len; at++) {
            desk = desk_new();
            assert_int_equal(desk_configure(desk, &fixture_settings, &why),
                             0);
            assert_int_equal(desk_load(desk, kept->kind, kept->key,
                                       kept->blob, at, &why), -1);
            desk_free(&desk);

            for (flip = 0; flip < sizeof(flips); flip++) {
                desk = desk_new();
                assert_int_equal(desk_configure(desk, &fixture_settings,
                                                &why), 0);
                kept->blob[at] ^= flips[flip];

                if (desk_load(desk, kept->kind, kept->key, kept->blob,
                              kept->len, &why)
                    == 0)
                {
                    desk_loaded(desk, fx->now, fx->changes);
                    desk_tick(desk, UINT64_MAX, fx->changes);
                    desk_flush(desk, fx->changes);
                }

                kept->blob[at] ^= flips[flip];
                desk_free(&desk);
                changes_reset(fx->changes);
            }
        }
    }

    store_free(&store);
}


static void
test_refused(void **state)
{
    size_t           i;
    const char      *why;
    struct fixture  *fx = *state;
    struct desk     *bare = desk_new();
    const struct {
        const char *kind;
        const char *key;
        const char *blob;
        size_t      len;
    } rows[] = {
        { "desk", "desk", "\x92\x02\x05", 3 },      /* a later version */
        { "desk", "other", "\x92\x01\x05", 3 },
        { "desk", "desk", "\x93\x01\x05\x05", 4 },  /* too much */
        { "desk", "desk", "\x91\x01", 2 },          /* too little */
        { "desk", "desk", "\x92\x01\xa1x", 4 },     /* of another type */
        { "desk", "desk", "\x01", 1 },
        { "desk", "desk", "", 0 },
        { "desk", "desk", "\x81\xa1x\x05", 4 },    /* a key is a number */
        { "desk", "desk", "\x82\x01\x05\x01\x06", 5 },   /* and there once */
        { "desk", "desk", "\x81\x01\xa1x", 4 },
        { "thing", "x", "\x92\x01\x05", 3 },
        { "agent", "ana", "\x98\x01\x01\x00\x00\x00\x00\xa0\xa0", 9 },
        { "agent", "An A", "\x98\x01\x02\x00\x00\x00\x00\xa0\xa0", 9 },
        { "conv", "a/b", "\x92\x01\x05", 3 },
        { "conv", "c1", "\x92\x01\x05", 3 }
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        why = NULL;
        assert_int_equal(desk_load(fx->desk, rows[i].kind, rows[i].key,
                                   rows[i].blob, rows[i].len, &why), -1);
        assert_non_null(why);
    }

    assert_int_equal(desk_load(fx->desk, "desk", "desk", "\x92\x01\x05", 3,
                               &why), 0);
    assert_int_equal(desk_load(bare, "desk", "desk", "\x92\x01\x05", 3,
                               &why), -1);
    desk_free(&bare);

    assert_int_equal(desk_load_session(fx->desk, "s 1", "n1", 0, "v1"), -1);
    assert_int_equal(desk_load_session(fx->desk, "s1", "n1", 0, ""), -1);
    assert_int_equal(desk_load_session(fx->desk, "s1", "n1", 1, "A"), -1);
    assert_int_equal(desk_load_session(fx->desk, "s1", "n1", 0, "v1"), 0);
    assert_int_equal(desk_load_session(fx->desk, "s1", "n1", 0, "v1"), -1);
}


/* The first layout, and what a later worker may have added. */

static void
test_layouts(void **state)
{
    size_t           i, len;
    const char      *why = "";
    struct fixture  *fx = *state;
    static const char  conv[] =
        "\xdc\x00\x16\x01\x07\xa2v1\xa5sales\x03\x00\x05\x00\x06\x07\x08\x01"
        "\x00\x01\xa4Vera\xa0\xa0\xa0\xa0\xa2hi"
        "\x95\x04\x00\x00\x04\x00"
        "\x91\x96\xa3" "ana\x03\x00\x00\x00\x01";
    const struct {
        const char *kind;
        const char *key;
        const char *blob;
        size_t      len;
    } rows[] = {
        { "desk", "desk", "\x92\x01\x05", 3 },
        { "desk", "desk", "\x80", 1 },
        { "desk", "desk", "\x82\x01\x07\xcd\x01\xff\x91\x01", 8 },
        { "agent", "ana", "\x98\x01\x02\x00\x01\x00\x02\xa0\xa0", 9 },
        { "agent", "ben", "\x82\x01\x02\x7f\xa1?", 6 },
        { "conv", "c1", conv, sizeof(conv) - 1 }
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (desk_load(fx->desk, rows[i].kind, rows[i].key, rows[i].blob,
                      rows[i].len, &why)
            != 0)
        {
            fail_msg("%zu: %s", i, why);
        }
    }

    /* ana is a member of c1 and has one message to read */
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    says(fx, "visitor", "v1", "c1", 5, "there?");
    assert_card(fx, "i:ana", "c1", "active");
    len = cd_frame_uint(frame_find(fx, CHANGE_REGISTER, "i:ana", CD_T_CARD),
                        CD_F_UNREAD);
    assert_int_equal(len, 2);
    agent_does(fx, CD_T_END, "ana", "c1");
    assert_non_null(op_find(fx, CHANGE_CLOSE, "c1", 0));

    /* the next number is above all that were seen */
    visitor_starts(fx, "v2", "c2", "sales");
    assert_int_equal(cd_frame_uint(frame_find(fx, CHANGE_REGISTER, "i:ana",
                                              CD_T_CARD), CD_F_NUMBER), 8);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_round_trip),
        FIXTURE_TEST(test_sessions_gone),
        FIXTURE_TEST(test_settings_changed),
        FIXTURE_TEST(test_damaged),
        FIXTURE_TEST(test_refused),
        FIXTURE_TEST(test_layouts)
    };

    return cmocka_run_group_tests_name("core_entity", tests, NULL, NULL);
}
