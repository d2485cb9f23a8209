/*
 * The module's feeds against a model of Redis, under seeded schedules.
 *
 * Purpose:    the real code of the feeds, with everything around it played
 *             by this file: frames that are published, arrive late, twice or
 *             not at all; windows that are asked for and answered later;
 *             connections that break; memory that runs out; sessions that
 *             come, go, and close inside a send.
 * Owner:      each run owns its desk, its sessions and what is in flight.
 * Invariants: a session checks all that it is sent: every number once and in
 *             order, windows that begin where it stands; when everything has
 *             come to rest each one has all that was published.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_feed.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_feed_live.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_feed_read.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_feed_check.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_feed_order.c
 * link: -lmsgpackc
 */

#include "feed_redis.h"

#define SEEDS  400
#define STEPS  500


static void
session_follow(ngx_http_chatdesk_session_t *session)
{
    ngx_http_chatdesk_resume_t  resume = { session->era, session->last,
                                           ngx_null_string };

    if (!session->open) {
        session->open = 1;
        session->ref.generation++;
        session->member = 1;

        /* a reload forgets, a reconnect does not */

        if (dice(2) == 0) {
            session->last = -1;
            resume.n = -1;
        }
    }

    (void) ngx_http_chatdesk_feed_follow(&m.desk, session, &m.feed, &m.shown,
                                         &resume);
}


static void
run_start(const char *feed, const char *shown, uint32_t seed)
{
    int  i;

    memset(&m, 0, sizeof(m));

    ngx_rbtree_init(&ngx_event_timer_rbtree, &timer_sentinel,
                    ngx_str_rbtree_insert_value);

    m.random = seed;
    m.era = 100;
    m.ready = 1;
    m.desk.log = &quiet;
    m.desk.timeout = 5000;
    m.desk.prefix.data = (u_char *) "cd:{d}:";
    m.desk.prefix.len = 7;
    m.feed.data = (u_char *) feed;
    m.feed.len = strlen(feed);
    m.shown.data = (u_char *) shown;
    m.shown.len = strlen(shown);

    ngx_http_chatdesk_feed_init(&m.desk);

    for (i = 0; i < SESSIONS; i++) {
        snprintf(m.names[i], sizeof(m.names[i]), "p%d", i);
        m.session[i].ref.slot = (uint32_t) i;
        m.session[i].who.data = (u_char *) m.names[i];
        m.session[i].who.len = 2;
        m.session[i].last = -1;
        m.session[i].member = 1;
        ngx_queue_init(&m.session[i].followers);
    }
}


/* A failover: some of the last frames are lost, the era is another. */

static void
redis_failover(void)
{
    redis_drop();
    redis_cut_subscriber();
    m.head -= m.head > 5 ? dice(5) : 0;
    m.era++;
}


static void
run_step(void)
{
    ngx_http_chatdesk_session_t  *session = &m.session[dice(SESSIONS)];

    switch (dice(40)) {
    case 0: case 1: case 2:
        session_follow(session);
        break;
    case 3:
        session_close(session);
        break;
    case 4:
        redis_publish((int) (m.head == 0 ? 0 : 1 + dice(m.head)), -1);
        break;
    case 5:
        m.wire_first += m.wire_first != m.wire_last;    /* lost */
        break;
    case 6:
        if (dice(4) == 0) {
            redis_cut_subscriber();
        }
        break;
    case 7:
        if (dice(6) == 0) {
            redis_drop();
        }
        break;
    case 8:
        if (dice(20) == 0) {
            redis_failover();
        }
        break;
    case 9: case 10:
        redis_back();
        break;
    case 11: case 12:
        redis_subscribed();
        break;
    case 13:
        compare_heads();
        break;
    case 14: case 15:
        check_now();
        break;
    case 16: case 17: case 18: case 19: case 20: case 21: case 22: case 23:
        redis_publish((int) ++m.head, -1);
        break;
    case 24: case 25: case 26: case 27: case 28:
        redis_run();
        break;
    case 29: case 30: case 31: case 32: case 33:
        redis_answer();
        break;
    default:
        wire_deliver();
    }
}


/* What is in flight arrives. */

static void
run_drain(void)
{
    while (m.wire_first != m.wire_last || m.asked_first != m.asked_last) {
        wire_deliver();
        redis_run();
        redis_answer();
    }
}


/* Everything heals and comes to rest. */

static void
run_settle(void)
{
    int  i;

    m.fail_alloc = 0;
    m.close_in_send = 0;

    for (i = 0; i < 60; i++) {
        redis_back();
        redis_subscribed();

        run_drain();
        compare_heads();
        check_now();
    }
}


static void
run_check(void)
{
    int                           i;
    ngx_http_chatdesk_session_t  *session;

    for (i = 0; i < SESSIONS && m.complaint == NULL; i++) {
        session = &m.session[i];

        if (session->open && !ngx_queue_empty(&session->followers)
            && (session->last != m.head || session->era != m.era))
        {
            m.complaint = "a session that is not in step at rest";
        }

        session_close(session);
    }

    if (m.complaint == NULL
        && (m.desk.feeds.root != &m.desk.feeds_sentinel || m.wanted
            || !ngx_queue_empty(&m.desk.reads)
            || !ngx_queue_empty(&m.desk.waiting)
            || !ngx_queue_empty(&m.desk.behind) || m.desk.reading != 0))
    {
        m.complaint = "something is left over";
    }
}


static void
run_seeds(const char *feed, const char *shown, unsigned fail_alloc,
    unsigned close_in_send)
{
    int       i;
    uint32_t  seed;

    for (seed = 1; seed <= SEEDS; seed++) {
        run_start(feed, shown, seed);
        m.fail_alloc = fail_alloc;
        m.close_in_send = close_in_send;

        for (i = 0; i < STEPS && m.complaint == NULL; i++) {
            run_step();
        }

        run_settle();
        run_check();

        if (m.complaint != NULL) {
            fail_msg("%s, seed %u: %s", feed, (unsigned) seed, m.complaint);
        }
    }
}


static void
test_visitor_side(void **state)
{
    (void) state;

    run_seeds("v:conv", "conv", 0, 0);
}


static void
test_desk_side(void **state)
{
    (void) state;

    run_seeds("d:conv", "conv", 0, 0);
}


static void
test_inbox(void **state)
{
    (void) state;

    run_seeds("i:ana", "inbox", 0, 0);
}


static void
test_closing_in_send(void **state)
{
    (void) state;

    run_seeds("v:conv", "conv", 0, 10);
    run_seeds("d:conv", "conv", 0, 10);
    run_seeds("i:ana", "inbox", 0, 10);
}


static void
test_without_memory(void **state)
{
    (void) state;

    run_seeds("v:conv", "conv", 12, 30);
    run_seeds("d:conv", "conv", 12, 30);
    run_seeds("i:ana", "inbox", 12, 30);
}


static void
settle_follow(int i)
{
    session_follow(&m.session[i]);
    run_settle();
}


static void
test_member_gone_hears_no_more(void **state)
{
    (void) state;

    run_start("d:conv", "conv", 1);
    settle_follow(0);
    settle_follow(1);

    m.session[1].member = 0;
    redis_publish((int) ++m.head, 1);
    redis_publish((int) ++m.head, -1);
    run_settle();

    assert_int_equal(m.session[0].last, 2);
    assert_int_equal(m.session[1].last, 1);
    assert_true(ngx_queue_empty(&m.session[1].followers));
    assert_int_equal(m.session[1].errors, 0);

    run_check();
    assert_null(m.complaint);
}


/* The frame that says so is lost: Redis refuses the read that follows. */

static void
test_member_gone_while_cut_off(void **state)
{
    (void) state;

    run_start("d:conv", "conv", 1);
    settle_follow(0);
    settle_follow(1);

    redis_cut_subscriber();
    m.session[1].member = 0;
    m.head += 2;
    run_settle();

    assert_int_equal(m.session[0].last, 2);
    assert_int_equal(m.session[1].last, 0);
    assert_int_equal(m.session[1].errors, 1);
    assert_true(ngx_queue_empty(&m.session[1].followers));

    run_check();
    assert_null(m.complaint);
}


static void
test_busy_while_redis_is_away(void **state)
{
    (void) state;

    run_start("v:conv", "conv", 1);
    m.ready = 0;

    session_follow(&m.session[0]);
    check_now();

    assert_int_equal(m.session[0].errors, 1);
    assert_true(ngx_queue_empty(&m.session[0].followers));

    run_check();
    assert_null(m.complaint);
}


static void
test_kick_closes_all(void **state)
{
    char             buf[64];
    ngx_str_t        payload;
    struct cd_frame  frame;

    (void) state;

    run_start("i:ana", "inbox", 1);
    settle_follow(0);
    settle_follow(1);

    cd_frame_init(&frame, CD_T_KICK);
    cd_frame_set_str(&frame, CD_F_SESSION_KEY, "key", 3);
    payload.data = (u_char *) buf;
    payload.len = cd_frame_encode(&frame, buf, sizeof(buf));

    ngx_http_chatdesk_feed_message(&m.desk, &m.feed, &payload);

    assert_false(m.session[0].open);
    assert_false(m.session[1].open);
    assert_ptr_equal(m.desk.feeds.root, &m.desk.feeds_sentinel);
}


/* The other followers take part in one fill, asked for once. */

static void
test_hole_is_filled_once_for_all(void **state)
{
    int  i;

    (void) state;

    run_start("v:conv", "conv", 1);

    for (i = 0; i < SESSIONS; i++) {
        settle_follow(i);
        m.session[i].windows = 0;
    }

    m.head++;
    redis_publish((int) ++m.head, -1);
    wire_deliver();

    assert_int_equal(m.asked_last - m.asked_first, 1);
    run_settle();

    for (i = 0; i < SESSIONS; i++) {
        assert_int_equal(m.session[i].windows, 1);
        assert_int_equal(m.session[i].last, 2);
    }

    run_check();
    assert_null(m.complaint);
}


/* Everybody stands at 10; Redis is elsewhere, and no connection broke. */

static void
numbers_begin_anew(const char *feed, uint64_t era, uint32_t head)
{
    int  i;

    run_start(feed, "conv", 1);
    m.head = 10;
    settle_follow(0);
    settle_follow(1);

    /* no beat compares heads: the third one's window must be enough */

    m.era = era;
    m.head = head;
    session_follow(&m.session[2]);
    run_drain();

    for (i = 0; i < 3; i++) {
        assert_int_equal(m.session[i].last, head);
        assert_int_equal(m.session[i].era, era);
    }

    run_check();
    assert_null(m.complaint);
}


static void
test_numbers_begin_anew(void **state)
{
    (void) state;

    numbers_begin_anew("v:conv", 100, 3);
    numbers_begin_anew("v:conv", 101, 3);
    numbers_begin_anew("v:conv", 101, 12);
    numbers_begin_anew("d:conv", 100, 3);
    numbers_begin_anew("d:conv", 101, 3);
    numbers_begin_anew("d:conv", 101, 12);
}


/* A frame whose number Redis does not know must not be waited for. */

static void
number_out_of_the_blue(const char *feed, const char *shown)
{
    run_start(feed, shown, 1);
    settle_follow(0);
    settle_follow(1);

    redis_publish((int) ++m.head, -1);
    redis_publish(1000000, -1);
    run_settle();

    redis_publish((int) ++m.head, -1);
    run_settle();

    assert_int_equal(m.session[0].last, 2);
    assert_int_equal(m.session[1].last, 2);
    assert_true(m.asked_last < 20);

    run_check();
    assert_null(m.complaint);
}


static void
test_number_out_of_the_blue(void **state)
{
    (void) state;

    number_out_of_the_blue("v:conv", "conv");
    number_out_of_the_blue("d:conv", "conv");
    number_out_of_the_blue("i:ana", "inbox");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_visitor_side),
        cmocka_unit_test(test_desk_side),
        cmocka_unit_test(test_inbox),
        cmocka_unit_test(test_closing_in_send),
        cmocka_unit_test(test_without_memory),
        cmocka_unit_test(test_member_gone_hears_no_more),
        cmocka_unit_test(test_member_gone_while_cut_off),
        cmocka_unit_test(test_busy_while_redis_is_away),
        cmocka_unit_test(test_kick_closes_all),
        cmocka_unit_test(test_hole_is_filled_once_for_all),
        cmocka_unit_test(test_numbers_begin_anew),
        cmocka_unit_test(test_number_out_of_the_blue)
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);

    return cmocka_run_group_tests(tests, NULL, NULL);
}
