/*
 * The form and the texts of a flow in desk.json.
 *
 * Purpose:    the members `form` and `texts` of a flow; and the form in each
 *             language as clients are told it, JSON text.
 * Owner:      what is made is in the caller's keep.
 * Invariants: the words for any language are there, and come first.
 */

#ifndef CHATDESK_IO_DESK_FORM_H
#define CHATDESK_IO_DESK_FORM_H

#include "core/flow_settings.h"
#include "core/keep.h"
#include "io/json_check.h"

void desk_form_read(struct json_at *item, struct flow_settings *flow,
    struct keep *keep);

#endif /* CHATDESK_IO_DESK_FORM_H */
