/*
 * The walk over a flow's rules; see rule.h.
 *
 * Purpose:    try each condition of each rule.
 * Owner:      nothing.
 * Invariants: those of rule.h.
 */

#include "core/rule.h"

#include "core/glob.h"


const char *
rule_verdict_text(enum rule_verdict verdict)
{
    static const char *const  texts[] = {
        "holds",
        "the page is another one",
        "the language is another one",
        "the answer in the form is missing or another one",
        "the text does not fit",
        "the text took the pattern to its limit, which counts as no match",
        "the hours are not so",
        "not looked at: an earlier rule holds"
    };

    return texts[verdict];
}


static char
rule_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}


/* "pt" holds for "pt" and "PT-br", not for "ptx". */

static int
rule_lang(const char *wanted, struct cd_str lang)
{
    size_t  i, len = strlen(wanted);

    if (lang.len < len || (lang.len > len && lang.data[len] != '-')) {
        return 0;
    }

    for (i = 0; i < len; i++) {
        if (rule_fold(wanted[i]) != rule_fold(lang.data[i])) {
            return 0;
        }
    }

    return 1;
}


static enum rule_verdict
rule_text(struct rule *rule, const struct visit *visit)
{
    size_t              i;
    enum pattern_found  found;

    found = pattern_match(rule->pattern, visit->text);

    for (i = 0; i < visit->form->count && found == PATTERN_NO; i++) {
        found = pattern_match(rule->pattern,
                              str_of(visit->form->answers[i].value));
    }

    if (found == PATTERN_LIMIT) {
        rule->limits++;
        return RULE_GAVE_UP;
    }

    return found == PATTERN_YES ? RULE_HOLDS : RULE_NOT_TEXT;
}


/* The text comes last: it costs most. */

static enum rule_verdict
rule_try(struct rule *rule, const struct visit *visit, int open)
{
    const char                  *value;
    const struct rule_settings  *settings = rule->settings;

    if (settings->hours != RULE_HOURS_ANY
        && (settings->hours == RULE_HOURS_OPEN) != open)
    {
        return RULE_NOT_HOURS;
    }

    if (settings->page != NULL && !glob_match(settings->page, visit->page)) {
        return RULE_NOT_PAGE;
    }

    if (settings->lang != NULL && !rule_lang(settings->lang, visit->lang)) {
        return RULE_NOT_LANG;
    }

    if (settings->field != NULL) {
        value = form_value(visit->form, settings->field);

        if (value == NULL || !glob_match(settings->value, str_of(value))) {
            return RULE_NOT_FIELD;
        }
    }

    return rule->pattern != NULL ? rule_text(rule, visit) : RULE_HOLDS;
}


static void
rule_apply(struct route *route, const struct rule *rule)
{
    route->rule = rule;

    if (rule->queue != NULL) {
        route->queue = rule->queue;
    }

    if (rule->settings->priority != 0) {
        route->priority = rule->settings->priority;
    }

    route->greeting = rule->settings->greeting;
}


void
rule_route(struct flow *flow, const struct visit *visit, struct route *route,
    enum rule_verdict *verdicts)
{
    size_t             i;
    enum rule_verdict  verdict;

    route->rule = NULL;
    route->queue = flow->queue;
    route->priority = flow->settings.priority;
    route->greeting = NULL;
    route->open = hours_open(flow->hours, visit->now_ms);

    for (i = 0; i < flow->settings.rule_count; i++) {
        verdict = route->rule != NULL
                  ? RULE_NOT_ASKED
                  : rule_try(&flow->rules[i], visit, route->open);

        if (verdict == RULE_HOLDS) {
            rule_apply(route, &flow->rules[i]);
        }

        if (verdicts != NULL) {
            verdicts[i] = verdict;

        } else if (route->rule != NULL) {
            return;
        }
    }
}
