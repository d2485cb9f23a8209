/*
 * Settings: queues.
 *
 *   {"id": "sales", "name": "Sales", "priority": 3, "accept_seconds": 20}
 *
 * Purpose:    the list "queues".
 * Owner:      the array is the desk_file's.
 * Invariants: those of io/desk_kind.h.
 */

#include "io/desk_kind.h"
#include "io/desk_life.h"
#include "io/desk_skills.h"

#include <stdlib.h>

#include "chatdesk_tables.h"


static int
queues_open(struct desk_file *file, size_t count)
{
    file->settings.queues = desk_rows(count, sizeof(struct queue_settings));
    file->settings.queue_count = file->settings.queues != NULL ? count : 0;

    return file->settings.queues != NULL ? 0 : -1;
}


static void
queues_item(struct json_at *item, const char *id, struct desk_file *file,
    size_t i)
{
    struct json_at          at;
    struct queue_settings  *queue;
    static const char *const  names[] = {
        "id", "name", "priority", "accept_seconds", "?wait_alert_seconds",
        "?service_seconds", "?skills", DESK_LIFE_QUEUE, NULL
    };

    queue = (struct queue_settings *) &file->settings.queues[i];
    json_members(item, names);
    queue->id = id;
    at = json_member(item, "name");
    queue->name = json_text(&at, cd_field_row(CD_F_QUEUE)->max);
    at = json_member(item, "priority");
    queue->priority = (unsigned) json_whole(&at, 1, 9);
    at = json_member(item, "accept_seconds");
    queue->accept_ms = json_whole(&at, 1,
        cd_field_row(CD_F_ACCEPT_MS)->max / 1000) * 1000;
    at = json_member(item, "wait_alert_seconds");
    queue->wait_alert_ms = at.value != NULL
                           ? json_whole(&at, 0, 86400) * 1000 : 0;
    at = json_member(item, "service_seconds");
    queue->service_ms = at.value != NULL
                        ? json_whole(&at, 1, 86400) * 1000 : 0;
    desk_skills_read(item, file, &queue->skills);
    desk_life_queue(item, queue);
}


static void
queues_close(struct desk_file *file)
{
    free((void *) file->settings.queues);
}


const struct desk_kind  desk_kind_queues = {
    "queues", "id", DESK_ID_BYTES, 0, 1, 1000,
    queues_open, queues_item, queues_close, NULL
};
