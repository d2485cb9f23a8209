/*
 * Who may do what.
 *
 * Purpose:    the rank that a verb takes, and the buttons of a profile.
 * Owner:      constant.
 * Invariants: a profile that lists no buttons allows all of them; it narrows
 *             what a rank may do, and adds nothing to it; what the
 *             message path does (text, private or not, files) is not decided
 *             here: its buttons are for the screen.
 */

#ifndef CHATDESK_CORE_RIGHTS_H
#define CHATDESK_CORE_RIGHTS_H

#include "chatdesk_wire.h"

struct agent;
struct profile;
struct profile_settings;

enum rank {
    RANK_AGENT = 0,
    RANK_SUPERVISOR = 1,
    RANK_ADMIN = 2
};

enum button {
    BUTTON_ATTACH,
    BUTTON_INVITE,
    BUTTON_TRANSFER,
    BUTTON_TEMPLATE,
    BUTTON_PRIVATE,
    BUTTON_END,
    BUTTON_HAND,
    BUTTON_MONITOR,             /* from here on: only supervisors have them */
    BUTTON_BARGE,
    BUTTON_TAKEOVER,
    BUTTON_RECORDS,             /* of those without a part in them */
    BUTTONS_MAX
};

/* BUTTONS_MAX for a name that there is not. */
enum button button_named(const char *name);

/* The rank behind a role of the settings; an agent's for a word unknown. */
enum rank rank_of(const char *role);

/* Reads the settings' list; 0; -1 for memory, or a button unknown. */
int rights_set_buttons(struct profile *profile,
    const struct profile_settings *settings);

int rights_button(const struct agent *agent, enum button button);

/* As `me` tells it: what profile and rank allow. */
struct cd_str rights_buttons(const struct agent *agent);
int rights_rank(const struct agent *agent, enum rank least);

#endif /* CHATDESK_CORE_RIGHTS_H */
