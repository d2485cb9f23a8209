/*
 * The shared templates of a desk, read, compared and written one by one.
 *
 * Purpose:    see ctl.h.
 * Owner:      a set is a json-c object, from ids to templates; of the caller.
 * Invariants: nothing is written before the desk has found each one in order;
 *             every write names the revision that it was made for; a template
 *             that is not in the file's list is removed, and without a list
 *             all are left alone.
 */

#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#define READS_MAX   3           /* when others change them meanwhile */
#define PATH_BYTES  64          /* an id has at most 32 */


/* -- what is compared -- */

static void
plain_list(struct json_object *to, const char *name,
    struct json_object *from)
{
    struct json_object  *list = NULL;

    if (json_object_object_get_ex(from, name, &list)
        && json_object_array_length(list) > 0)
    {
        json_object_object_add(to, name, json_object_get(list));
    }
}


static void
plain_word(struct json_object *to, const char *name,
    struct json_object *from)
{
    struct json_object  *word = NULL;

    if (json_object_object_get_ex(from, name, &word)
        && json_object_get_string_len(word) > 0)
    {
        json_object_object_add(to, name, json_object_get(word));
    }
}


/* What a template says, in one way of writing it. */

static struct json_object *
plain(struct json_object *from)
{
    size_t               i;
    struct json_object  *texts = NULL, *one, *item;
    struct json_object  *to = json_object_new_object();
    struct json_object  *list = json_object_new_array();

    plain_word(to, "title", from);
    plain_word(to, "shortcut", from);
    plain_list(to, "queues", from);
    json_object_object_get_ex(from, "texts", &texts);

    for (i = 0; i < json_object_array_length(texts); i++) {
        item = json_object_array_get_idx(texts, i);
        one = json_object_new_object();
        plain_word(one, "lang", item);
        plain_word(one, "text", item);
        plain_list(one, "choices", item);
        json_object_array_add(list, one);
    }

    json_object_object_add(to, "texts", list);

    return to;
}


struct json_object *
ctl_templates_of(struct json_object *list)
{
    size_t               i;
    struct json_object  *item, *id = NULL, *set;

    set = json_object_new_object();

    for (i = 0; i < json_object_array_length(list); i++) {
        item = json_object_array_get_idx(list, i);
        json_object_object_get_ex(item, "id", &id);
        json_object_object_add(set, json_object_get_string(id), plain(item));
    }

    return set;
}


struct json_object *
ctl_templates_list(struct json_object *set)
{
    struct json_object  *item, *list = json_object_new_array();

    json_object_object_foreach(set, id, template) {
        item = json_object_new_object();
        json_object_object_add(item, "id", json_object_new_string(id));

        json_object_object_foreach(template, name, value) {
            json_object_object_add(item, name, json_object_get(value));
        }

        json_object_array_add(list, item);
    }

    return list;
}


/* -- reading -- */

/* One page: into the set, and the revisions into `tags`.  0 or -1. */

static int
read_items(struct json_object *page, struct json_object *set,
    struct json_object *tags)
{
    size_t               i;
    struct json_object  *items = NULL, *item, *id, *revision, *texts;

    if (!json_object_object_get_ex(page, "items", &items)
        || !json_object_is_type(items, json_type_array))
    {
        return -1;
    }

    for (i = 0; i < json_object_array_length(items); i++) {
        item = json_object_array_get_idx(items, i);

        if (!json_object_object_get_ex(item, "id", &id)
            || !json_object_object_get_ex(item, "revision", &revision)
            || !json_object_object_get_ex(item, "texts", &texts))
        {
            return -1;
        }

        json_object_object_add(set, json_object_get_string(id), plain(item));
        json_object_object_add(tags, json_object_get_string(id),
                               json_object_get(revision));
    }

    return 0;
}


/* All pages of one revision; 1 when it was another one in between. */

static int
read_pages(struct ctl *ctl, struct json_object *set, struct json_object *tags,
    struct fault *fault)
{
    int                  rc = 0;
    char                 path[256], cursor[128] = "";
    int64_t              first = -1, now = -1;
    struct json_object  *page, *next, *revision;

    do {
        snprintf(path, sizeof(path), "templates?limit=500&texts=1%s%s",
                 cursor[0] != '\0' ? "&cursor=" : "", cursor);
        page = ctl_request(ctl, "GET", path, NULL, NULL, fault);

        if (page == NULL) {
            return -1;
        }

        next = NULL;
        json_object_object_get_ex(page, "next", &next);
        snprintf(cursor, sizeof(cursor), "%s",
                 next != NULL ? json_object_get_string(next) : "");

        if (json_object_object_get_ex(page, "revision", &revision)) {
            now = json_object_get_int64(revision);
        }

        if (now < 0 || read_items(page, set, tags) != 0) {
            fault_set(fault, "the desk's answer is not a page of templates");
            rc = -1;
        }

        first = first < 0 ? now : first;
        json_object_put(page);
    } while (rc == 0 && first == now && cursor[0] != '\0');

    return rc != 0 ? rc : first != now;
}


struct json_object *
ctl_templates_read(struct ctl *ctl, struct fault *fault)
{
    int                  i, rc = 1;
    struct json_object  *set = NULL;

    for (i = 0; i < READS_MAX && rc > 0; i++) {
        json_object_put(set);
        json_object_put(ctl->tags);
        set = json_object_new_object();
        ctl->tags = json_object_new_object();
        rc = read_pages(ctl, set, ctl->tags, fault);
    }

    if (rc > 0) {
        fault_set(fault, "the templates are being changed; try again");
    }

    if (rc != 0) {
        json_object_put(set);
        set = NULL;
    }

    return set;
}


/* -- writing -- */

/* one list on its way to the desk */
struct move {
    struct ctl          *ctl;
    struct json_object  *old;
    struct json_object  *wanted;
    const char          *path;          /* of the file, for faults */
    struct fault        *fault;
};


static int
is_changed(const struct move *move, const char *id,
    struct json_object *template)
{
    struct json_object  *was = NULL;

    return !json_object_object_get_ex(move->old, id, &was)
           || !json_object_equal(was, template);
}


/* The desk's words, with the place in the file in front. */

static void
move_fault(struct move *move, size_t at, const struct fault *said)
{
    size_t       len = strlen(move->ctl->field);
    const char  *words = said->text, *field = move->ctl->field;

    if (len > 0 && strncmp(words, field, len) == 0
        && strncmp(words + len, ": ", 2) == 0)
    {
        words += len + 2;
    }

    fault_set(move->fault, "%.180s: templates[%zu]%s%s: %s", move->path, at,
              len > 0 ? "." : "", field, words);
}


/* The desk looks at it and changes nothing.  The queues may come with the same
   file; they were looked for there. */

static int
move_try(struct move *move, const char *id, struct json_object *template,
    size_t at)
{
    char                 path[PATH_BYTES];
    struct fault         said = { "" };
    struct json_object  *body = json_object_new_object();

    json_object_object_foreach(template, name, value) {
        if (strcmp(name, "queues") != 0) {
            json_object_object_add(body, name, json_object_get(value));
        }
    }

    snprintf(path, sizeof(path), "templates/%s?dry_run=1", id);
    json_object_put(ctl_request(move->ctl, "PUT", path, body, NULL, &said));
    json_object_put(body);

    if (said.text[0] != '\0') {
        move_fault(move, at, &said);
        return -1;
    }

    return 0;
}


static int
move_send(struct move *move, const char *id, struct json_object *template,
    int match, struct fault *said)
{
    char                 path[PATH_BYTES], tag[CTL_TAG_MAX];
    struct json_object  *revision = NULL;

    if (match && json_object_object_get_ex(move->ctl->tags, id, &revision)) {
        snprintf(tag, sizeof(tag), "\"t%lld\"",
                 (long long) json_object_get_int64(revision));
    }

    said->text[0] = '\0';
    snprintf(path, sizeof(path), "templates/%s", id);
    json_object_put(ctl_request(move->ctl, template != NULL ? "PUT" : "DELETE",
                                path, template,
                                revision != NULL ? tag : NULL, said));

    return said->text[0] != '\0' ? -1 : 0;
}


/* A shortcut that another one of the file is still to give up: the template
   goes without it, and comes again. */

static int
move_put(struct move *move, const char *id, struct json_object *template,
    int again, size_t at)
{
    int                  rc;
    struct fault         said = { "" };
    struct json_object  *bare;

    rc = move_send(move, id, template, !again, &said);

    if (rc == 0 || again || strcmp(move->ctl->field, "shortcut") != 0) {
        if (rc != 0) {
            move_fault(move, at, &said);
        }
        return rc;
    }

    bare = json_object_new_object();

    json_object_object_foreach(template, name, value) {
        if (strcmp(name, "shortcut") != 0) {
            json_object_object_add(bare, name, json_object_get(value));
        }
    }

    rc = move_send(move, id, bare, 1, &said);
    json_object_put(bare);

    if (rc != 0) {
        move_fault(move, at, &said);
        return -1;
    }

    return 1;
}


size_t
ctl_templates_show(struct json_object *old, struct json_object *wanted)
{
    size_t               count = 0;
    struct move          move = { .old = old, .wanted = wanted };
    struct json_object  *was;

    json_object_object_foreach(wanted, id, template) {
        if (is_changed(&move, id, template)) {
            was = NULL;
            json_object_object_get_ex(old, id, &was);
            ctl_show_object("templates", id, was, template);
            count++;
        }
    }

    json_object_object_foreach(old, gone, before) {
        if (!json_object_object_get_ex(wanted, gone, NULL)) {
            ctl_show_object("templates", gone, before, NULL);
            count++;
        }
    }

    return count;
}


int
ctl_templates_try(struct ctl *ctl, struct json_object *old,
    struct json_object *wanted, const char *path, struct fault *fault)
{
    size_t       at = 0;
    struct move  move = { ctl, old, wanted, path, fault };

    json_object_object_foreach(wanted, id, template) {
        if (is_changed(&move, id, template)
            && move_try(&move, id, template, at) != 0)
        {
            return -1;
        }
        at++;
    }

    return 0;
}


int
ctl_templates_drop(struct ctl *ctl, struct json_object *old,
    struct json_object *wanted, struct fault *fault)
{
    struct move  move = { ctl, old, wanted, "", fault };

    json_object_object_foreach(old, id, template) {
        if (template != NULL && !json_object_object_get_ex(wanted, id, NULL)
            && move_send(&move, id, NULL, 1, fault) != 0)
        {
            return -1;
        }
    }

    return 0;
}


int
ctl_templates_put(struct ctl *ctl, struct json_object *old,
    struct json_object *wanted, const char *path, struct fault *fault)
{
    int                  rc = 0;
    size_t               at = 0;
    struct move          move = { ctl, old, wanted, path, fault };
    struct json_object  *later = json_object_new_object();

    json_object_object_foreach(wanted, id, template) {
        if (rc >= 0 && is_changed(&move, id, template)) {
            rc = move_put(&move, id, template, 0, at);

            if (rc > 0) {
                json_object_object_add(later, id,
                                       json_object_new_int64((int64_t) at));
            }
        }
        at++;
    }

    json_object_object_foreach(later, again, place) {
        if (rc >= 0) {
            rc = move_put(&move, again,
                          json_object_object_get(wanted, again), 1,
                          (size_t) json_object_get_int64(place));
        }
    }

    json_object_put(later);

    return rc < 0 ? -1 : 0;
}
