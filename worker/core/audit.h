/*
 * The audit log.
 *
 * Purpose:    who did what to what, appended by the commit that did it.
 * Owner:      nothing; the log is the stream `audit` of the desk.
 * Invariants: a record is never changed; it holds no text of a conversation.
 */

#ifndef CHATDESK_CORE_AUDIT_H
#define CHATDESK_CORE_AUDIT_H

struct desk;

/* `who` is a login, `what` a constant word, `object` an id. */
void audit_note(struct desk *desk, const char *who, const char *what,
    const char *object);

#endif /* CHATDESK_CORE_AUDIT_H */
