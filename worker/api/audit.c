/*
 * Entries of the audit log; see audit.h.
 *
 * Purpose:    from a request to an operation of the commit.
 * Owner:      nothing.
 * Invariants: those of audit.h.
 */

#include "api/audit.h"

#include <stdio.h>


void
api_audit(struct api_call *call, const char *what, const char *kind,
    const char *id)
{
    char  object[160];

    snprintf(object, sizeof(object), "%s%s%s", kind,
             id[0] != '\0' ? "/" : "", id);
    changes_audit(call->on->changes, call->by, what, object);
}
