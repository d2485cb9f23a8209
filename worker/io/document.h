/*
 * The settings as a JSON document: changed by copies that share what stays.
 *
 * Purpose:    objects of lists found, put and dropped by id; two documents
 *             compared object by object.
 * Owner:      a document is a json-c object; who gets one, owns a share.
 * Invariants: a document that somebody has is never changed; lists of a
 *             document made here are sorted by id.
 */

#ifndef CHATDESK_IO_DOCUMENT_H
#define CHATDESK_IO_DOCUMENT_H

#include <json-c/json.h>

#include "io/desk_file.h"

/* An object of a list; borrows from the document.  NULL for none. */
struct json_object *document_find(struct json_object *document,
    enum desk_kind_no kind, const char *id);

/*
 * A copy with another object for this id, or without it (NULL); one that is
 * there without settings is then as at first.  The object's own id member
 * must be `id`; it is shared.  NULL for memory.
 */
struct json_object *document_with(struct json_object *document,
    enum desk_kind_no kind, const char *id, struct json_object *object);

/* A copy with the scalars of `scalars` instead of its own. */
struct json_object *document_with_scalars(struct json_object *document,
    struct json_object *scalars);

/* The scalars alone, as a new object. */
struct json_object *document_scalars(struct json_object *document);

/* A copy whose lists are sorted and complete: an empty one for each that is
   not there, and all that is there without settings. */
struct json_object *document_sorted(struct json_object *document);

/* Calls for each object that is not the same in both: `old` or `fresh` is
   NULL when it is new or gone; kind is DESK_KINDS and id empty for the
   scalars.  Both must be sorted. */
typedef void (*document_differs)(void *data, enum desk_kind_no kind,
    const char *id, struct json_object *old, struct json_object *fresh);
void document_diff(struct json_object *old, struct json_object *fresh,
    document_differs differs, void *data);

/* The id of an object of a list. */
const char *document_id(enum desk_kind_no kind, struct json_object *object);

#endif /* CHATDESK_IO_DOCUMENT_H */
