/*
 * Flows made from the settings, and found; see flow.h.
 *
 * Purpose:    copies, references, the built-in ones.
 * Owner:      the desk.
 * Invariants: those of flow.h.
 */

#include "core/flow.h"

#include <stdlib.h>

#include "core/conversation.h"
#include "core/text.h"

#define HOUR_MS  3600000ull


static int
flow_compare(struct flow *a, struct flow *b)
{
    return strcmp(a->id.s, b->id.s);
}


TREE_GENERATE(flows, flow, link, flow_compare)


const struct flow_settings *
flow_builtin(size_t i)
{
    static const struct words_settings  words[] = { { .lang = "" } };
    static const struct flow_settings   builtin[] = {
        {
            .id = FLOW_DEFAULT, .name = "Website", .channel = "web",
            .priority = FLOW_PRIORITY, .words = words, .words_count = 1,
            .closed = FLOW_CLOSED_MESSAGE, .show_display_name = 1,
            .keep_ms = CD_LIMIT_CLOSED_KEEP_MS, .janitor_ms = 24 * HOUR_MS,
            .absent_ms = 2 * HOUR_MS
        },
        {
            .id = "sms", .name = "SMS", .channel = "sms",
            .priority = FLOW_PRIORITY, .words = words, .words_count = 1,
            .closed = FLOW_CLOSED_MESSAGE, .append = 1,
            .history_by_client = 1, .show_display_name = 1,
            .keep_ms = CD_LIMIT_LONG_KEEP_MS, .janitor_ms = 72 * HOUR_MS,
            .absent_ms = 2 * HOUR_MS
        }
    };

    return i < sizeof(builtin) / sizeof(builtin[0]) ? &builtin[i] : NULL;
}


static void
flow_free(struct flow *flow)
{
    size_t  i;

    for (i = 0; flow->rules != NULL && i < flow->settings.rule_count; i++) {
        pattern_free(&flow->rules[i].pattern);
    }

    free(flow->rules);
    keep_free(&flow->keep);
    free(flow);
}


static void
flow_keep_skills(struct keep *keep, struct skill_settings *skills)
{
    size_t        i;
    const char  **names;

    names = keep_array(keep, skills->names, skills->count, sizeof(*names));
    skills->names = names;

    for (i = 0; names != NULL && i < skills->count; i++) {
        names[i] = keep_text(keep, names[i]);
    }
}


static void
flow_keep_rule(struct keep *keep, struct rule_settings *rule)
{
    rule->name = keep_text(keep, rule->name);
    rule->page = keep_text(keep, rule->page);
    rule->lang = keep_text(keep, rule->lang);
    rule->field = keep_text(keep, rule->field);
    rule->value = keep_text(keep, rule->value);
    rule->text = keep_text(keep, rule->text);
    rule->queue = keep_text(keep, rule->queue);
    rule->greeting = keep_text(keep, rule->greeting);
    flow_keep_skills(keep, &rule->skills);
}


static void
flow_keep_field(struct keep *keep, struct field_settings *field)
{
    size_t        i;
    const char  **choices;

    field->key = keep_text(keep, field->key);
    choices = keep_array(keep, field->choices, field->choice_count,
                         sizeof(*choices));
    field->choices = choices;

    for (i = 0; choices != NULL && i < field->choice_count; i++) {
        choices[i] = keep_text(keep, choices[i]);
    }
}


static void
flow_keep_words(struct keep *keep, struct words_settings *words)
{
    words->lang = keep_text(keep, words->lang);
    words->greeting = keep_text(keep, words->greeting);
    words->offline = keep_text(keep, words->offline);
    words->reminder = keep_text(keep, words->reminder);
    words->ended = keep_text(keep, words->ended);
    words->form = keep_text(keep, words->form);
}


/* Replaces everything that the settings point to by copies. */

static int
flow_keep(struct flow *flow, const char **why)
{
    size_t                  i;
    struct keep            *keep = &flow->keep;
    struct rule_settings   *rules;
    struct field_settings  *fields;
    struct words_settings  *words;
    struct flow_settings   *own = &flow->settings;

    own->id = keep_text(keep, own->id);
    own->name = keep_text(keep, own->name);
    own->channel = keep_text(keep, own->channel);
    own->queue = keep_text(keep, own->queue);
    own->hours = keep_text(keep, own->hours);

    rules = keep_array(keep, own->rules, own->rule_count, sizeof(*rules));
    own->rules = rules;
    for (i = 0; rules != NULL && i < own->rule_count; i++) {
        flow_keep_rule(keep, &rules[i]);
    }

    fields = keep_array(keep, own->fields, own->field_count,
                        sizeof(*fields));
    own->fields = fields;
    for (i = 0; fields != NULL && i < own->field_count; i++) {
        flow_keep_field(keep, &fields[i]);
    }

    words = keep_array(keep, own->words, own->words_count, sizeof(*words));
    own->words = words;
    for (i = 0; words != NULL && i < own->words_count; i++) {
        flow_keep_words(keep, &words[i]);
    }

    if (keep_failed(keep)) {
        *why = "out of memory";
        return -1;
    }

    return 0;
}


static int
flow_bounds(const struct flow_settings *settings, const char **why)
{
    size_t  i;

    if (settings->rule_count > FLOW_RULES_MAX
        || settings->field_count > FORM_FIELDS_MAX
        || settings->words_count < 1 || settings->words_count > FLOW_WORDS_MAX
        || settings->words[0].lang[0] != '\0')
    {
        *why = "a flow has too many rules, fields or languages, or no words "
               "for any language";
        return -1;
    }

    for (i = 0; i < settings->rule_count; i++) {
        if (settings->rules[i].priority > FLOW_PRIORITY_MAX) {
            *why = "a rule's priority is not 1 to 9";
            return -1;
        }
    }

    if (settings->priority < 1 || settings->priority > FLOW_PRIORITY_MAX
        || settings->keep_ms < 1 || settings->keep_ms > CD_LIMIT_LONG_KEEP_MS)
    {
        *why = "a flow's priority is not 1 to 9, or its time to keep is not "
               "1 ms to 30 days";
        return -1;
    }

    if (settings->end_ms != 0 && settings->remind_ms == 0) {
        *why = "a flow ends silent chats without a reminder before";
        return -1;
    }

    return 0;
}


static int
flow_rule(struct flow *flow, struct queues *queues, size_t i,
    const char **why)
{
    char                         text[200];
    struct rule                 *rule = &flow->rules[i];
    const struct rule_settings  *settings = &flow->settings.rules[i];

    rule->settings = settings;

    if (settings->queue != NULL) {
        rule->queue = queue_find(queues, settings->queue);
        if (rule->queue == NULL) {
            *why = "a rule names a queue that there is not";
            return -1;
        }
    }

    if (settings->text != NULL) {
        rule->pattern = pattern_new(settings->text, text, sizeof(text));
        if (rule->pattern == NULL) {
            *why = "a rule's pattern does not compile";
            return -1;
        }
    }

    return 0;
}


/* What the settings name, looked up. */

static int
flow_refer(struct flow *flow, struct queues *queues,
    struct queue *default_queue, struct all_hours *hours, const char **why)
{
    size_t                       i;
    const struct flow_settings  *settings = &flow->settings;

    flow->queue = settings->queue != NULL
                  ? queue_find(queues, settings->queue) : default_queue;

    if (settings->hours != NULL) {
        flow->hours = hours_find(hours, settings->hours);
    }

    if (flow->queue == NULL
        || (settings->hours != NULL && flow->hours == NULL))
    {
        *why = "a flow names a queue or hours that there are not";
        return -1;
    }

    flow->rules = calloc(settings->rule_count + 1, sizeof(struct rule));
    if (flow->rules == NULL) {
        *why = "out of memory";
        return -1;
    }

    for (i = 0; i < settings->rule_count; i++) {
        if (flow_rule(flow, queues, i, why) != 0) {
            return -1;
        }
    }

    return 0;
}


struct flow *
flow_new(struct flows *flows, struct queues *queues,
    struct queue *default_queue, struct all_hours *hours,
    const struct flow_settings *settings, const char **why)
{
    struct flow  *flow;

    if (flow_bounds(settings, why) != 0) {
        return NULL;
    }

    flow = calloc(1, sizeof(struct flow));
    if (flow == NULL) {
        *why = "out of memory";
        return NULL;
    }

    keep_init(&flow->keep);
    flow->settings = *settings;

    if (flow_keep(flow, why) != 0
        || flow_refer(flow, queues, default_queue, hours, why) != 0)
    {
        flow_free(flow);
        return NULL;
    }

    if (login_set(&flow->id, str_of(settings->id)) != 0
        || RB_INSERT(flows, flows, flow) != NULL)
    {
        *why = "a flow's id is not valid or used twice";
        flow_free(flow);
        return NULL;
    }

    return flow;
}


void
flow_retarget(struct flow *flow)
{
    size_t  i;

    flow->queue = flow->queue->target;

    for (i = 0; i < flow->settings.rule_count; i++) {
        if (flow->rules[i].queue != NULL) {
            flow->rules[i].queue = flow->rules[i].queue->target;
        }
    }
}


void
flows_free(struct flows *flows)
{
    struct flow  *flow;

    while ((flow = RB_MIN(flows, flows)) != NULL) {
        RB_REMOVE(flows, flows, flow);
        flow_free(flow);
    }
}


struct flow *
flow_find(struct flows *flows, struct cd_str id)
{
    struct flow  probe;

    if (login_set(&probe.id, id) != 0) {
        return NULL;
    }

    return RB_FIND(flows, flows, &probe);
}


struct flow *
flow_first(struct flows *flows)
{
    return RB_MIN(flows, flows);
}


struct flow *
flow_next(struct flow *flow)
{
    return RB_NEXT(flows, NULL, flow);
}


enum channel
flow_channel(const struct flow *flow)
{
    return strcmp(flow->settings.channel, "web") == 0 ? CHANNEL_CHAT
                                                      : CHANNEL_MESSAGING;
}


int
flow_has_menus(const struct flow *flow)
{
    return strcmp(flow->settings.channel, "web") == 0
           || strcmp(flow->settings.channel,
                     channel_name(CHANNEL_MESSAGING)) == 0;
}


/* The words for just this language; NULL for none. */

static const struct words_settings *
flow_words_of(const struct flow *flow, const char *lang, size_t len)
{
    size_t                        i;
    const struct words_settings  *words = flow->settings.words;

    for (i = 1; i < flow->settings.words_count; i++) {
        if (strlen(words[i].lang) == len
            && memcmp(words[i].lang, lang, len) == 0)
        {
            return &words[i];
        }
    }

    return NULL;
}


const struct words_settings *
flow_words(const struct flow *flow, const char *lang)
{
    const struct words_settings  *words;

    if (lang == NULL) {
        return &flow->settings.words[0];
    }

    words = flow_words_of(flow, lang, strlen(lang));
    if (words == NULL) {
        words = flow_words_of(flow, lang, strcspn(lang, "-"));
    }

    return words != NULL ? words : &flow->settings.words[0];
}
