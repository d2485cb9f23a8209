/*
 * Settings: flows, from a channel to a queue.
 *
 *   {"id": "web", "name": "Website", "channel": "web", "queue": "general",
 *    "rules": [{"name": "cart", "page": "*cart*", "queue": "sales"}]}
 *
 * Purpose:    the list "flows".
 * Owner:      the array is the desk_file's; what is made of an object stands
 *             in the desk_file's keep.
 * Invariants: those of io/desk_kind.h; what a flow does not say is as with
 *             the built-in `web`.
 */

#include "io/desk_kind.h"

#include <stdlib.h>
#include <string.h>

#include "chatdesk_tables.h"

#include "core/flow.h"
#include "io/desk_form.h"
#include "io/desk_skills.h"

#define MINUTE_MS    60000ull
#define DAY_MINUTES     1440
#define DAY_SECONDS     86400
#define ABSENT_MINUTES  120     /* an hour away keeps the place */
#define GLOB_MAX     500


/* These give what is missing a default. */

static const char *
maybe_text(struct json_at *item, const char *name, size_t most)
{
    struct json_at  at = json_member(item, name);

    return at.value != NULL ? json_text(&at, most) : NULL;
}


static uint64_t
maybe_whole(struct json_at *item, const char *name, uint64_t most,
    uint64_t missing)
{
    struct json_at  at = json_member(item, name);

    return at.value != NULL ? json_whole(&at, 0, most) : missing;
}


static int
maybe_flag(struct json_at *item, const char *name, int missing)
{
    struct json_at  at = json_member(item, name);

    if (at.value == NULL) {
        return missing;
    }

    if (!json_object_is_type(at.value, json_type_boolean)) {
        json_fault(&at, "expected true or false");
    }

    return json_object_get_boolean(at.value);
}


/* The place of a word in a list; 0 and a fault for another one. */

static int
maybe_word(struct json_at *item, const char *name, const char *const *words,
    int missing)
{
    int             i;
    const char     *word;
    struct json_at  at = json_member(item, name);

    if (at.value == NULL) {
        return missing;
    }

    word = json_text(&at, 16);

    for (i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0) {
            return i;
        }
    }

    json_fault(&at, "expected %s or %s", words[0], words[1]);

    return 0;
}


/* An id of another list. */

static const char *
maybe_refer(struct json_at *item, const char *name,
    const struct desk_file *file, enum desk_kind_no kind, const char *what)
{
    struct json_at  at = json_member(item, name);

    return at.value != NULL ? desk_refer(&at, file, kind, what) : NULL;
}


static void
read_pattern(struct json_at *item, struct rule_settings *rule)
{
    char             why[200];
    struct json_at   at = json_member(item, "text");
    struct pattern  *pattern;

    if (at.value == NULL) {
        return;
    }

    rule->text = json_text(&at, PATTERN_POINTS);
    pattern = pattern_new(rule->text, why, sizeof(why));

    if (pattern == NULL) {
        json_fault(&at, "the pattern does not compile: %s", why);
    }

    pattern_free(&pattern);
}


static void
read_rule(struct json_at *item, struct rule_settings *rule,
    struct desk_file *file)
{
    struct json_at  at;
    static const char *const  hours[] = { "open", "closed", NULL };
    static const char *const  names[] = {
        "name", "?page", "?lang", "?field", "?value", "?text", "?hours",
        "?queue", "?priority", "?greeting", "?skills", NULL
    };

    json_members(item, names);
    at = json_member(item, "name");
    rule->name = json_text(&at, 80);
    rule->page = maybe_text(item, "page", GLOB_MAX);
    rule->lang = maybe_text(item, "lang", 35);
    rule->field = maybe_text(item, "field", FORM_KEY_MAX);
    rule->value = maybe_text(item, "value", GLOB_MAX);
    rule->greeting = maybe_text(item, "greeting",
                                cd_field_row(CD_F_GREETING)->max);
    rule->queue = maybe_refer(item, "queue", file, DESK_QUEUES, "queue");
    rule->priority = (unsigned) maybe_whole(item, "priority",
                                            FLOW_PRIORITY_MAX, 0);
    rule->hours = (enum rule_hours) (1 + maybe_word(item, "hours", hours,
                                                    -1));
    read_pattern(item, rule);
    desk_skills_read(item, file, &rule->skills);

    if ((rule->field != NULL) != (rule->value != NULL)) {
        json_fault(item, "\"field\" and \"value\" go together");
    }
}


static void
read_rules(struct json_at *item, struct flow_settings *flow,
    struct desk_file *file)
{
    size_t                 i, count;
    struct json_at         element, list = json_member(item, "rules");
    struct rule_settings  *rules;
    static const struct rule_settings  none[FLOW_RULES_MAX];

    count = list.value != NULL ? json_count(&list, 0, FLOW_RULES_MAX) : 0;
    rules = keep_array(&file->keep, none, count, sizeof(*rules));

    if (rules == NULL) {
        json_fault(item, "no memory");
        return;
    }

    for (i = 0; i < count; i++) {
        element = json_element(&list, i);
        read_rule(&element, &rules[i], file);
    }

    flow->rules = rules;
    flow->rule_count = count;
}


/* The end for silence counts from the reminder. */

static void
read_silence(struct json_at *item, struct flow_settings *flow)
{
    struct json_at  at = json_member(item, "end_seconds");

    flow->remind_ms = maybe_whole(item, "remind_seconds", DAY_SECONDS, 0)
                      * 1000;
    flow->end_ms = maybe_whole(item, "end_seconds", DAY_SECONDS, 0) * 1000;

    if (flow->end_ms != 0 && flow->remind_ms == 0) {
        json_fault(&at, "it counts from the reminder: expected "
                   "\"remind_seconds\" beside it");
    }
}


static void
read_timers(struct json_at *item, struct flow_settings *flow)
{
    uint64_t        most = CD_LIMIT_LONG_KEEP_MS / MINUTE_MS;
    struct json_at  at = json_member(item, "keep_minutes");
    static const char *const  continuations[] = { "new", "append", NULL };
    int             lasts = maybe_flag(item, "long_lived", 0);

    flow->append = maybe_word(item, "continuation", continuations, lasts);

    if (lasts && !flow->append) {
        json_fault(item, "a long-lived flow appends");
    }

    flow->keep_ms = lasts ? CD_LIMIT_LONG_KEEP_MS : CD_LIMIT_CLOSED_KEEP_MS;

    if (at.value != NULL) {
        flow->keep_ms = json_whole(&at, 1, lasts ? most : DAY_MINUTES)
                        * MINUTE_MS;
    }

    flow->janitor_ms = maybe_whole(item, "janitor_minutes", most, DAY_MINUTES)
                       * MINUTE_MS;
    flow->absent_ms = maybe_whole(item, "absent_minutes", DAY_MINUTES,
                                  ABSENT_MINUTES) * MINUTE_MS;
    read_silence(item, flow);
}


static int
flows_open(struct desk_file *file, size_t count)
{
    file->settings.flows = desk_rows(count, sizeof(struct flow_settings));
    file->settings.flow_count = file->settings.flows != NULL ? count : 0;

    return file->settings.flows != NULL ? 0 : -1;
}


static void
read_routing(struct json_at *item, struct flow_settings *flow,
    struct desk_file *file)
{
    struct json_at  at;
    static const char *const  closed[] = { "message", "hide", NULL };

    flow->queue = maybe_refer(item, "queue", file, DESK_QUEUES, "queue");
    flow->hours = maybe_refer(item, "hours", file, DESK_HOURS, "hours");
    flow->closed = (enum flow_closed) (1 + maybe_word(item, "closed", closed,
                                                      0));
    at = json_member(item, "priority");
    flow->priority = at.value != NULL
                     ? (unsigned) json_whole(&at, 1, FLOW_PRIORITY_MAX)
                     : FLOW_PRIORITY;
    read_rules(item, flow, file);
}


static void
flows_item(struct json_at *item, const char *id, struct desk_file *file,
    size_t i)
{
    struct json_at         at;
    struct flow_settings  *flow;
    static const char *const  names[] = {
        "id", "name", "channel", "?queue", "?priority", "?rules", "?form",
        "?texts", "?hours", "?closed", "?continuation", "?long_lived",
        "?keep_minutes", "?janitor_minutes", "?absent_minutes",
        "?remind_seconds",
        "?end_seconds", "?history_by_client", "?show_display_name", NULL
    };

    flow = (struct flow_settings *) &file->settings.flows[i];
    json_members(item, names);
    flow->id = id;
    at = json_member(item, "name");
    flow->name = json_text(&at, 80);
    at = json_member(item, "channel");
    flow->channel = json_word(&at, DESK_ID_BYTES, 16);
    read_routing(item, flow, file);
    read_timers(item, flow);
    flow->history_by_client = maybe_flag(item, "history_by_client", 0);
    flow->show_display_name = maybe_flag(item, "show_display_name", 1);
    desk_form_read(item, flow, &file->keep);

    if (keep_failed(&file->keep)) {
        json_fault(item, "no memory");
    }
}


static void
flows_close(struct desk_file *file)
{
    free((void *) file->settings.flows);
}


/* what flow_builtin() has, in this form */
const struct desk_kind  desk_kind_flows = {
    "flows", "id", DESK_ID_BYTES, 1, 0, 100,
    flows_open, flows_item, flows_close,
    "[{\"id\":\"web\",\"name\":\"Website\",\"channel\":\"web\"},"
    "{\"id\":\"sms\",\"name\":\"SMS\",\"channel\":\"sms\","
    "\"continuation\":\"append\",\"long_lived\":true,"
    "\"history_by_client\":true,\"janitor_minutes\":4320}]"
};
