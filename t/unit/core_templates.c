/*
 * The desk's templates: what gets in, what is stored and loaded, announced,
 * and filled in for whom.
 *
 * link: worker/core t/sim/ops.c -lmsgpackc
 *
 * Purpose:    the rules of core/templates.h.
 * Owner:      the fixture.
 * Invariants: none of its own.
 *
 * proves: P13 U4 P1
 */

#include "core_fixture.h"

#include "core/state.h"

#define C1  "c1"


static struct locale_settings
locale(const char *lang, const char *text)
{
    struct locale_settings  one = { lang, { text, strlen(text) }, NULL, 0 };

    return one;
}


static enum cd_error
save(struct fixture *fx, struct template_settings *settings,
    struct template_refusal *refusal)
{
    enum cd_error  error;

    error = desk_put_template(fx->desk, settings, fx->now, fx->changes,
                              refusal);
    fixture_flush(fx);

    return error;
}


static void
save_text(struct fixture *fx, const char *owner, const char *id,
    const char *text)
{
    struct locale_settings    one = locale("en", text);
    struct template_refusal   refusal;
    struct template_settings  settings = {
        owner, id, "Title", "", NULL, 0, &one, 1
    };

    if (save(fx, &settings, &refusal) != CD_E_OK) {
        fail_msg("%s %s: %s", id, refusal.field, refusal.why);
    }
}


/* The frame of the last batch of this type; NULL for none. */

static const struct cd_frame *
told(struct fixture *fx, unsigned type, unsigned *count)
{
    size_t                  i;
    const struct cd_frame  *found = NULL;

    *count = 0;

    for (i = 0; i < fx->ops.count; i++) {
        if ((fx->ops.list[i].code == CHANGE_NODE
             || fx->ops.list[i].code == CHANGE_REGISTER)
            && fx->ops.list[i].frame.type == type)
        {
            found = &fx->ops.list[i].frame;
            (*count)++;
        }
    }

    return found;
}


static void
active(struct fixture *fx)
{
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    agent_chooses(fx, "ana", "available");
    visitor_does(fx, CD_T_ONLINE, "v1", NULL);
    visitor_starts(fx, "v1", C1, "sales");
    agent_does(fx, CD_T_ACCEPT, "ana", C1);
}


static const struct cd_frame *
render(struct fixture *fx, const char *who, const char *id, const char *lang)
{
    unsigned          count;
    struct cd_frame   frame;

    entry_make(&frame, CD_T_RENDER, "agent", who, C1);
    put(&frame, CD_F_TEMPLATE, id);
    put(&frame, CD_F_LANG, lang);
    apply(fx, &frame);
    fixture_flush(fx);

    return told(fx, CD_T_RENDERED, &count);
}


static void
is_text(const struct cd_frame *frame, const char *text)
{
    assert_non_null(frame);

    if (!cd_str_is(cd_frame_str(frame, CD_F_TEXT), text)) {
        fail_msg("\"%.*s\" instead of \"%s\"",
                 (int) cd_frame_str(frame, CD_F_TEXT).len,
                 cd_frame_str(frame, CD_F_TEXT).data, text);
    }
}


static void
is_refused(struct fixture *fx, const char *code)
{
    unsigned                count;
    const struct cd_frame  *frame = told(fx, CD_T_REFUSED, &count);

    assert_non_null(frame);
    assert_true(cd_str_is(cd_frame_str(frame, CD_F_CODE), code));
}


static void
test_filled_in(void **state)
{
    struct fixture  *fx = *state;

    active(fx);
    save_text(fx, "", "hi", "Hi {{client.name|you}}, {{agent.name}} of "
              "{{queue.name}}, no. {{conv.number}}, {{custom.plan|free}}");
    is_text(render(fx, "ana", "hi", NULL),
            "Hi Vera, Ana Lima of Sales, no. 1, free");

    /* the agent's own one hides the shared one, of others it is not there */
    save_text(fx, "ana", "hi", "mine");
    save_text(fx, "ben", "secret", "his");
    is_text(render(fx, "ana", "hi", NULL), "mine");
    assert_null(render(fx, "ana", "secret", NULL));
    is_refused(fx, "no_template");
    assert_null(render(fx, "ana", "none", NULL));
    is_refused(fx, "no_template");

    /* who is no member sees nothing of the conversation */
    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    assert_null(render(fx, "ben", "hi", NULL));
    is_refused(fx, "not_found");

    /* a profile may do without templates */
    agent_find(&fx->desk->agents, str_of("ana"))->profile->buttons
        &= ~(1u << BUTTON_TEMPLATE);
    assert_null(render(fx, "ana", "hi", NULL));
    is_refused(fx, "forbidden");
}


/* The client's answers, then what the desk says of itself, then what the
   template says. */

static void
test_custom(void **state)
{
    struct fixture                 *fx = *state;
    struct cd_frame                 frame;
    struct desk_settings            settings = fixture_settings;
    const char                     *why = NULL;
    static const struct field_settings      fields[] = {
        { "plan", 0, 0, 100 }, { "none", 0, 0, 100 }
    };
    static const struct words_settings      words[] = { { .lang = "" } };
    static const struct flow_settings       flows[] = {
        { .id = "web", .name = "Web", .channel = "web", .priority = 5,
          .fields = fields, .field_count = 2, .words = words,
          .words_count = 1, .closed = FLOW_CLOSED_MESSAGE, .keep_ms = 1000 }
    };
    struct attribute_settings       rows[] = {
        { "plan", "free" }, { "hours", "9 to 5\xe2\x80\xae <b>{{x}}" }
    };

    settings.flows = flows;
    settings.flow_count = 1;
    settings.attributes = rows;
    settings.attribute_count = 2;
    assert_int_equal(desk_reconfigure(fx->desk, &settings, fx->now,
                                      fx->changes, &why), 0);
    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    visitor_does(fx, CD_T_ONLINE, "v1", NULL);
    entry_make(&frame, CD_T_START, "visitor", "v1", C1);
    put(&frame, CD_F_QUEUE, "sales");
    put(&frame, CD_F_FORM, "plan=gold%E2%80%AE+%7B%7Bclient.name%7D%7D");
    apply(fx, &frame);
    fixture_flush(fx);
    agent_does(fx, CD_T_ACCEPT, "ana", C1);

    save_text(fx, "", "hi", "{{custom.plan|x}}, {{custom.hours}}, "
              "{{custom.none|none}}, {{custom.never|never}}");
    is_text(render(fx, "ana", "hi", NULL),
            "gold {{client.name}}, 9 to 5 <b>{{x}}, none, never");

    /* other attributes while the desk runs; what holds no more, changes none */
    rows[0].key = "never";
    assert_int_equal(desk_reconfigure(fx->desk, &settings, fx->now,
                                      fx->changes, &why), 0);
    is_text(render(fx, "ana", "hi", NULL),
            "gold {{client.name}}, 9 to 5 <b>{{x}}, none, free");
    rows[1].key = "never";
    assert_int_equal(desk_reconfigure(fx->desk, &settings, fx->now,
                                      fx->changes, &why), -1);
    is_text(render(fx, "ana", "hi", NULL),
            "gold {{client.name}}, 9 to 5 <b>{{x}}, none, free");
}


static void
test_languages(void **state)
{
    size_t                     i;
    struct fixture            *fx = *state;
    struct template_refusal    refusal;
    struct locale_settings     all[] = {
        locale("en", "en"), locale("pt", "pt"), locale("pt-PT", "pt-PT"),
        locale("zh-Hant", "zh-Hant")
    };
    struct template_settings   settings = {
        "", "hi", "Hi", "hi", NULL, 0, all, 4
    };
    static const char *const   rows[][2] = {
        { "pt-BR", "pt" }, { "pt-pt", "pt-PT" }, { "PT", "pt" },
        { "fr", "en" }, { "zh-Hant-TW", "zh-Hant" }, { "zh", "en" },
        { "p", "en" }, { "pt-", "pt" }, { NULL, "en" }
    };

    active(fx);
    assert_int_equal(save(fx, &settings, &refusal), CD_E_OK);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        is_text(render(fx, "ana", "hi", rows[i][0]), rows[i][1]);
    }
}


static void
test_choices_and_queues(void **state)
{
    struct fixture            *fx = *state;
    const char                *choices[] = { "Yes", "No" };
    const char                *support[] = { "support" };
    const struct cd_frame     *frame;
    struct template_refusal    refusal;
    struct locale_settings     one = locale("en", "Well?");
    struct template_settings   settings = {
        "", "ask", "Ask", "", NULL, 0, &one, 1
    };

    active(fx);
    one.choices = choices;
    one.choice_count = 2;
    assert_int_equal(save(fx, &settings, &refusal), CD_E_OK);
    frame = render(fx, "ana", "ask", NULL);
    is_text(frame, "Well?");
    assert_true(cd_str_is(cd_frame_str(frame, CD_F_CHOICES), "Yes\nNo"));

    /* for another queue than that of the conversation */
    settings.queues = support;
    settings.queue_count = 1;
    assert_int_equal(save(fx, &settings, &refusal), CD_E_OK);
    assert_null(render(fx, "ana", "ask", NULL));
    is_refused(fx, "no_template");
}


static void
test_refused(void **state)
{
    size_t                    i;
    struct fixture           *fx = *state;
    const char               *twice[] = { "a", "a" }, *turned[] = {
        "a", "\xe2\x80\xae" "b"
    };
    const char               *nowhere[] = { "nowhere" };
    struct template_refusal   refusal;
    struct locale_settings    good = locale("en", "x");
    struct locale_settings    bad = locale("pt",
                                         "ol\xc3\xa1\n {{client.nome}}");
    struct locale_settings    tag = locale("e n", "x");
    struct locale_settings    both[] = { good, locale("EN", "y") };
    struct locale_settings    same = good, turn = good;
    const struct {
        struct template_settings  settings;
        const char               *field;
    } rows[] = {
        { { "", "a b", "T", "", NULL, 0, &good, 1 }, "id" },
        { { "", "", "T", "", NULL, 0, &good, 1 }, "id" },
        { { "", "x", " ", "", NULL, 0, &good, 1 }, "title" },
        { { "", "x", "a\nb", "", NULL, 0, &good, 1 }, "title" },
        { { "", "x", "\xe2\x80\xae" "b", "", NULL, 0, &good, 1 }, "title" },
        { { "", "x", "1234567890123456789012345678901234567890123456789012345"
            "67890123456789012345678901", "", NULL, 0, &good, 1 }, "title" },
        { { "", "x", "T", "Hi", NULL, 0, &good, 1 }, "shortcut" },
        { { "", "x", "T", "taken", NULL, 0, &good, 1 }, "shortcut" },
        { { "", "x", "T", "", nowhere, 1, &good, 1 }, "queues" },
        { { "", "x", "T", "", NULL, 0, &good, 0 }, "texts" },
        { { "", "x", "T", "", NULL, 0, &tag, 1 }, "texts[0].lang" },
        { { "", "x", "T", "", NULL, 0, both, 2 }, "texts[1].lang" },
        { { "", "x", "T", "", NULL, 0, &bad, 1 }, "texts[0].text" },
        { { "", "x", "T", "", NULL, 0, &same, 1 }, "texts[0].choices" },
        { { "", "x", "T", "", NULL, 0, &turn, 1 }, "texts[0].choices" }
    };

    struct template_settings  taken = {
        "", "other", "T", "taken", NULL, 0, &good, 1
    };

    same.choices = twice;
    same.choice_count = 2;
    turn.choices = turned;
    turn.choice_count = 2;
    assert_int_equal(save(fx, &taken, &refusal), CD_E_OK);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct template_settings  settings = rows[i].settings;

        assert_int_equal(save(fx, &settings, &refusal), CD_E_BAD_REQUEST);
        assert_string_equal(refusal.field, rows[i].field);
        assert_non_null(refusal.why);
        assert_int_equal(fx->ops.count, 0);
        assert_null(templates_find(&fx->desk->templates, "", "x"));

        if (strcmp(rows[i].field, "texts[0].text") == 0) {
            assert_int_equal(refusal.line, 2);
            assert_int_equal(refusal.column, 2);
        }
    }

    /* an own shortcut is free though a shared one has it */
    taken.owner = "ana";
    assert_int_equal(save(fx, &taken, &refusal), CD_E_OK);
}


static void
test_bounds(void **state)
{
    char                      id[16];
    unsigned                  i;
    struct fixture           *fx = *state;
    struct template_refusal   refusal;
    struct locale_settings    one = locale("en", "x");
    struct template_settings  settings = {
        "ana", id, "T", "", NULL, 0, &one, 1
    };

    for (i = 0; i <= CD_LIMIT_TEMPLATES_OWN; i++) {
        snprintf(id, sizeof(id), "t%u", i);
        assert_int_equal(save(fx, &settings, &refusal),
                         i < CD_LIMIT_TEMPLATES_OWN ? CD_E_OK
                                                    : CD_E_TOO_MANY);
    }

    /* one that is there can still be changed */
    snprintf(id, sizeof(id), "t0");
    assert_int_equal(save(fx, &settings, &refusal), CD_E_OK);
    settings.owner = "";

    for (i = (unsigned) fx->desk->templates.count; i <= CD_LIMIT_TEMPLATES;
         i++)
    {
        snprintf(id, sizeof(id), "s%u", i);
        assert_int_equal(save(fx, &settings, &refusal),
                         i < CD_LIMIT_TEMPLATES ? CD_E_OK : CD_E_TOO_MANY);
    }
}


/* At once, then at most once in the time for that, and to who comes. */

static void
test_told(void **state)
{
    unsigned         count;
    struct fixture  *fx = *state;

    agent_does(fx, CD_T_ONLINE, "ana", NULL);
    assert_null(told(fx, CD_T_TEMPLATES, &count));
    save_text(fx, "", "a", "x");
    assert_int_equal(cd_frame_uint(told(fx, CD_T_TEMPLATES, &count),
                                   CD_F_REVISION), 1);
    assert_int_equal(count, 1);

    save_text(fx, "", "b", "x");
    save_text(fx, "", "c", "x");
    assert_null(told(fx, CD_T_TEMPLATES, &count));
    assert_true(desk_deadline(fx->desk) <= fx->now
                                           + CD_LIMIT_TEMPLATES_TELL_MS);
    fx->now += CD_LIMIT_TEMPLATES_TELL_MS;
    desk_tick(fx->desk, fx->now, fx->changes);
    fixture_flush(fx);
    assert_int_equal(cd_frame_uint(told(fx, CD_T_TEMPLATES, &count),
                                   CD_F_REVISION), 3);

    agent_does(fx, CD_T_ONLINE, "ben", NULL);
    assert_non_null(told(fx, CD_T_TEMPLATES, &count));

    fx->now += CD_LIMIT_TEMPLATES_TELL_MS;
    assert_int_equal(desk_drop_template(fx->desk, "", "a", fx->now,
                                        fx->changes), CD_E_OK);
    fixture_flush(fx);
    told(fx, CD_T_TEMPLATES, &count);
    assert_int_equal(count, 2);
    assert_int_equal(desk_drop_template(fx->desk, "", "a", fx->now,
                                        fx->changes), CD_E_NO_TEMPLATE);
}


/* What was stored loads again and is the same. */

static void
test_stored(void **state)
{
    size_t                     i, stored = 0;
    struct desk               *twin = desk_new();
    struct fixture            *fx = *state;
    const char                *why = "", *choices[] = { "a", "b" };
    const char                *queues[] = { "sales", "support" };
    struct template           *template;
    struct template_refusal    refusal;
    struct locale_settings     all[] = {
        locale("en", "{{client.name}}"), locale("pt", "ol\xc3\xa1")
    };
    struct template_settings   settings = {
        "ana", "hi", "A <b>title</b>", "hi", queues, 2, all, 2
    };

    all[0].choices = choices;
    all[0].choice_count = 2;
    assert_int_equal(save(fx, &settings, &refusal), CD_E_OK);
    assert_int_equal(desk_configure(twin, &fixture_settings, &why), 0);

    for (i = 0; i < fx->ops.count; i++) {
        const struct op  *op = &fx->ops.list[i];
        char              kind[16], key[200];

        if (op->code == CHANGE_PUT) {
            snprintf(kind, sizeof(kind), "%.*s", (int) op->text[0].len,
                     op->text[0].data);
            snprintf(key, sizeof(key), "%.*s", (int) op->text[1].len,
                     op->text[1].data);
            assert_int_equal(desk_load(twin, kind, key, op->text[2].data,
                                       op->text[2].len, &why), 0);
            stored++;
        }
    }

    assert_int_equal(stored, 2);            /* and the desk's revision */
    assert_int_equal(twin->templates.revision, 1);
    template = templates_find(&twin->templates, "ana", "hi");
    assert_non_null(template);
    assert_string_equal(template->title, "A <b>title</b>");
    assert_string_equal(template->shortcut, "hi");
    assert_int_equal(template->queue_count, 2);
    assert_string_equal(template->queues[1].s, "support");
    assert_int_equal(template->locale_count, 2);
    assert_string_equal(template->locales[0].choices, "a\nb");
    assert_null(template->locales[1].choices);
    assert_true(cd_str_is(template_source(template->locales[1].text),
                          "ol\xc3\xa1"));
    desk_free(&twin);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        FIXTURE_TEST(test_filled_in),
        FIXTURE_TEST(test_custom),
        FIXTURE_TEST(test_languages),
        FIXTURE_TEST(test_choices_and_queues),
        FIXTURE_TEST(test_refused),
        FIXTURE_TEST(test_bounds),
        FIXTURE_TEST(test_told),
        FIXTURE_TEST(test_stored)
    };

    return cmocka_run_group_tests_name("core_templates", tests, NULL, NULL);
}
