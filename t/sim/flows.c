/*
 * Flows of the simulator: what is drawn, what visitors say of themselves,
 * and where the simple way of reading the rules would send them.
 *
 * Purpose:    judges routing, hours, reopening and the janitor without the
 *             code that is judged.
 * Owner:      struct sim.
 * Invariants: S21  who starts waits in the queue, and with the priority, that
 *                  the first rule says, or is refused as the flow says
 *             S22  nothing stays active longer than the janitor allows
 */

#include "sim.h"

#include <stdio.h>
#include <strings.h>

#define HOUR_MS  3600000ull
#define DAY_MS   (24 * HOUR_MS)

/* the fields of a start by which it is routed */
struct start_fields {
    struct cd_str page;
    struct cd_str lang;
    struct cd_str form;
    struct cd_str text;
};

const char *const  sim_flow_ids[SIM_FLOWS] = { "web", "post" };

static const struct rule_settings  sim_rules[SIM_RULES] = {
    { .name = "night", .hours = RULE_HOURS_CLOSED, .lang = "pt",
      .queue = "q0", .priority = 9 },
    { .name = "cart", .page = "https://shop/*", .queue = "q2",
      .priority = 1, .greeting = "Welcome" },
    { .name = "order", .field = "topic", .value = "order*", .priority = 2 },
    { .name = "angry", .text = "(?i)\\brefund", .queue = "q1" }
};

static const struct field_settings  sim_fields[1] = {
    { .key = "topic", .max = 20 }
};

static const struct words_settings  sim_words[2] = {
    { .lang = "" }, { .lang = "pt", .reminder = "Ainda ai?", .ended = "Fim" }
};


/* Eight hours of each day. */

static void
draw_hours(struct sim *sim)
{
    int  i;

    for (i = 0; i < SIM_DAYS; i++) {
        sim->intervals[i].from_ms = sim->now_ms + (uint64_t) i * DAY_MS
                                    + HOUR_MS;
        sim->intervals[i].to_ms = sim->intervals[i].from_ms + 8 * HOUR_MS;
    }

    sim->hours.id = "office";
    sim->hours.name = "Office";
    sim->hours.intervals = sim->intervals;
    sim->hours.count = SIM_DAYS;
}


/* Those of the second flow come and go: messaging; an item has none. */

enum channel
sim_channel(const struct sim_conv *conv)
{
    if (sim_is_item(conv)) {
        return CHANNEL_ITEM;
    }

    return conv->flow == 0 ? CHANNEL_CHAT : CHANNEL_MESSAGING;
}


/* Other rules and times, now or while the desk runs. */

void
sim_flows_draw(struct sim *sim)
{
    struct flow_settings  *flow = &sim->flow;

    flow->rule_count = sim_below(sim, SIM_RULES + 1);
    flow->janitor_ms = sim_chance(sim, 60) ? 60000 * (1 + sim_below(sim, 9))
                                           : 0;
    flow->remind_ms = sim_chance(sim, 50) ? 1000 * (1 + sim_below(sim, 60))
                                          : 0;
    flow->end_ms = sim_chance(sim, 70) && flow->remind_ms != 0 ? 20000 : 0;
    flow->absent_ms = sim_chance(sim, 60) ? 5000 * (1 + sim_below(sim, 20))
                                          : 0;
    sim->core_flows[0] = *flow;

    if (sim->fault == SIM_FAULT_JANITOR) {
        sim->core_flows[0].janitor_ms *= 2;
    }

    if (sim->fault == SIM_FAULT_ABSENT) {
        sim->core_flows[0].absent_ms *= 2;
    }

    sim->core_flows[1] = sim->core_flows[0];
    sim->core_flows[1].id = sim_flow_ids[1];
    sim->core_flows[1].channel = "sms";
}


void
sim_flows_init(struct sim *sim)
{
    int                    i;
    struct flow_settings  *flow = &sim->flow;

    draw_hours(sim);

    flow->id = sim_flow_ids[0];
    flow->name = "Web";
    flow->channel = "web";
    flow->priority = 5;
    flow->rules = sim->core_rules;
    sim->fields[0] = sim_fields[0];
    sim->fields[0].required = sim_chance(sim, 30);
    flow->fields = sim->fields;
    flow->field_count = 1;
    flow->words = sim_words;
    flow->words_count = 2;
    flow->hours = sim_chance(sim, 50) ? "office" : NULL;
    flow->closed = sim_chance(sim, 50) ? FLOW_CLOSED_HIDE
                                       : FLOW_CLOSED_MESSAGE;
    flow->append = sim_chance(sim, 50);
    flow->show_display_name = sim_chance(sim, 70);
    flow->keep_ms = sim_chance(sim, 50) ? CD_LIMIT_CLOSED_KEEP_MS : HOUR_MS;
    sim_flows_draw(sim);

    for (i = 0; i < SIM_RULES; i++) {
        sim->core_rules[i] = sim_rules[i];
        sim->core_rules[i].skills = sim_rule_skills[i];

        if (sim->fault == SIM_FAULT_RULE && sim_rules[i].queue != NULL) {
            sim->core_rules[i].queue = "q1";
        }
    }

    sim->settings.hours = &sim->hours;
    sim->settings.hours_count = 1;
    sim->settings.flows = sim->core_flows;
    sim->settings.flow_count = SIM_FLOWS;
}


static void
put(struct cd_frame *frame, unsigned field, const char *text)
{
    cd_frame_set_str(frame, field, text, strlen(text));
}


void
sim_flow_fill(struct sim *sim, struct cd_frame *frame, int visitor)
{
    static const char *const  pages[] = {
        "https://shop/cart", "https://blog/", "HTTPS://SHOP/"
    };
    static const char *const  langs[] = { "pt", "pt-BR", "en" };
    static const char *const  forms[] = {
        "topic=order+7", "topic=other", "colour=red", "%", ""
    };
    static const char *const  texts[] = { "I want a Refund!", "hello" };

    if (sim_chance(sim, 40)) {
        put(frame, CD_F_PAGE, pages[sim_below(sim, 3)]);
    }
    if (sim_chance(sim, 40)) {
        put(frame, CD_F_LANG, langs[sim_below(sim, 3)]);
    }
    if (sim_chance(sim, 60)) {
        put(frame, CD_F_FORM, forms[sim_below(sim, 5)]);
    }
    if (sim_chance(sim, 40)) {
        put(frame, CD_F_TEXT, texts[sim_below(sim, 2)]);
    }
    if (sim->knows[visitor][0] != '\0') {
        put(frame, CD_F_ANSWERS, sim->knows[visitor]);
    }
}


static int
is_open(const struct sim *sim)
{
    int  i;

    for (i = 0; sim->flow.hours != NULL && i < SIM_DAYS; i++) {
        if (sim->intervals[i].from_ms <= sim->now_ms
            && sim->now_ms < sim->intervals[i].to_ms)
        {
            return 1;
        }
    }

    return sim->flow.hours == NULL;
}


static int
begins(struct cd_str text, const char *with)
{
    return text.len >= strlen(with)
           && strncasecmp(text.data, with, strlen(with)) == 0;
}


/* Whether the i-th rule holds, the simple way. */

static int
holds(const struct start_fields *start, int open, unsigned i)
{
    static const char  refund[] = "I want a Refund!";

    switch (i) {
    case 0:
        return !open && begins(start->lang, "pt");
    case 1:
        return begins(start->page, "https://shop/");
    case 2:
        return begins(start->form, "topic=order");
    default:
        return begins(start->text, refund);
    }
}


/* The queue that the visitor's page has named; 1 for none. */

static int
named_queue(struct cd_str name)
{
    if (cd_str_is(name, "q0")) {
        return 0;
    }

    return cd_str_is(name, "q2") ? 2 : 1;
}


static void
route(struct sim *sim, struct sim_conv *conv,
    const struct start_fields *start, struct cd_str queue)
{
    unsigned  i;

    conv->priority = 5;
    conv->routed = named_queue(queue);

    for (i = 0; i < sim->flow.rule_count; i++) {
        if (holds(start, is_open(sim), i)) {
            if (sim_rules[i].queue != NULL) {
                conv->routed = sim_rules[i].queue[1] - '0';
            }
            if (sim_rules[i].priority != 0) {
                conv->priority = sim_rules[i].priority;
            }
            sim_skills_route(conv, (int) i);
            return;
        }
    }

    sim_skills_route(conv, -1);
}


static int
sim_conv_is(struct sim_conv *conv, const char *phase)
{
    struct sim_register  *reg;

    reg = sim_register_find(&conv->side_d, CD_T_PHASE, "phase");

    return reg != NULL && cd_str_is(cd_frame_str(&reg->frame, CD_F_PHASE),
                                    phase);
}


/* A start was applied: what must have come of it. */

void
sim_flow_note(struct sim *sim, struct sim_conv *conv,
    const struct cd_frame *frame)
{
    struct start_fields  start = {
        cd_frame_str(frame, CD_F_PAGE), cd_frame_str(frame, CD_F_LANG),
        cd_frame_str(frame, CD_F_FORM), cd_frame_str(frame, CD_F_TEXT)
    };

    /* a message was first, and it waits already */
    if (conv->pending && !sim_conv_is(conv, "closed")) {
        conv->pending = 0;
        return;
    }

    conv->noted = 1;
    conv->again = conv->pending;
    conv->old_priority = conv->priority;
    conv->pending = 0;
    conv->started_ms = sim->now_ms;
    conv->active_ms = sim->now_ms;

    /* an answer that was given before counts unless another one comes */
    conv->refused = begins(start.form, "colour") || begins(start.form, "%");

    if (!conv->refused && start.form.len == 0) {
        start.form = cd_frame_str(frame, CD_F_ANSWERS);
    }

    conv->refused |= sim->fields[0].required && start.form.len == 0;
    conv->refused |= !is_open(sim) && sim->flow.closed == FLOW_CLOSED_HIDE;

    if (!conv->refused) {
        /* a new interaction counts what is to come */
        conv->first = conv->applied;
        conv->loose = 0;
        route(sim, conv, &start, cd_frame_str(frame, CD_F_QUEUE));
    }
}


/* Where it is, when a start was all there was. */

static void
check_route(struct sim *sim, struct sim_conv *conv)
{
    const char           *queue = sim->queues[conv->routed].name;
    struct sim_register  *reg;

    reg = sim_register_find(&conv->side_d, CD_T_PHASE, "phase");

    if (reg == NULL || !cd_str_is(cd_frame_str(&reg->frame, CD_F_QUEUE),
                                  queue))
    {
        sim_fail(sim, "S21: %s waits in another queue than %s", conv->id,
                 queue);
    }
}


/* Whether words pick there, as Redis is told; 0 when that is not it. */

int
sim_conv_plain(struct sim_conv *conv, const struct op *op)
{
    if (conv == NULL || !cd_str_is(op->text[1], "p")) {
        return 0;
    }

    conv->plain = op->code == CHANGE_CONV_SET;

    return 1;
}


/* When the place of a visitor who has left is lost; 0: it is kept. */

static uint64_t
place_until(const struct sim *sim, const struct sim_conv *conv)
{
    uint64_t  since = sim->visitors[conv->visitor].absent_ms;

    if (sim_channel(conv) != CHANNEL_CHAT || conv->offline || since == 0
        || sim->flow.absent_ms == 0)
    {
        return 0;
    }

    return (since > conv->active_ms ? since : conv->active_ms)
           + sim->flow.absent_ms;
}


static int
in_line(const char *phase)
{
    return strcmp(phase, "waiting") == 0 || strcmp(phase, "offered") == 0;
}


/* Nobody loses a place too early. */

void
sim_flow_ended(struct sim *sim, const struct sim_conv *conv,
    const struct cd_frame *event)
{
    uint64_t  until = place_until(sim, conv);

    if (cd_str_is(cd_frame_str(event, CD_F_WHY), "gone")
        && (until == 0 || sim->now_ms < until))
    {
        sim_fail(sim, "S22: %s ends because its visitor has gone, too early",
                 conv->id);
    }
}


void
sim_flow_check(struct sim *sim, struct sim_conv *conv, const char *phase)
{
    uint64_t  until = place_until(sim, conv);

    sim_skills_check(sim, conv);

    /* what came back in this batch is seen by the next tick */
    if (in_line(phase) && in_line(conv->was) && sim->batch_ticked
        && until != 0 && sim->now_ms >= until)
    {
        sim_fail(sim, "S22: %s still waits, and its visitor has gone",
                 conv->id);
    }

    if (conv->noted && !conv->refused && sim->batch_entries == 1) {
        check_route(sim, conv);

        if (conv->plain != (conv->flow == 1)) {
            sim_fail(sim, "S21: %s came by a flow %s menus", conv->id,
                     conv->plain ? "with" : "without");
        }
    }

    if (strcmp(phase, "active") == 0 && sim->batch_ticked
        && !sim_is_item(conv)
        && sim->flow.janitor_ms != 0
        && sim->now_ms >= conv->active_ms + sim->flow.janitor_ms)
    {
        sim_fail(sim, "S22: %s is active after the janitor's time",
                 conv->id);
    }
}
