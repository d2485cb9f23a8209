/*
 * Webhooks; see hook.h.
 *
 * Purpose:    the list, made and exchanged.
 * Owner:      the desk.
 * Invariants: those of hook.h.
 */

#include "core/hook.h"

#include <stdlib.h>

#include "core/outbox.h"
#include "core/state.h"


int
hooks_plan(struct hooks *hooks, const struct desk_settings *settings,
    const char **why)
{
    size_t        i;
    struct hook  *hook;

    hooks->rows = calloc(settings->hook_count + 1, sizeof(*hooks->rows));

    if (hooks->rows == NULL) {
        *why = "out of memory";
        return -1;
    }

    for (i = 0; i < settings->hook_count; i++) {
        hook = &hooks->rows[hooks->count++];
        hook->types = settings->hooks[i].types;
        hook->preview = settings->hooks[i].preview;

        if (login_set(&hook->id, str_of(settings->hooks[i].id)) != 0) {
            *why = "a webhook's id is not valid";
            return -1;
        }
    }

    return 0;
}


void
hooks_take(struct desk *desk, struct hooks *plan)
{
    struct hooks  old = desk->hooks;

    desk->hooks = *plan;
    *plan = old;
}


void
hooks_free(struct hooks *hooks)
{
    free(hooks->rows);
    hooks->rows = NULL;
    hooks->count = 0;
}


static int
hook_is_there(const struct hooks *hooks, const char *id)
{
    size_t  i;

    for (i = 0; i < hooks->count; i++) {
        if (strcmp(hooks->rows[i].id.s, id) == 0) {
            return 1;
        }
    }

    return 0;
}


void
hooks_look_all(struct desk *desk)
{
    const struct outbox_job  *job, *next;

    for (job = desk_outbox_first(desk); job != NULL; job = next) {
        next = desk_outbox_next(job);

        if (job->kind == OUTBOX_HOOK
            && !hook_is_there(&desk->hooks, job->target))
        {
            outbox_drop(desk, OUTBOX_HOOK, job->agent, job->target,
                        job->about);
        }
    }
}
