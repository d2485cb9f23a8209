/*
 * /v1/flows/{id}/test: where would this visitor wait, and why?
 *
 * Purpose:    the test console.
 * Owner:      nothing.
 * Invariants: it asks what a `start` asks, by the same function, and changes
 *             nothing.
 */

#include "api/resources.h"

#include <stdio.h>

#include "core/admit.h"
#include "core/explain.h"
#include "core/state.h"
#include "core/text.h"


/* A text of the body, as a start would carry it; empty when it is missing. */

static struct cd_str
test_text(struct json_at *body, const char *name, unsigned field)
{
    struct json_at  at = json_member(body, name);

    return str_of(at.value != NULL
                  ? json_text(&at, cd_field_row(field)->max) : "");
}


/* {"topic": "order"} as it would travel, in `out`. */

static struct cd_str
test_answers(struct json_at *body, const char *name, char *out, size_t size)
{
    struct form     form;
    struct json_at  at, answers = json_member(body, name);

    form.count = 0;
    out[0] = '\0';

    if (answers.value == NULL) {
        return str_of("");
    }

    if (!json_object_is_type(answers.value, json_type_object)
        || json_object_object_length(answers.value) > FORM_FIELDS_MAX)
    {
        json_fault(&answers, "expected an object of at most %d answers",
                   FORM_FIELDS_MAX);
        return str_of("");
    }

    json_object_object_foreach(answers.value, key, value) {
        (void) value;
        at = json_member(&answers, key);
        form.answers[form.count].key = key;
        form.answers[form.count].value = json_text(&at, FORM_BYTES);
        form.count++;

        if (!form_key_ok(str_of(key))) {
            json_fault(&at, "expected a key of letters, digits, \"_\" and "
                       "\"-\"");
        }
    }

    if (form.count > 0 && form_encode(&form, out, size) == 0) {
        json_fault(&answers, "the answers take more than %d bytes",
                   FORM_BYTES);
    }

    return str_of(out);
}


/* Of an address what nginx tells of a visitor's: no query, no fragment. */

static struct cd_str
test_page(struct json_at *body)
{
    size_t         i;
    struct cd_str  page = test_text(body, "page", CD_F_PAGE);

    for (i = 0; i < page.len; i++) {
        if (page.data[i] == '?' || page.data[i] == '#') {
            page.len = i;
        }
    }

    return page;
}


static enum cd_error
test_body(struct api_call *call, struct admission *admission, char *answers,
    char *before, uint64_t *at_ms)
{
    struct json_at  at, body = api_body(call);
    static const char *const  names[] = {
        "?page", "?lang", "?text", "?form", "?known", "?queue", "?at", NULL
    };

    json_members(&body, names);
    admission->flow_id = str_of(call->param[0]);
    admission->page = test_page(&body);
    admission->lang = test_text(&body, "lang", CD_F_LANG);
    admission->text = test_text(&body, "text", CD_F_TEXT);
    admission->named = test_text(&body, "queue", CD_F_QUEUE);
    admission->answers = test_answers(&body, "form", answers,
                                      FORM_BYTES + 1);
    admission->before = test_answers(&body, "known", before, FORM_BYTES + 1);
    at = json_member(&body, "at");
    *at_ms = at.value != NULL
             ? json_whole(&at, 0, cd_field_row(CD_F_AT)->max)
             : call->on->now_ms;

    return api_body_fault(call);
}


static struct json_object *
test_rules(const struct flow *flow, const enum rule_verdict *verdicts)
{
    size_t               i;
    struct json_object  *list = json_object_new_array(), *item;

    for (i = 0; i < flow->settings.rule_count; i++) {
        item = json_object_new_object();
        api_put_text(item, "name", flow->settings.rules[i].name);
        api_put_bool(item, "holds", verdicts[i] == RULE_HOLDS);
        api_put_text(item, "why", rule_verdict_text(verdicts[i]));
        json_object_array_add(list, item);
    }

    return list;
}


/* What whoever takes it needs: the queue's skills and the rule's. */

static struct json_object *
test_skills(const struct skills *skills, const struct admission *admission)
{
    size_t               i;
    uint64_t             bits = admission->queue->skills;
    const char          *name;
    const struct rule   *rule = admission->route.rule;
    struct json_object  *list = json_object_new_array();

    if (rule != NULL) {
        bits |= skills_bits(skills, &rule->settings->skills);
    }

    for (i = 0; (name = skills_name(skills, bits, i)) != NULL; i++) {
        json_object_array_add(list, json_object_new_string(name));
    }

    return list;
}


static void
test_answer(struct json_object *answer, const struct admission *admission,
    const enum rule_verdict *verdicts)
{
    const char                   *greeting;
    const struct route           *route = &admission->route;
    const struct words_settings  *words;

    api_put_bool(answer, "admitted", admission->error == CD_E_OK);

    if (admission->error != CD_E_OK) {
        api_put_text(answer, "code", cd_error_row(admission->error)->code);
        api_put_text(answer, "field", admission->field);
    }

    words = flow_words(admission->flow, admission->lang.data);
    greeting = route->greeting != NULL ? route->greeting : words->greeting;

    if (greeting == NULL) {
        greeting = flow_words(admission->flow, NULL)->greeting;
    }

    api_put_bool(answer, "open", route->open);
    api_put_text(answer, "queue", admission->queue->id.s);
    api_put_text(answer, "by", explain_routed(admission->by));
    api_put_text(answer, "rule", route->rule != NULL
                                 ? route->rule->settings->name : NULL);
    api_put_whole(answer, "priority", route->priority);
    api_put_text(answer, "greeting", greeting);
    api_put(answer, "rules", test_rules(admission->flow, verdicts));
}


enum cd_error
flows_test(struct api_call *call)
{
    char               answers[FORM_BYTES + 1], before[FORM_BYTES + 1];
    uint64_t           at_ms;
    enum cd_error      error;
    struct admission   admission;
    enum rule_verdict  verdicts[FLOW_RULES_MAX];

    error = test_body(call, &admission, answers, before, &at_ms);
    if (error != CD_E_OK) {
        return error;
    }

    admit(call->on->desk, &admission, at_ms, verdicts);

    if (admission.flow == NULL) {
        return api_refuse(call, CD_E_NOT_FOUND, NULL,
                          "there is no \"%s\" among the flows",
                          call->param[0]);
    }

    if (api_answer(call) == NULL) {
        return api_no_memory(call);
    }

    test_answer(call->answer, &admission, verdicts);
    api_put(call->answer, "skills",
            test_skills(&call->on->desk->skills, &admission));

    return CD_E_OK;
}
