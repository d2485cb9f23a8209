/*
 * The settings as a document; see document.h.
 *
 * Purpose:    shallow copies over json-c.
 * Owner:      see document.h.
 * Invariants: those of document.h.
 */

#include "io/document.h"

#include <string.h>

#include "io/desk_kind.h"


const char *
document_id(enum desk_kind_no kind, struct json_object *object)
{
    struct json_object  *id = NULL;

    json_object_object_get_ex(object, desk_kind(kind)->id, &id);

    return id != NULL ? json_object_get_string(id) : "";
}


static struct json_object *
document_list(struct json_object *document, enum desk_kind_no kind)
{
    struct json_object  *list = NULL;

    json_object_object_get_ex(document, desk_kind(kind)->name, &list);

    return json_object_is_type(list, json_type_array) ? list : NULL;
}


struct json_object *
document_find(struct json_object *document, enum desk_kind_no kind,
    const char *id)
{
    int                  order;
    size_t               low = 0, middle, high;
    struct json_object  *list = document_list(document, kind), *object;

    high = list != NULL ? json_object_array_length(list) : 0;

    while (low < high) {
        middle = low + (high - low) / 2;
        object = json_object_array_get_idx(list, middle);
        order = strcmp(id, document_id(kind, object));

        if (order == 0) {
            return object;
        }

        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }

    return NULL;
}


/* Adds a share of a value; -1 for memory. */

static int
share(struct json_object *document, const char *name,
    struct json_object *value)
{
    if (json_object_object_add(document, name, json_object_get(value)) != 0) {
        json_object_put(value);
        return -1;
    }

    return 0;
}


static int
share_element(struct json_object *list, struct json_object *value)
{
    if (json_object_array_add(list, json_object_get(value)) != 0) {
        json_object_put(value);
        return -1;
    }

    return 0;
}


/* A list with another object, in its place, or with all of its own for an
   empty id; NULL for memory. */

static struct json_object *
list_with(struct json_object *old, enum desk_kind_no kind, const char *id,
    struct json_object *object)
{
    int                  failed = 0, order;
    size_t               i, count;
    struct json_object  *list = json_object_new_array(), *element;

    count = old != NULL ? json_object_array_length(old) : 0;

    for (i = 0; i < count && list != NULL; i++) {
        element = json_object_array_get_idx(old, i);
        order = strcmp(document_id(kind, element), id);

        if (order >= 0 && object != NULL) {
            failed |= share_element(list, object);
            object = NULL;
        }

        if (order != 0 || id[0] == '\0') {
            failed |= share_element(list, element);
        }
    }

    if (object != NULL && list != NULL) {
        failed |= share_element(list, object);
    }

    if (failed) {
        json_object_put(list);
        list = NULL;
    }

    return list;
}


/* Everything but one list. */

static struct json_object *
document_without(struct json_object *document, const char *name)
{
    int                  failed = 0;
    struct json_object  *copy = json_object_new_object();

    if (copy == NULL) {
        return NULL;
    }

    json_object_object_foreach(document, key, value) {
        if (strcmp(key, name) != 0) {
            failed |= share(copy, key, value);
        }
    }

    if (failed) {
        json_object_put(copy);
        copy = NULL;
    }

    return copy;
}


/* What is there without settings; NULL for none. The caller owns it. */

static struct json_object *
document_builtin(enum desk_kind_no kind)
{
    const char  *text = desk_kind(kind)->builtin;

    return text != NULL ? json_tokener_parse(text) : NULL;
}


static struct json_object *
builtin_find(struct json_object *builtin, enum desk_kind_no kind,
    const char *id)
{
    size_t               i, count;
    struct json_object  *object;

    count = builtin != NULL ? json_object_array_length(builtin) : 0;

    for (i = 0; i < count; i++) {
        object = json_object_array_get_idx(builtin, i);

        if (strcmp(document_id(kind, object), id) == 0) {
            return object;
        }
    }

    return NULL;
}


struct json_object *
document_with(struct json_object *document, enum desk_kind_no kind,
    const char *id, struct json_object *object)
{
    const char          *name = desk_kind(kind)->name;
    struct json_object  *copy, *list, *builtin = document_builtin(kind);

    if (object == NULL) {
        object = builtin_find(builtin, kind, id);
    }

    list = list_with(document_list(document, kind), kind, id, object);
    json_object_put(builtin);
    copy = document_without(document, name);

    if (list == NULL || copy == NULL || share(copy, name, list) != 0) {
        json_object_put(copy);
        copy = NULL;
    }

    json_object_put(list);

    return copy;
}


struct json_object *
document_scalars(struct json_object *document)
{
    int                  failed = 0;
    struct json_object  *scalars = json_object_new_object();

    if (scalars == NULL) {
        return NULL;
    }

    json_object_object_foreach(document, key, value) {
        if (desk_kind_named(key) == DESK_KINDS) {
            failed |= share(scalars, key, value);
        }
    }

    if (failed) {
        json_object_put(scalars);
        scalars = NULL;
    }

    return scalars;
}


struct json_object *
document_with_scalars(struct json_object *document,
    struct json_object *scalars)
{
    int                  failed = 0;
    struct json_object  *copy = json_object_new_object();

    if (copy == NULL) {
        return NULL;
    }

    json_object_object_foreach(scalars, name, scalar) {
        failed |= share(copy, name, scalar);
    }

    json_object_object_foreach(document, key, value) {
        if (desk_kind_named(key) != DESK_KINDS) {
            failed |= share(copy, key, value);
        }
    }

    if (failed) {
        json_object_put(copy);
        copy = NULL;
    }

    return copy;
}


/* json-c's comparison has no room for the kind */
static enum desk_kind_no  sorted_kind;


static int
sorted_compare(const void *a, const void *b)
{
    return strcmp(document_id(sorted_kind,
                              *(struct json_object *const *) a),
                  document_id(sorted_kind,
                              *(struct json_object *const *) b));
}


/* Adds what is there without settings; -1 for memory. */

static int
list_complete(struct json_object *list, enum desk_kind_no kind)
{
    int                  failed = 0;
    size_t               i, j, count, own = json_object_array_length(list);
    struct json_object  *object, *builtin = document_builtin(kind);

    count = builtin != NULL ? json_object_array_length(builtin) : 0;

    for (i = 0; i < count; i++) {
        object = json_object_array_get_idx(builtin, i);

        for (j = 0; j < own; j++) {
            if (strcmp(document_id(kind, object), document_id(kind,
                       json_object_array_get_idx(list, j))) == 0)
            {
                break;
            }
        }

        if (j == own) {
            failed |= share_element(list, object);
        }
    }

    json_object_put(builtin);

    return failed;
}


struct json_object *
document_sorted(struct json_object *document)
{
    int                  kind;
    struct json_object  *copy = document_scalars(document), *list;

    for (kind = 0; kind < DESK_KINDS && copy != NULL; kind++) {
        sorted_kind = (enum desk_kind_no) kind;
        list = list_with(document_list(document, sorted_kind), sorted_kind,
                         "", NULL);

        if (list == NULL || list_complete(list, sorted_kind) != 0
            || share(copy, desk_kind(sorted_kind)->name, list) != 0)
        {
            json_object_put(copy);
            copy = NULL;

        } else {
            json_object_array_sort(list, sorted_compare);
        }

        json_object_put(list);
    }

    return copy;
}


static void
diff_list(struct json_object *old, struct json_object *fresh,
    enum desk_kind_no kind, document_differs differs, void *data)
{
    int                  order;
    size_t               i = 0, j = 0, olds, freshes;
    struct json_object  *a, *b;

    old = document_list(old, kind);
    fresh = document_list(fresh, kind);
    olds = old != NULL ? json_object_array_length(old) : 0;
    freshes = fresh != NULL ? json_object_array_length(fresh) : 0;

    while (i < olds || j < freshes) {
        a = i < olds ? json_object_array_get_idx(old, i) : NULL;
        b = j < freshes ? json_object_array_get_idx(fresh, j) : NULL;
        order = a == NULL ? 1 : b == NULL ? -1
                : strcmp(document_id(kind, a), document_id(kind, b));

        i += order <= 0;
        j += order >= 0;

        if (order < 0) {
            differs(data, kind, document_id(kind, a), a, NULL);

        } else if (order > 0) {
            differs(data, kind, document_id(kind, b), NULL, b);

        } else if (a != b && !json_object_equal(a, b)) {
            differs(data, kind, document_id(kind, b), a, b);
        }
    }
}


void
document_diff(struct json_object *old, struct json_object *fresh,
    document_differs differs, void *data)
{
    int                  kind;
    struct json_object  *a = document_scalars(old);
    struct json_object  *b = document_scalars(fresh);

    if (!json_object_equal(a, b)) {
        differs(data, DESK_KINDS, "", a, b);
    }

    json_object_put(a);
    json_object_put(b);

    for (kind = 0; kind < DESK_KINDS; kind++) {
        diff_list(old, fresh, (enum desk_kind_no) kind, differs, data);
    }
}
