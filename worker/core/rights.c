/*
 * Who may do what; see rights.h.
 *
 * Purpose:    words to numbers, and the two questions.
 * Owner:      nothing.
 * Invariants: somebody who is in no settings any more may finish what is at
 *             hand, and has no rank.
 */

#include "core/rights.h"

#include "core/agent.h"
#include "core/lister.h"

static const char *const  button_names[BUTTONS_MAX] = {
    "attach", "invite", "transfer", "template", "private", "end", "hand",
    "monitor", "barge", "takeover", "records"
};


enum rank
rank_of(const char *role)
{
    if (strcmp(role, "admin") == 0) {
        return RANK_ADMIN;
    }

    return strcmp(role, "supervisor") == 0 ? RANK_SUPERVISOR : RANK_AGENT;
}


enum button
button_named(const char *name)
{
    unsigned  i;

    for (i = 0; i < BUTTONS_MAX && strcmp(name, button_names[i]) != 0; i++) {
        /* looks on */
    }

    return (enum button) i;
}


int
rights_set_buttons(struct profile *profile,
    const struct profile_settings *settings)
{
    size_t         i;
    enum button    button;
    struct lister  list = { NULL, 0, 0 };

    profile->buttons = settings->buttons == NULL ? (1u << BUTTONS_MAX) - 1
                                                 : 0;

    for (i = 0; settings->buttons != NULL && i < settings->button_count; i++)
    {
        button = button_named(settings->buttons[i]);
        if (button == BUTTONS_MAX) {
            return -1;
        }

        profile->buttons |= 1u << button;
    }

    for (i = 0; i < BUTTONS_MAX; i++) {
        if (i == BUTTON_MONITOR) {
            profile->buttons_len = list.len;
        }

        if (profile->buttons & (1u << i)) {
            lister_add(&list, button_names[i], NULL);
        }
    }

    return lister_end(&list, &profile->buttons_text,
                      cd_field_row(CD_F_BUTTONS)->max);
}


int
rights_button(const struct agent *agent, enum button button)
{
    return agent->profile == NULL
           || (agent->profile->buttons & (1u << button)) != 0;
}


struct cd_str
rights_buttons(const struct agent *agent)
{
    const struct profile  *profile = agent->profile;
    struct cd_str          text = { profile->buttons_text, 0 };

    if (profile->buttons_text != NULL) {
        text.len = rights_rank(agent, RANK_SUPERVISOR)
                   ? strlen(profile->buttons_text) : profile->buttons_len;
    }

    return text;
}


int
rights_rank(const struct agent *agent, enum rank least)
{
    return agent->profile != NULL && agent->rank >= least;
}
