/*
 * The audit log: changes of settings, and looks of people who are no members.
 *
 * Purpose:    one entry for each, in the commit of what it tells of.
 * Owner:      nothing; the log is a stream in Redis.
 * Invariants: an entry is never changed; there is no text of a message, no
 *             password and no key in it.
 */

#ifndef CHATDESK_API_AUDIT_H
#define CHATDESK_API_AUDIT_H

#include "api/api.h"

/* what: create, update, delete, look; kind: a kind of settings, desk or
   conversation.  The record's object is "<kind>/<id>". */
void api_audit(struct api_call *call, const char *what, const char *kind,
    const char *id);

#endif /* CHATDESK_API_AUDIT_H */
