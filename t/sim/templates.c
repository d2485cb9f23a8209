/*
 * Templates that are saved and removed while the desk runs.
 *
 * Purpose:    one change, given to the core and its twin at once, as a
 *             request over REST would be; and what the desks must know then.
 * Owner:      struct sim; how often templates have changed is counted by
 *             what was stored of them.
 * Invariants: these, by the number that a violation is printed with:
 *
 *   S18 an agent who is connected is told the newest revision, at the latest
 *       when the time between two announcements has passed
 */

#include "sim.h"

#include <stdio.h>

#include "check.h"
#include "core/templates.h"

#define TEMPLATES  6

struct wanted {
    char  id[8];
    char  text[40];
    int   drop;
};


static void
change_one(struct sim *sim, const struct wanted *wanted, struct desk *desk,
    struct changes *changes)
{
    enum cd_error             error;
    struct locale_settings    locale = {
        "en", { wanted->text, strlen(wanted->text) }, NULL, 0
    };
    struct template_refusal   refusal;
    struct template_settings  settings = {
        "", wanted->id, wanted->id, "", NULL, 0, &locale, 1
    };

    error = wanted->drop
            ? desk_drop_template(desk, "", wanted->id, sim->now_ms, changes)
            : desk_put_template(desk, &settings, sim->now_ms, changes,
                                &refusal);

    if (error != CD_E_OK && !(wanted->drop && error == CD_E_NO_TEMPLATE)) {
        sim_fail(sim, "a template is refused: %s", refusal.why);
    }
}


void
sim_templates_change(struct sim *sim)
{
    struct wanted  wanted;

    wanted.drop = sim_chance(sim, 30);
    snprintf(wanted.id, sizeof(wanted.id), "t%u", sim_below(sim, TEMPLATES));
    snprintf(wanted.text, sizeof(wanted.text), "Hi {{client.name|%u}}",
             sim_below(sim, 3));

    change_one(sim, &wanted, sim->desk, sim->changes);

    if (sim->twin != NULL) {
        change_one(sim, &wanted, sim->twin, sim->twin_changes);
    }
}


int
sim_is_lost(struct sim *sim, const struct cd_frame *told)
{
    if (told->type == CD_T_TEMPLATES) {
        sim->templates_told_ms = sim->latest_ms;
    }

    return (told->type == CD_T_NOTICE && sim->fault == SIM_FAULT_LOST_NOTICE
            && sim_chance(sim, 10))
           || (told->type == CD_T_TEMPLATES
               && sim->fault == SIM_FAULT_LOST_TEMPLATES
               && sim_chance(sim, 10));
}


static int
is_there(const struct sim *sim, int agent)
{
    size_t  i;

    for (i = 0; i < sim->session_count; i++) {
        if (sim->sessions[i].applied && sim->sessions[i].is_agent
            && sim->sessions[i].person == agent)
        {
            return 1;
        }
    }

    return 0;
}


void
check_templates(struct sim *sim)
{
    int                   agent;
    uint64_t              told;
    struct sim_register  *shown;

    /* a session that was loaded is greeted when its entry is applied */
    if (!sim->batch_ticked || sim->log_applied != sim->log_count
        || sim->now_ms < sim->templates_told_ms + CD_LIMIT_TEMPLATES_TELL_MS)
    {
        return;
    }

    for (agent = 0; agent < SIM_AGENTS; agent++) {
        shown = sim_register_find(&sim->agents[agent].inbox, CD_T_TEMPLATES,
                                  "templates");
        told = shown != NULL ? cd_frame_uint(&shown->frame, CD_F_REVISION)
                             : 0;

        if (is_there(sim, agent) && told != sim->templates_changed) {
            sim_fail(sim, "S18: %s knows revision %llu of templates, not "
                     "%llu", sim->agents[agent].id,
                     (unsigned long long) told,
                     (unsigned long long) sim->templates_changed);
        }
    }
}
