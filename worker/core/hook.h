/*
 * Webhooks that are told of notices.
 *
 * Purpose:    which of them wants which kinds; where they are, and what signs
 *             for them, only the shell knows.
 * Owner:      the desk owns its list, which is replaced with the settings.
 * Invariants: in the order of the settings.
 */

#ifndef CHATDESK_CORE_HOOK_H
#define CHATDESK_CORE_HOOK_H

#include "core/desk.h"
#include "core/id.h"

struct hook {
    struct login  id;
    unsigned      types;        /* bits of the kinds */
    int           preview;      /* the text goes along */
};

struct hooks {
    struct hook  *rows;         /* owns */
    size_t        count;
};

/* From the settings; 0, or -1 with *why set. */
int hooks_plan(struct hooks *hooks, const struct desk_settings *settings,
    const char **why);

/* The desk's and the plan's, exchanged. */
void hooks_take(struct desk *desk, struct hooks *plan);
void hooks_free(struct hooks *hooks);

/* After loading, and after other settings: what waits for those that are no
   more goes. */
void hooks_look_all(struct desk *desk);

#endif /* CHATDESK_CORE_HOOK_H */
