/*
 * Operations on the records of interactions (docs/bus.md).
 *
 * Purpose:    what is appended to records, and the questions that a commit
 *             answers, because records lie in Redis alone.
 * Owner:      the struct changes.
 * Invariants: those of changes.h.  A question is answered to its node by the
 *             commit itself, once.
 */

#ifndef CHATDESK_CORE_CHANGES_RECORD_H
#define CHATDESK_CORE_CHANGES_RECORD_H

#include "core/changes.h"

/* who asks, and where the answer goes; all of it is borrowed */
struct record_caller {
    const char *node;
    const char *id;             /* of the request */
    const char *by;             /* agent, or key:<id> */
    int         all;            /* may see what others had a part in */
};

/* a page: of entries or messages, behind or from `at` on; of records, with
   numbers below it (0: all) */
struct record_range {
    uint64_t at;
    uint64_t limit;
};

/* what another source says; `entry` is packed (record_entry.h) */
struct record_event {
    const char *id;             /* the source's own, for what comes twice;
                                   "" for the end */
    const char *agent;          /* who has a part in it now; "" for nobody */
    const void *entry;
    size_t      len;
    int         closes;
    const char *none;           /* refusals, as JSON: no such record, ... */
    const char *closed;
    const char *full;
};

/* Appends an entry to an interaction's record. */
void changes_record(struct changes *changes, uint64_t number,
    const void *entry, size_t len);

/* Opens the record for an agent and for those who ask for the conversation's
   or, unless it is "", the client's. */
void changes_recorded(struct changes *changes, uint64_t number,
    const char *agent, const char *conv, const char *visitor);

/* Answers with entries of one record, or with the JSON text `refusal` and
   404. */
void changes_look(struct changes *changes, const struct record_caller *caller,
    uint64_t number, const struct record_range *range, const char *refusal);

/* Answers with the first entries of records: a conversation's and an agent's
   ("" for any). */
void changes_records(struct changes *changes,
    const struct record_caller *caller, const char *conv, const char *agent,
    const struct record_range *range);

/* Answers with sums of a client's records. */
void changes_earlier(struct changes *changes,
    const struct record_caller *caller, const char *visitor,
    const struct record_range *range);

/* Answers with what was written in a record's interaction, as far as it is
   kept; with `visitor`, if it is that client's, else ("") if the caller may
   see the record; or with the JSON text `refusal` and 404. */
void changes_texts(struct changes *changes,
    const struct record_caller *caller, uint64_t number, const char *visitor,
    const struct record_range *range, const char *refusal);

/* Opens the record of another source, unless it has opened it before; answers
   with the number. */
void changes_source(struct changes *changes,
    const struct record_caller *caller, const char *source,
    const char *source_id, uint64_t number, const char *agent,
    const void *entry, size_t len);

/* Appends to such a record; answers. */
void changes_source_event(struct changes *changes,
    const struct record_caller *caller, uint64_t number,
    const struct record_event *event);

#endif /* CHATDESK_CORE_CHANGES_RECORD_H */
