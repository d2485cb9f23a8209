/*
 * A desk's settings; see desk_file.h.
 *
 * Purpose:    from the document to struct desk_settings, list by list.
 * Owner:      the arrays are the desk_file's; the strings in them are the
 *             document's, which it shares.
 * Invariants: those of desk_file.h.
 */

#include "io/desk_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "chatdesk_tables.h"

#include "io/desk_kind.h"
#include "io/desk_life.h"
#include "io/desk_notify.h"
#include "io/json_check.h"

#define SCALARS  5              /* members that are no list of a kind */

static const struct desk_kind *const  desk_kinds[DESK_KINDS] = {
    [DESK_QUEUES] = &desk_kind_queues,
    [DESK_PROFILES] = &desk_kind_profiles,
    [DESK_AGENTS] = &desk_kind_agents,
    [DESK_KEYS] = &desk_kind_keys,
    [DESK_HOURS] = &desk_kind_hours,
    [DESK_FLOWS] = &desk_kind_flows,
    [DESK_ATTRIBUTES] = &desk_kind_attributes,
    [DESK_WEBHOOKS] = &desk_kind_webhooks
};


const struct desk_kind *
desk_kind(enum desk_kind_no number)
{
    return desk_kinds[number];
}


enum desk_kind_no
desk_kind_named(const char *name)
{
    int  kind;

    for (kind = 0; kind < DESK_KINDS; kind++) {
        if (strcmp(desk_kinds[kind]->name, name) == 0) {
            break;
        }
    }

    return (enum desk_kind_no) kind;
}


void *
desk_rows(size_t count, size_t size)
{
    return calloc(count > 0 ? count : 1, size);
}


static int
place_compare(const void *a, const void *b)
{
    return strcmp(((const struct desk_place *) a)->id,
                  ((const struct desk_place *) b)->id);
}


int
desk_file_place(const struct desk_file *file, enum desk_kind_no kind,
    const char *id, size_t *place)
{
    struct desk_place         key = { id, 0 };
    const struct desk_ids    *ids = &file->ids[kind];
    const struct desk_place  *row;

    row = ids->count > 0 ? bsearch(&key, ids->rows, ids->count, sizeof(key),
                                   place_compare) : NULL;
    if (row == NULL) {
        return -1;
    }

    *place = row->place;

    return 0;
}


const char *
desk_refer(struct json_at *at, const struct desk_file *file,
    enum desk_kind_no kind, const char *what)
{
    size_t       place;
    const char  *id = json_word(at, desk_kinds[kind]->id_bytes, DESK_ID_MAX);

    if (desk_file_place(file, kind, id, &place) != 0) {
        json_fault(at, "there is no %s \"%s\"", what, id);
    }

    return id;
}


const char *
desk_role(struct json_at *item)
{
    struct json_at  at = json_member(item, "role");
    const char     *role = json_word(&at, "abcdefghijklmnopqrstuvwxyz", 16);

    if (strcmp(role, "agent") != 0 && strcmp(role, "supervisor") != 0
        && strcmp(role, "admin") != 0)
    {
        json_fault(&at, "expected agent, supervisor or admin");
    }

    return role;
}


/* The ids of a list, sorted; faults the second of two that are alike. */

static void
read_ids(struct json_at *list, const struct desk_kind *kind,
    struct desk_ids *ids)
{
    size_t          i;
    struct json_at  item, at;

    for (i = 0; i < ids->count; i++) {
        item = json_element(list, i);
        at = json_member(&item, kind->id);

        if (!json_object_is_type(item.value, json_type_object)) {
            json_fault(&item, "expected an object");

        } else if (at.value == NULL) {
            json_fault(&item, "\"%s\" is missing", kind->id);
        }

        ids->rows[i].id = json_word(&at, kind->id_bytes, DESK_ID_MAX);
        ids->rows[i].place = i;
    }

    if (ids->count > 1) {
        qsort(ids->rows, ids->count, sizeof(*ids->rows), place_compare);
    }

    for (i = 1; i < ids->count; i++) {
        if (strcmp(ids->rows[i - 1].id, ids->rows[i].id) == 0) {
            json_fault(list, "\"%s\" is there twice", ids->rows[i].id);
        }
    }
}


static void
read_kind(struct json_at *root, struct desk_file *file,
    enum desk_kind_no number)
{
    size_t                   i, count;
    struct json_at           list, item, at;
    struct desk_ids         *ids = &file->ids[number];
    const struct desk_kind  *kind = desk_kinds[number];

    list = json_member(root, kind->name);
    count = list.value == NULL && kind->optional
            ? 0 : json_count(&list, kind->least, kind->most);
    ids->rows = desk_rows(count, sizeof(*ids->rows));

    if (ids->rows == NULL || kind->open(file, count) != 0) {
        json_fault(&list, "no memory");
        return;
    }

    ids->count = count;
    read_ids(&list, kind, ids);

    for (i = 0; i < count; i++) {
        item = json_element(&list, i);
        at = json_member(&item, kind->id);
        kind->item(&item, json_word(&at, kind->id_bytes, DESK_ID_MAX), file,
                   i);

        if (item.fault->text[0] != '\0') {
            return;
        }
    }
}


/* What is not a list. */

static void
read_scalars(struct json_at *root, struct desk_file *file)
{
    struct json_at  at = json_member(root, "name");

    file->settings.name = json_text(&at, cd_field_row(CD_F_NAME)->max);
    desk_notify_read(root, &file->settings.notify);
    desk_life_desk(root, &file->settings);
    at = json_member(root, "default_queue");
    file->settings.default_queue = desk_refer(&at, file, DESK_QUEUES,
                                              "queue");
}


static void
read_desk(struct json_at *root, struct desk_file *file)
{
    int          kind;
    size_t       count = SCALARS;
    char         optional[DESK_KINDS][40];
    const char  *names[SCALARS + DESK_KINDS + 1] = {
        "name", "default_queue", "?notify", DESK_LIFE_DESK
    };

    for (kind = 0; kind < DESK_KINDS; kind++) {
        snprintf(optional[kind], sizeof(optional[kind]), "%s%s",
                 desk_kinds[kind]->optional ? "?" : "",
                 desk_kinds[kind]->name);
        names[count++] = optional[kind];
    }

    names[count] = NULL;

    if (json_members(root, names) != 0) {
        return;
    }

    for (kind = 0; kind < DESK_KINDS; kind++) {
        read_kind(root, file, (enum desk_kind_no) kind);
    }

    read_scalars(root, file);
}


/* What the rules of the lists let pass is tried out as the desk will do it:
   settings that were read are settings that a desk can be made of. */

static void
try_desk(struct json_at *root, const struct desk_file *file)
{
    const char  *why = "out of memory";

    if (root->fault->text[0] == '\0'
        && desk_check(&file->settings, &why) != 0)
    {
        json_fault(root, "%s", why);
    }
}


struct desk_file *
desk_file_take(const char *name, struct json_object *document,
    struct fault *fault)
{
    struct json_at     root = { document, name, fault, "" };
    struct desk_file  *file = calloc(1, sizeof(*file));

    fault->text[0] = '\0';

    if (file == NULL) {
        fault_set(fault, "%s: no memory", name);
        return NULL;
    }

    keep_init(&file->keep);
    file->root = json_object_get(document);
    read_desk(&root, file);
    try_desk(&root, file);

    if (fault->text[0] != '\0') {
        desk_file_free(&file);
    }

    return file;
}


/* SHA-256 of the text, so that a file that has changed is noticed. */

static int
file_digest(char *hex, const char *text, size_t len)
{
    unsigned       i, count = 0;
    unsigned char  digest[EVP_MAX_MD_SIZE];

    if (EVP_Digest(text, len, digest, &count, EVP_sha256(), NULL) != 1
        || count * 2 != DESK_DIGEST_LEN)
    {
        return -1;
    }

    for (i = 0; i < count; i++) {
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }

    return 0;
}


/* A file may have templates, which are no part of the settings. */

static struct desk_file *
parse_root(const char *path, struct json_object *root, struct fault *fault)
{
    struct desk_file    *file;
    struct json_object  *templates = NULL;

    if (json_object_object_get_ex(root, "templates", &templates)) {
        json_object_get(templates);
        json_object_object_del(root, "templates");
    }

    file = desk_file_take(path, root, fault);

    if (file != NULL && templates != NULL) {
        desk_templates_check(templates, path, file, fault);
    }

    if (fault->text[0] != '\0') {
        json_object_put(templates);
        desk_file_free(&file);
        return NULL;
    }

    file->templates = templates;

    return file;
}


struct desk_file *
desk_file_parse(const char *path, const char *text, size_t len,
    struct fault *fault)
{
    struct desk_file    *file = NULL;
    struct json_object  *root = NULL;

    fault->text[0] = '\0';

    if (json_document(&root, path, text, len, fault) == 0) {
        file = parse_root(path, root, fault);
        json_object_put(root);
    }

    if (file != NULL && file_digest(file->digest, text, len) != 0) {
        fault_set(fault, "%s: no memory", path);
        desk_file_free(&file);
    }

    return file;
}


struct desk_file *
desk_file_read(const char *path, struct fault *fault)
{
    size_t             len;
    char              *text = settings_slurp(path, DESK_FILE_BYTES, &len,
                                             fault);
    struct desk_file  *file = NULL;

    if (text != NULL) {
        file = desk_file_parse(path, text, len, fault);
        free(text);
    }

    return file;
}


void
desk_file_free(struct desk_file **slot)
{
    int                kind;
    struct desk_file  *file = *slot;

    *slot = NULL;

    if (file == NULL) {
        return;
    }

    desk_life_free(&file->settings);

    for (kind = 0; kind < DESK_KINDS; kind++) {
        desk_kinds[kind]->close(file);
        free(file->ids[kind].rows);
    }

    keep_free(&file->keep);
    json_object_put(file->templates);
    json_object_put(file->root);
    free(file);
}


const char *
desk_file_hash(const struct desk_file *file, const char *login)
{
    size_t  place;

    return desk_file_place(file, DESK_AGENTS, login, &place) == 0
           ? file->hashes[place] : NULL;
}
