/*
 * JSON values, one by one, with faults that say where.
 *
 * Purpose:    what desk_file.c reads a document with; json-c stays behind
 *             it.
 * Owner:      a struct json_at lives on the stack of whoever reads; values
 *             borrow from the document.
 * Invariants: the first fault sticks; after it every read gives an empty
 *             value, so that readers need not check after each one.
 */

#ifndef CHATDESK_IO_JSON_CHECK_H
#define CHATDESK_IO_JSON_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "io/settings.h"

#define JSON_PATH_MAX   200
#define JSON_DEPTH_MAX  16

/* a value and the way to it */
struct json_at {
    struct json_object  *value;             /* borrows */
    const char          *file;
    struct fault        *fault;
    char                 path[JSON_PATH_MAX];
};

/* 0; -1 with *fault set: not JSON, too deep, or a member that is there
   twice.  The caller puts *root. */
int json_document(struct json_object **root, const char *file,
    const char *text, size_t len, struct fault *fault);

/* Sets the fault when there is none yet. */
void json_fault(struct json_at *at, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* An object that has exactly these members, of which those behind a "?" may
   be left out; `names` ends with NULL.  0 or -1. */
int json_members(struct json_at *at, const char *const *names);

/* The value of a member, or of an element. */
struct json_at json_member(struct json_at *at, const char *name);
struct json_at json_element(struct json_at *at, size_t i);

/* How many elements an array has; 0 and a fault beyond the bounds. */
size_t json_count(struct json_at *at, size_t least, size_t most);

/* UTF-8 text of 1 to `most` code points, not only white space. */
const char *json_text(struct json_at *at, size_t most);

/* 1 to `most` bytes, each of `allowed`. */
const char *json_word(struct json_at *at, const char *allowed, size_t most);

int json_flag(struct json_at *at);
uint64_t json_whole(struct json_at *at, uint64_t least, uint64_t most);

#endif /* CHATDESK_IO_JSON_CHECK_H */
