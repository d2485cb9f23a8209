/*
 * Skills: who may be asked, and what a conversation needs.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    what queues and rules need, whom that leaves, how it changes
 *             with the settings, and what a takeover knows of it.
 * Owner:      the fixture.
 * Invariants: none of its own.
 *
 * proves: I22
 */

#include "core_fixture.h"

#include "core/crew.h"
#include "core/explain.h"

#define MANY  10000

static const char *const  spanish[] = { "spanish" };
static const char *const  spanish_billing[] = { "spanish", "billing" };
static const char *const  french[] = { "french" };

static const struct rule_settings  rules[] = {
    { .name = "es", .lang = "es", .skills = { spanish, 1 } },
    { .name = "fr", .lang = "fr", .queue = "sales", .skills = { french, 1 } }
};

static const struct words_settings  words[] = { { .lang = "" } };

static const struct flow_settings  flows[] = {
    { .id = "web", .name = "Web", .channel = "web", .priority = 5,
      .rules = rules, .rule_count = 2, .words = words, .words_count = 1,
      .closed = FLOW_CLOSED_MESSAGE, .append = 1, .show_display_name = 1,
      .keep_ms = 86400000 }
};

/* settings that a test can change */
struct draft {
    struct desk_settings   desk;
    struct queue_settings  queues[2];
    struct agent_settings  agents[3];
};


static void
draft_init(struct draft *draft)
{
    draft->desk = fixture_settings;
    memcpy(draft->queues, fixture_queues, sizeof(fixture_queues));
    memcpy(draft->agents, fixture_agents, sizeof(fixture_agents));
    draft->desk.queues = draft->queues;
    draft->desk.agents = draft->agents;
    draft->desk.flows = flows;
    draft->desk.flow_count = 1;
}


static void
draft_take(struct fixture *fx, const struct draft *draft)
{
    const char  *why = "";

    if (desk_reconfigure(fx->desk, &draft->desk, fx->now, fx->changes, &why)
        != 0)
    {
        fail_msg("%s", why);
    }

    fixture_flush(fx);
}


static void
starts_in(struct fixture *fx, const char *who, const char *conv,
    const char *lang, const char *queue)
{
    struct cd_frame  frame;

    entry_make(&frame, CD_T_START, "visitor", who, conv);
    put(&frame, CD_F_LANG, lang);
    put(&frame, CD_F_QUEUE, queue);
    apply(fx, &frame);
    fixture_flush(fx);
}


static enum passed
passed(struct fixture *fx, const char *conv, const char *who)
{
    struct conversation  *conversation;

    conversation = conversation_find(&fx->desk->conversations, str_of(conv));

    return explain_agent(conversation, agent_find(&fx->desk->agents,
                                                  str_of(who)), fx->now);
}


/* A queue's need, and that a rule's comes on top of it. */

static void
test_needed(void **state)
{
    struct fixture  *fx = *state;
    struct draft     draft;

    draft_init(&draft);
    draft.queues[0].skills = (struct skill_settings) { &spanish_billing[1],
                                                       1 };
    draft.agents[0].skills = (struct skill_settings) { spanish, 1 };
    draft.agents[1].skills = (struct skill_settings) { spanish_billing, 2 };
    draft_take(fx, &draft);
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    agent_does(fx, CD_T_ONLINE, "eva", NULL);

    /* the queue's: nobody here has it */
    starts_in(fx, "v1", "c1", "en", "sales");
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ana", CD_T_CARD));
    assert_int_equal(passed(fx, "c1", "ana"), PASSED_SKILL);

    /* a rule's, also where the page has named the queue */
    starts_in(fx, "v2", "c2", "es", "support");
    assert_card(fx, "i:ana", "c2", "offered");

    /* both; ben has them, and sales goes first */
    starts_in(fx, "v3", "c3", "es", "sales");
    assert_int_equal(passed(fx, "c3", "ana"), PASSED_SKILL);
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    assert_int_equal(passed(fx, "c1", "ben"), PASSED_IS_IN);
    assert_int_equal(passed(fx, "c3", "ben"), PASSED_IS_IN);

    /* without any need nothing is asked for */
    starts_in(fx, "v4", "c4", "en", "support");
    assert_card(fx, "i:eva", "c4", "offered");
}


/* Other settings: at once, both ways. */

static void
test_change(void **state)
{
    struct fixture  *fx = *state;
    struct draft     draft;

    draft_init(&draft);
    draft_take(fx, &draft);
    agent_does(fx, CD_T_ONLINE, "eva", NULL);
    starts_in(fx, "v1", "c1", "es", "support");
    assert_null(op_find(fx, CHANGE_REGISTER, "i:eva", CD_T_CARD));

    /* she learns it */
    draft.agents[2].skills = (struct skill_settings) { spanish, 1 };
    draft_take(fx, &draft);
    assert_card(fx, "i:eva", "c1", "offered");

    /* ... and forgets it: the offer goes back */
    draft.agents[2].skills = (struct skill_settings) { french, 1 };
    draft_take(fx, &draft);
    assert_gone(fx, "i:eva", "c1", WHY_WITHDRAWN);
    assert_int_equal(passed(fx, "c1", "eva"), PASSED_SKILL);

    /* the queue needs what she has not, then nothing */
    starts_in(fx, "v2", "c2", "en", "support");
    assert_card(fx, "i:eva", "c2", "offered");
    draft.queues[1].skills = (struct skill_settings) { spanish, 1 };
    draft_take(fx, &draft);
    assert_gone(fx, "i:eva", "c2", WHY_WITHDRAWN);
    draft.queues[1].skills.count = 0;
    draft_take(fx, &draft);
    assert_card(fx, "i:eva", "c2", "offered");

    /* nothing names the skill any more: nobody can be asked to have it */
    agent_does(fx, CD_T_REJECT, "eva", "c2");
    draft.desk.flow_count = 0;
    draft.agents[2].skills.count = 0;
    draft_take(fx, &draft);
    assert_card(fx, "i:eva", "c1", "offered");
}


/* By name, whatever the skills; by queue, what that needs; what the rule asked
   for stays behind when the queue is another one. */

static void
test_ask(void **state)
{
    struct fixture       *fx = *state;
    struct draft          draft;
    struct cd_frame       frame;
    struct conversation  *conversation;

    draft_init(&draft);
    draft.queues[0].skills = (struct skill_settings) { french, 1 };
    draft.agents[0].skills = (struct skill_settings) { spanish, 1 };
    draft.agents[1].skills = (struct skill_settings) { french, 1 };
    draft_take(fx, &draft);
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    agent_does(fx, CD_T_ONLINE, "eva", NULL);
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    starts_in(fx, "v1", "c1", "es", "support");
    assert_card(fx, "i:ana", "c1", "offered");
    agent_does(fx, CD_T_ACCEPT, "ana", "c1");
    conversation = conversation_find(&fx->desk->conversations, str_of("c1"));
    assert_string_equal(conversation->skills, "spanish");

    /* by name */
    entry_make(&frame, CD_T_INVITE, "agent", "ana", "c1");
    put(&frame, CD_F_AGENT, "eva");
    apply(fx, &frame);
    fixture_flush(fx);
    assert_card(fx, "i:eva", "c1", "offered");
    draft_take(fx, &draft);
    assert_null(op_find(fx, CHANGE_UNREGISTER, "i:eva", CD_T_CARD_GONE));
    agent_does(fx, CD_T_REJECT, "eva", "c1");

    /* within the queue nobody else has it */
    entry_make(&frame, CD_T_TRANSFER, "agent", "ana", "c1");
    put(&frame, CD_F_QUEUE, "support");
    apply(fx, &frame);
    fixture_flush(fx);
    assert_null(op_find(fx, CHANGE_REGISTER, "i:ben", CD_T_CARD));
    assert_int_equal(passed(fx, "c1", "ben"), PASSED_SKILL);
    agent_does(fx, CD_T_REJECT, "ana", "c1");

    /* another queue needs its own alone */
    entry_make(&frame, CD_T_TRANSFER, "agent", "ana", "c1");
    put(&frame, CD_F_QUEUE, "sales");
    apply(fx, &frame);
    fixture_flush(fx);
    assert_card(fx, "i:ben", "c1", "offered");
    assert_string_equal(conversation->skills, "spanish");
    agent_does(fx, CD_T_ACCEPT, "ben", "c1");
    assert_null(conversation->skills);
    assert_int_equal(conversation->needs, 0);
}


/* A desk that is built anew from what was written knows what is needed. */

static void
test_takeover(void **state)
{
    char                  blob[4096];
    const char           *why = "";
    const struct op      *op;
    struct draft          draft;
    struct fixture       *fx = *state;
    struct desk          *desk = desk_new();
    struct conversation  *conversation;

    draft_init(&draft);
    draft_take(fx, &draft);
    starts_in(fx, "v1", "c1", "fr", NULL);
    op = op_find(fx, CHANGE_PUT, "conv", 0);
    assert_non_null(op);
    assert_true(op->text[2].len < sizeof(blob));
    memcpy(blob, op->text[2].data, op->text[2].len);

    /* the bits are others there, the names are the same */
    draft.queues[0].skills = (struct skill_settings) { spanish_billing, 2 };
    assert_int_equal(desk_configure(desk, &draft.desk, &why), 0);
    assert_int_equal(desk_load(desk, "conv", "c1", blob, op->text[2].len,
                               &why), 0);
    desk_loaded(desk, fx->now, fx->changes);
    conversation = conversation_find(&desk->conversations, str_of("c1"));
    assert_string_equal(conversation->skills, "french");
    assert_int_equal(conversation->needs,
                     skills_bits_of(&desk->skills, "french"));
    assert_int_not_equal(conversation->needs, 0);
    changes_reset(fx->changes);
    desk_free(&desk);
}


static void
test_refused(void **state)
{
    int                  i;
    const char          *why = "";
    struct draft         draft;
    struct fixture      *fx = *state;
    static char          names[SKILLS_MAX + 1][16];
    static const char   *list[SKILLS_MAX + 1];
    static const char *const  bad[] = { "no spaces", "Big", "", NULL };

    assert_int_equal(SKILLS_MAX, CD_LIMIT_SKILLS);
    assert_int_equal(SKILLS_ONE_MAX, CD_LIMIT_SKILLS_OF_ONE);
    assert_int_equal(SKILL_MAX, CD_LIMIT_SKILL);
    draft_init(&draft);

    for (i = 0; bad[i] != NULL; i++) {
        draft.queues[0].skills = (struct skill_settings) { &bad[i], 1 };
        assert_int_equal(desk_reconfigure(fx->desk, &draft.desk, fx->now,
                                          fx->changes, &why), -1);
    }

    for (i = 0; i <= SKILLS_MAX; i++) {
        snprintf(names[i], sizeof(names[i]), "s%d", i);
        list[i] = names[i];
    }

    /* as many as there is room for, then one more */
    draft.desk.flow_count = 0;
    draft.queues[0].skills = (struct skill_settings) { list, 32 };
    draft.queues[1].skills = (struct skill_settings) { list + 32, 32 };
    draft_take(fx, &draft);
    draft.agents[0].skills = (struct skill_settings) { list + 64, 1 };
    assert_int_equal(desk_reconfigure(fx->desk, &draft.desk, fx->now,
                                      fx->changes, &why), -1);
    assert_non_null(strstr(why, "skill"));
}


/* Ten thousand who are free and cannot, and as many that wait: the work of an
   event does not grow with their product. */

static void
test_many(void **state)
{
    int                      i;
    char                     who[16], conv[16];
    size_t                   looks = 0;
    struct desk             *desk;
    struct draft             draft;
    struct fixture          *fx = *state;
    struct crew             *crew;
    struct agent_settings   *agents = calloc(MANY, sizeof(*agents));
    static char              logins[MANY][16];

    assert_non_null(agents);
    draft_init(&draft);
    draft.queues[1].skills = (struct skill_settings) { french, 1 };

    for (i = 0; i < MANY; i++) {
        snprintf(logins[i], sizeof(logins[i]), "a%d", i);
        agents[i] = (struct agent_settings) { logins[i], "A", "agent", "all" };
        agents[i].skills = (struct skill_settings) { spanish, 1 };
    }

    draft.desk.agents = agents;
    draft.desk.agent_count = MANY;
    draft_take(fx, &draft);
    desk = fx->desk;

    for (i = 0; i < MANY; i++) {
        agent_does(fx, CD_T_ONLINE, logins[i], NULL);
    }

    /* one crew: one look stands for all */
    for (crew = crew_first(profile_find(&desk->profiles, "all"));
         crew != NULL; crew = crew_next(crew))
    {
        looks++;
    }

    assert_int_equal(looks, 1);

    for (i = 0; i < 300; i++) {
        snprintf(who, sizeof(who), "v%d", i);
        snprintf(conv, sizeof(conv), "c%d", i);
        starts_in(fx, who, conv, "en", "support");
        assert_int_equal(passed(fx, conv, "a7"), PASSED_SKILL);
    }

    free(agents);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_needed),
        FIXTURE_TEST(test_change),
        FIXTURE_TEST(test_ask),
        FIXTURE_TEST(test_takeover),
        FIXTURE_TEST(test_refused),
        FIXTURE_TEST(test_many)
    };

    return cmocka_run_group_tests_name("core_skills", tests, NULL, NULL);
}
