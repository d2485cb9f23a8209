/*
 * JSON values with faults that say where; see json_check.h.
 *
 * Purpose:    strict reading over json-c.
 * Owner:      nothing but what json_document() gives away.
 * Invariants: those of json_check.h.
 */

#include "io/json_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


void
json_fault(struct json_at *at, const char *format, ...)
{
    char     what[FAULT_MAX / 2];
    va_list  args;

    if (at->fault->text[0] != '\0') {
        return;
    }

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);

    fault_set(at->fault, "%.180s: %s: %s", at->file,
              at->path[0] != '\0' ? at->path : "the document", what);
}


/* Line and column of a place in the text, from 1. */

static void
json_place(const char *text, size_t offset, unsigned *line, unsigned *column)
{
    size_t  i;

    *line = 1;
    *column = 1;

    for (i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            (*line)++;
            *column = 0;
        }
        (*column)++;
    }
}


/* End of the string that begins at `i`; the text is valid JSON. */

static size_t
json_string_end(const char *text, size_t i)
{
    for (i++; text[i] != '"'; i++) {
        if (text[i] == '\\') {
            i++;
        }
    }

    return i;
}


/* Whether the member at `from` has the name of an earlier one of the same
   object.  Names are compared as they are written. */

static int
json_twice(const char *text, size_t from, size_t end, size_t i)
{
    int     depth = 0;
    size_t  last, len = end - from;

    while (i < from) {
        switch (text[i]) {

        case '{': case '[':
            depth++;
            break;

        case '}': case ']':
            depth--;
            break;

        case '"':
            last = json_string_end(text, i);
            if (depth == 0 && last - i == len
                && memcmp(text + i, text + from, len) == 0
                && text[last + 1 + strspn(text + last + 1, " \t\r\n")] == ':')
            {
                return 1;
            }
            i = last;
            break;
        }

        i++;
    }

    return 0;
}


/* json-c keeps the last of doubled members in silence; we refuse them. */

static int
json_doubled(const char *text, size_t len, size_t *place)
{
    size_t    i, end, open[JSON_DEPTH_MAX + 2];
    unsigned  depth = 0;

    for (i = 0; i < len; i++) {
        switch (text[i]) {

        case '{': case '[':
            open[++depth] = i + 1;
            break;

        case '}': case ']':
            depth--;
            break;

        case '"':
            end = json_string_end(text, i);
            if (depth > 0 && text[open[depth] - 1] == '{'
                && text[end + 1 + strspn(text + end + 1, " \t\r\n")] == ':'
                && json_twice(text, i, end, open[depth]))
            {
                *place = i;
                return 1;
            }
            i = end;
            break;
        }
    }

    return 0;
}


/* json-c ends at a NUL, and does not say that there was more. */

static int
json_has_nul(const char *file, const char *text, size_t len,
    struct fault *fault)
{
    unsigned     line, column;
    const char  *nul = memchr(text, '\0', len);

    if (nul == NULL) {
        return 0;
    }

    json_place(text, (size_t) (nul - text), &line, &column);
    fault_set(fault, "%.180s:%u:%u: not JSON: a NUL byte", file, line,
              column);

    return 1;
}


int
json_document(struct json_object **root, const char *file, const char *text,
    size_t len, struct fault *fault)
{
    size_t                   place;
    unsigned                 line, column;
    enum json_tokener_error  error;
    struct json_tokener     *tokener;

    *root = NULL;

    if (json_has_nul(file, text, len, fault)) {
        return -1;
    }

    tokener = json_tokener_new_ex(JSON_DEPTH_MAX);

    if (tokener == NULL || len > INT32_MAX - 1) {
        fault_set(fault, "%.180s: no memory", file);
        json_tokener_free(tokener);
        return -1;
    }

    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT
                                    | JSON_TOKENER_VALIDATE_UTF8);

    /* with the terminating byte, so that the end is the end */
    *root = json_tokener_parse_ex(tokener, text, (int) len + 1);
    error = json_tokener_get_error(tokener);
    place = json_tokener_get_parse_end(tokener);
    json_tokener_free(tokener);

    if (error != json_tokener_success || *root == NULL) {
        json_place(text, place < len ? place : len, &line, &column);
        fault_set(fault, "%.180s:%u:%u: not JSON: %s", file, line, column,
                  error != json_tokener_success
                  ? json_tokener_error_desc(error) : "expected an object");
        json_object_put(*root);
        *root = NULL;
        return -1;
    }

    if (json_doubled(text, len, &place)) {
        json_place(text, place, &line, &column);
        fault_set(fault, "%.180s:%u:%u: a member is there twice in one "
                  "object", file, line, column);
        json_object_put(*root);
        *root = NULL;
        return -1;
    }

    return 0;
}


int
json_members(struct json_at *at, const char *const *names)
{
    size_t                       i;
    struct json_object_iterator  it, end;

    if (!json_object_is_type(at->value, json_type_object)) {
        json_fault(at, "expected an object");
        return -1;
    }

    it = json_object_iter_begin(at->value);
    end = json_object_iter_end(at->value);

    for ( ; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
        const char  *name = json_object_iter_peek_name(&it);

        for (i = 0;
             names[i] != NULL
             && strcmp(names[i] + (names[i][0] == '?'), name) != 0;
             i++)
        {
            /* looks on */
        }

        if (names[i] == NULL) {
            json_fault(at, "\"%.64s\" is not a member of this", name);
            return -1;
        }
    }

    for (i = 0; names[i] != NULL; i++) {
        if (names[i][0] != '?'
            && !json_object_object_get_ex(at->value, names[i], NULL))
        {
            json_fault(at, "\"%s\" is missing", names[i]);
            return -1;
        }
    }

    return 0;
}


struct json_at
json_member(struct json_at *at, const char *name)
{
    struct json_at  member = *at;

    snprintf(member.path, sizeof(member.path), "%.100s%s%.64s", at->path,
             at->path[0] != '\0' ? "." : "", name);
    member.value = NULL;

    if (json_object_is_type(at->value, json_type_object)) {
        json_object_object_get_ex(at->value, name, &member.value);
    }

    return member;
}


struct json_at
json_element(struct json_at *at, size_t i)
{
    struct json_at  element = *at;

    snprintf(element.path, sizeof(element.path), "%.150s[%zu]", at->path, i);
    element.value = json_object_is_type(at->value, json_type_array)
                    ? json_object_array_get_idx(at->value, i) : NULL;

    return element;
}


size_t
json_count(struct json_at *at, size_t least, size_t most)
{
    size_t  count;

    if (!json_object_is_type(at->value, json_type_array)) {
        json_fault(at, "expected an array");
        return 0;
    }

    count = json_object_array_length(at->value);

    if (count < least || count > most) {
        json_fault(at, "expected %zu to %zu elements, found %zu", least, most,
                   count);
        return 0;
    }

    return count;
}


static const char *
json_string(struct json_at *at)
{
    const char  *text;

    if (!json_object_is_type(at->value, json_type_string)) {
        json_fault(at, "expected a string");
        return "";
    }

    text = json_object_get_string(at->value);

    if (strlen(text) != (size_t) json_object_get_string_len(at->value)) {
        json_fault(at, "expected text without a null character");
        return "";
    }

    return text;
}


const char *
json_text(struct json_at *at, size_t most)
{
    size_t       points = 0;
    const char  *c, *text = json_string(at);

    /* the tokener has seen that it is UTF-8 */
    for (c = text; *c != '\0'; c++) {
        points += ((unsigned char) *c & 0xc0) != 0x80;

        if ((unsigned char) *c < 0x20 || *c == 0x7f) {
            json_fault(at, "expected text without control characters");
            return "";
        }
    }

    if (points > most || text[strspn(text, " ")] == '\0') {
        json_fault(at, "expected 1 to %zu characters of text", most);
        return "";
    }

    return text;
}


const char *
json_word(struct json_at *at, const char *allowed, size_t most)
{
    const char  *word = json_string(at);
    size_t       len = strlen(word);

    if (len < 1 || len > most || strspn(word, allowed) != len) {
        json_fault(at, "expected 1 to %zu characters of %s", most, allowed);
        return "";
    }

    return word;
}


uint64_t
json_whole(struct json_at *at, uint64_t least, uint64_t most)
{
    int64_t  value;

    value = json_object_is_type(at->value, json_type_int)
            ? json_object_get_int64(at->value) : -1;

    if (value < 0 || (uint64_t) value < least || (uint64_t) value > most) {
        json_fault(at, "expected a whole number from %llu to %llu",
                   (unsigned long long) least, (unsigned long long) most);
        return least;
    }

    return (uint64_t) value;
}


int
json_flag(struct json_at *at)
{
    if (!json_object_is_type(at->value, json_type_boolean)) {
        json_fault(at, "expected true or false");
        return 0;
    }

    return json_object_get_boolean(at->value) != 0;
}
