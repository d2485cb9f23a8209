/*
 * The audit log; see audit.h.
 *
 * Purpose:    one record more in the batch.
 * Owner:      nothing.
 * Invariants: those of audit.h.
 */

#include "core/audit.h"

#include "core/state.h"


void
audit_note(struct desk *desk, const char *who, const char *what,
    const char *object)
{
    changes_audit(desk->changes, who, what, object);
}
