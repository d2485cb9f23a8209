/*
 * A notice as JSON, for whoever is told outside of the desk.
 *
 * Purpose:    the members that docs/notifications.md names, with the same
 *             names as in the page's own events.
 * Owner:      the caller puts what it gets.
 * Invariants: nothing but what the job's frame holds.
 */

#ifndef CHATDESK_IO_NOTICE_JSON_H
#define CHATDESK_IO_NOTICE_JSON_H

#include <json-c/json.h>

#include "core/desk.h"

/* NULL for memory, or a job whose frame cannot be read; the frame borrows
   from the job. */
struct json_object *notice_json(const struct outbox_job *job,
    struct cd_frame *frame);

#endif /* CHATDESK_IO_NOTICE_JSON_H */
