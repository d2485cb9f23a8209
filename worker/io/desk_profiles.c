/*
 * Settings: profiles.
 *
 *   {"id": "front", "name": "Front desk", "capacity": 4,
 *    "queues": ["general", "sales"]}
 *
 * Purpose:    the list "profiles".
 * Owner:      the array, and the arrays of queues, are the desk_file's.
 * Invariants: those of io/desk_kind.h.
 */

#include "io/desk_kind.h"
#include "io/desk_life.h"
#include "io/desk_notify.h"

#include <stdlib.h>
#include <string.h>

#include "chatdesk_tables.h"

#include "core/text.h"


static int
profiles_open(struct desk_file *file, size_t count)
{
    file->settings.profiles = desk_rows(count,
                                        sizeof(struct profile_settings));
    file->settings.profile_count = file->settings.profiles != NULL ? count
                                                                   : 0;

    return file->settings.profiles != NULL ? 0 : -1;
}


/* What `me` shows of them is one text, which must have them all. */

static void
profile_names(struct json_at *list, const struct profile_settings *profile,
    const struct desk_file *file)
{
    size_t       i, place, points = 0, most = cd_field_row(CD_F_QUEUES)->max;
    const char  *name;

    /* after a fault not all queues have been read */
    for (i = 0; i < profile->queue_count && list->fault->text[0] == '\0';
         i++)
    {
        if (desk_file_place(file, DESK_QUEUES, profile->queues[i], &place)
            == 0)
        {
            name = file->settings.queues[place].name;
            points += text_points(name, strlen(name)) + (i > 0 ? 2 : 0);
        }
    }

    if (points > most) {
        json_fault(list, "the names of these queues are %zu characters, with "
                   "\", \" between them; expected at most %zu", points,
                   most);
    }
}


static void
profile_queues(struct json_at *item, struct profile_settings *profile,
    const struct desk_file *file)
{
    size_t          i, j;
    struct json_at  at, list = json_member(item, "queues");

    profile->queue_count = json_count(&list, 1,
                                      cd_field_row(CD_F_QUEUE_IDS)->max);
    profile->queues = desk_rows(profile->queue_count,
                                sizeof(*profile->queues));

    if (profile->queues == NULL) {
        profile->queue_count = 0;
        json_fault(&list, "no memory");
        return;
    }

    for (i = 0; i < profile->queue_count; i++) {
        at = json_element(&list, i);
        profile->queues[i] = desk_refer(&at, file, DESK_QUEUES, "queue");

        for (j = 0; j < i; j++) {
            if (strcmp(profile->queues[i], profile->queues[j]) == 0) {
                json_fault(&at, "\"%s\" is there twice", profile->queues[i]);
            }
        }
    }

    profile_names(&list, profile, file);
}


static void
profiles_item(struct json_at *item, const char *id, struct desk_file *file,
    size_t i)
{
    struct json_at            at;
    struct profile_settings  *profile;
    static const char *const  names[] = {
        "id", "name", "capacity", "queues", "?notify", DESK_LIFE_PROFILE,
        NULL
    };

    profile = (struct profile_settings *) &file->settings.profiles[i];
    json_members(item, names);
    profile->id = id;
    at = json_member(item, "name");
    profile->name = json_text(&at, cd_field_row(CD_F_PROFILE)->max);
    at = json_member(item, "capacity");
    profile->capacity = (unsigned) json_whole(&at, 1,
        cd_field_row(CD_F_CAPACITY)->max);
    profile_queues(item, profile, file);
    desk_notify_read(item, &profile->notify);
    desk_life_profile(item, profile);
}


static void
profiles_close(struct desk_file *file)
{
    size_t  i;

    for (i = 0; i < file->settings.profile_count; i++) {
        free(file->settings.profiles[i].queues);
    }

    free((void *) file->settings.profiles);
}


const struct desk_kind  desk_kind_profiles = {
    "profiles", "id", DESK_ID_BYTES, 0, 0, 1000,
    profiles_open, profiles_item, profiles_close, NULL
};
