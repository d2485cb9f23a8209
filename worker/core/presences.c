/*
 * Presence states of the settings; see presences.h.
 *
 * Purpose:    from the settings to the list and to the text that `me` shows.
 * Owner:      the desk.
 * Invariants: those of presences.h.
 */

#include "core/presences.h"

#include <stdlib.h>

#include "core/lister.h"
#include "core/presence.h"
#include "core/state.h"
#include "core/text.h"

#define NAME_MAX_POINTS  80


static int
presence_is_taken(const struct desk *desk, const char *id)
{
    size_t    i;
    unsigned  state;

    for (state = 1; state < CD_PRESENCES_MAX; state++) {
        if (strcmp(cd_presence_name(state), id) == 0) {
            return 1;
        }
    }

    for (i = 0; i < desk->presence_count; i++) {
        if (strcmp(desk->presences[i].id.s, id) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
presence_add(struct desk *desk, const struct presence_settings *settings)
{
    struct own_presence  *own = &desk->presences[desk->presence_count];

    if (login_set(&own->id, str_of(settings->id)) != 0
        || presence_is_taken(desk, own->id.s)
        || text_set(&own->name, str_of(settings->name), NAME_MAX_POINTS) != 0
        || own->name == NULL || strpbrk(own->name, ",=") != NULL
        || (settings->takes & ~CHANNELS_ALL) != 0)
    {
        free(own->name);
        own->name = NULL;
        return -1;
    }

    own->takes = settings->takes;
    desk->presence_count++;

    return 0;
}


static int
presences_text(struct desk *desk)
{
    size_t         i;
    unsigned       state;
    struct lister  list = { NULL, 0, 0 };

    for (state = 1; state < CD_PRESENCES_MAX; state++) {
        if (state != CD_PRESENCE_OFFLINE) {
            lister_add(&list, cd_presence_name(state), NULL);
        }
    }

    for (i = 0; i < desk->presence_count; i++) {
        lister_add(&list, desk->presences[i].id.s, desk->presences[i].name);
    }

    return lister_end(&list, &desk->presences_text,
                      cd_field_row(CD_F_STATES)->max);
}


int
presences_configure(struct desk *desk, const struct desk_settings *settings,
    const char **why)
{
    size_t  i;

    if (settings->presence_count > 0) {
        desk->presences = calloc(settings->presence_count,
                                 sizeof(struct own_presence));

        if (desk->presences == NULL) {
            *why = "out of memory";
            return -1;
        }
    }

    for (i = 0; i < settings->presence_count; i++) {
        if (presence_add(desk, &settings->presences[i]) != 0) {
            *why = "a presence state's id or name is not valid or used "
                   "twice, or it takes a channel that there is not";
            return -1;
        }
    }

    if (presences_text(desk) != 0) {
        *why = "out of memory";
        return -1;
    }

    return 0;
}


void
presences_free(struct desk *desk)
{
    while (desk->presence_count > 0) {
        free(desk->presences[--desk->presence_count].name);
    }

    free(desk->presences);
    free(desk->presences_text);
    desk->presences = NULL;
    desk->presences_text = NULL;
}


int
presences_find(struct desk *desk, struct agent *agent, struct cd_str id)
{
    if (presence_set_own(desk, agent, id) == 0) {
        return 0;
    }

    agent->state = CD_PRESENCE_AWAY;
    agent->missed = 0;
    agent->why = WHY_STATE_GONE;

    return -1;
}
