/*
 * Settings of the life of conversations; see desk_life.h.
 *
 * Purpose:    from members of the document to members of the settings.
 * Owner:      see desk_life.h.
 * Invariants: those of desk_file.h.
 */

#include "io/desk_life.h"

#include <stdlib.h>
#include <string.h>

#include "chatdesk_tables.h"

#define ID_BYTES    "abcdefghijklmnopqrstuvwxyz"                              \
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define ID_MAX      32
#define WORD_POINTS 80
#define SECONDS_MAX 3600
#define LIMIT_MAX   100
#define DAY_SECONDS 86400


/* A name that may stand in a list of "id=name, ...". */

static const char *
life_name(struct json_at *item)
{
    struct json_at  at = json_member(item, "name");
    const char     *name = json_text(&at, WORD_POINTS);

    if (strpbrk(name, ",=") != NULL) {
        json_fault(&at, "expected a name without \",\" and \"=\"");
    }

    return name;
}


/* The id of an object in a list that is no kind of its own, where no earlier
   one may have it. */

static const char *
life_id(struct json_at *list, size_t i)
{
    size_t                j;
    const char           *id;
    struct json_at        item = json_element(list, i);
    struct json_at        at = json_member(&item, "id");
    struct json_object   *other = NULL;

    id = json_word(&at, ID_BYTES, ID_MAX);

    for (j = 0; j < i; j++) {
        if (json_object_object_get_ex(
                json_object_array_get_idx(list->value, j), "id", &other)
            && json_object_equal(other, at.value))
        {
            json_fault(&at, "\"%s\" is there twice", id);
        }
    }

    return id;
}


/* The id of one of the desk's own states: another than those that every desk
   has. */

static const char *
life_state(struct json_at *list, size_t i)
{
    unsigned        state;
    const char     *id = life_id(list, i);
    struct json_at  item = json_element(list, i);
    struct json_at  at = json_member(&item, "id");

    for (state = 1; state < CD_PRESENCES_MAX; state++) {
        if (strcmp(cd_presence_name(state), id) == 0) {
            json_fault(&at, "\"%s\" is a state that every desk has", id);
        }
    }

    return id;
}


/* Milliseconds; 0 when the member is missing. */

static uint64_t
life_seconds(struct json_at *item, const char *name, uint64_t most)
{
    struct json_at  at = json_member(item, name);

    return at.value != NULL ? json_whole(&at, 0, most) * 1000 : 0;
}


/* An array of `count` rows; NULL for none, or for memory and a fault. */

static void *
life_rows(struct json_at *at, size_t count, size_t size)
{
    void  *rows = count > 0 ? calloc(count, size) : NULL;

    if (rows == NULL && count > 0) {
        json_fault(at, "no memory");
    }

    return rows;
}


void
desk_life_queue(struct json_at *item, struct queue_settings *queue)
{
    size_t                        i, count = 0;
    struct json_at                one;
    struct json_at                list = json_member(item, "dispositions");
    struct disposition_settings  *row;
    static const char *const      names[] = { "id", "name", NULL };

    queue->wrapup_ms = life_seconds(item, "wrapup_seconds", SECONDS_MAX);

    if (list.value != NULL) {
        count = json_count(&list, 0, DESK_DISPOSITIONS_MAX);
    }

    row = life_rows(&list, count, sizeof(*row));
    queue->dispositions = row;
    queue->disposition_count = row != NULL ? count : 0;

    for (i = 0; i < queue->disposition_count; i++, row++) {
        one = json_element(&list, i);
        json_members(&one, names);
        row->id = life_id(&list, i);
        row->name = life_name(&one);
    }
}


/* A list of at least so many channels, as bits. */

static unsigned
life_channels(struct json_at *list, size_t least)
{
    size_t          i, count;
    unsigned        takes = 0;
    enum channel    channel;
    const char     *word;
    struct json_at  at;

    count = json_count(list, least, CHANNELS_MAX);

    for (i = 0; i < count; i++) {
        at = json_element(list, i);
        word = json_word(&at, ID_BYTES, ID_MAX);
        channel = channel_named((struct cd_str) { word, strlen(word) });

        if (channel == CHANNELS_MAX) {
            json_fault(&at, "expected chat, messaging or item");
        } else {
            takes |= 1u << channel;
        }
    }

    return takes;
}


static void
life_capacities(struct json_at *item, struct profile_settings *profile)
{
    unsigned                  i;
    struct json_at            at;
    struct json_at            map = json_member(item, "capacity_by_channel");
    static const char *const  names[] = {
        "?chat", "?messaging", "?item", NULL
    };

    if (map.value == NULL || json_members(&map, names) != 0) {
        return;
    }

    for (i = 0; i < CHANNELS_MAX; i++) {
        at = json_member(&map, channel_name((enum channel) i));

        if (at.value != NULL) {
            profile->channel_capacity[i] = (unsigned) json_whole(&at, 1,
                cd_field_row(CD_F_CAPACITY)->max);
        }
    }
}


void
desk_life_profile(struct json_at *item, struct profile_settings *profile)
{
    size_t          i, count;
    const char    **row;
    struct json_at  at, list = json_member(item, "buttons");
    struct json_at  missed = json_member(item, "missed_limit");
    struct json_at  channels = json_member(item, "channels");

    life_capacities(item, profile);
    profile->channels = channels.value != NULL ? life_channels(&channels, 1)
                                               : 0;
    profile->idle_ms = life_seconds(item, "idle_seconds", DAY_SECONDS);

    profile->missed_limit = (unsigned) (missed.value != NULL
                                        ? json_whole(&missed, 0, LIMIT_MAX)
                                        : CD_LIMIT_MISSED);

    if (list.value == NULL) {
        return;
    }

    /* of none at all, too: that is another thing than no list */
    count = json_count(&list, 0, BUTTONS_MAX);
    row = life_rows(&list, count + 1, sizeof(*row));
    profile->buttons = row;
    profile->button_count = row != NULL ? count : 0;

    for (i = 0; i < profile->button_count; i++) {
        at = json_element(&list, i);
        row[i] = json_word(&at, ID_BYTES, ID_MAX);

        if (button_named(row[i]) == BUTTONS_MAX) {
            json_fault(&at, "there is no button \"%s\"", row[i]);
        }
    }
}


void
desk_life_desk(struct json_at *root, struct desk_settings *settings)
{
    size_t                     i, count = 0;
    struct json_at             at, one, list = json_member(root, "states");
    struct presence_settings  *row;
    static const char *const   names[] = { "id", "name", "channels", NULL };

    at = json_member(root, "grace_seconds");
    settings->grace_ms = at.value != NULL
                         ? json_whole(&at, 0, SECONDS_MAX) * 1000
                         : CD_LIMIT_GRACE_MS;

    if (list.value != NULL) {
        count = json_count(&list, 0, DESK_STATES_MAX);
    }

    row = life_rows(&list, count, sizeof(*row));
    settings->presences = row;
    settings->presence_count = row != NULL ? count : 0;

    for (i = 0; i < settings->presence_count; i++, row++) {
        one = json_element(&list, i);
        json_members(&one, names);
        row->id = life_state(&list, i);
        row->name = life_name(&one);
        at = json_member(&one, "channels");
        row->takes = life_channels(&at, 0);
    }
}


void
desk_life_free(struct desk_settings *settings)
{
    size_t  i;

    for (i = 0; i < settings->queue_count; i++) {
        free((void *) settings->queues[i].dispositions);
    }

    for (i = 0; i < settings->profile_count; i++) {
        free(settings->profiles[i].buttons);
    }

    free((void *) settings->presences);
}
