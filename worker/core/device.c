/*
 * Push subscriptions; see device.h.
 *
 * Purpose:    put, found, kept, dropped.
 * Owner:      the agents.
 * Invariants: those of device.h.
 */

#include "core/device.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/entity.h"
#include "core/entity_map.h"
#include "core/outbox.h"
#include "core/state.h"

#define KEY_MAX  (LOGIN_MAX + 1 + ID_MAX)

enum device_field {
    DEVICE_ENDPOINT = 1, DEVICE_P256DH, DEVICE_AUTH, DEVICE_LOGIN,
    DEVICE_SINCE, DEVICE_AT, DEVICE_ENDS, DEVICE_SPENT
};

_Static_assert(DEVICE_SESSIONS * (ID_MAX + 1) < 1024, "room for a text");


static void
device_key(const struct device *device, char *out)
{
    snprintf(out, KEY_MAX + 1, "%s/%s", device->agent->id.s, device->id.s);
}


static void
device_put(struct desk *desk, const struct device *device)
{
    char            key[KEY_MAX + 1], at[1024] = "";
    size_t          i, len = 0;
    struct map      map;
    struct map_out  to;

    for (i = 0; i < device->session_count; i++) {
        len += (size_t) snprintf(at + len, sizeof(at) - len, "%s%s",
                                 i > 0 ? " " : "", device->sessions[i].s);
    }

    device_key(device, key);
    map_out_init(&to, desk->scratch, CD_LIMIT_BUS_FRAME);
    map = map_open(&to);
    map_text(&to, &map, DEVICE_ENDPOINT, device->endpoint);
    map_text(&to, &map, DEVICE_P256DH, device->p256dh);
    map_text(&to, &map, DEVICE_AUTH, device->auth);
    map_text(&to, &map, DEVICE_LOGIN, device->login.s);
    map_uint(&to, &map, DEVICE_SINCE, device->since_ms);
    map_text(&to, &map, DEVICE_AT, len > 0 ? at : NULL);
    map_uint(&to, &map, DEVICE_ENDS, device->ends != 0);
    map_uint(&to, &map, DEVICE_SPENT, device->spent);
    entity_end(desk, &to, &map, ENTITY_DEVICE, key);
}


static void
device_free(struct device *device)
{
    LIST_REMOVE(device, link);
    free(device->endpoint);
    free(device->p256dh);
    free(device->auth);
    free(device);
}


void
devices_free(struct agent *agent)
{
    struct device  *device;

    while ((device = LIST_FIRST(&agent->devices)) != NULL) {
        device_free(device);
    }
}


struct device *
device_find(const struct agent *agent, struct cd_str id)
{
    struct device  *device;

    LIST_FOREACH(device, &agent->devices, link) {
        if (cd_str_is(id, device->id.s)) {
            return device;
        }
    }

    return NULL;
}


void
device_drop(struct desk *desk, struct device *device)
{
    char  key[KEY_MAX + 1];

    device_key(device, key);
    outbox_forget(desk, OUTBOX_PUSH, device->agent->id.s, device->id.s);
    changes_drop(desk->changes, ENTITY_DEVICE, key);
    device_free(device);
}


/* Makes room for one more: the oldest goes. */

static void
device_room(struct desk *desk, struct agent *agent)
{
    size_t          count = 0;
    struct device  *device, *oldest = NULL;

    LIST_FOREACH(device, &agent->devices, link) {
        count++;

        if (oldest == NULL || device->since_ms < oldest->since_ms
            || (device->since_ms == oldest->since_ms
                && strcmp(device->id.s, oldest->id.s) < 0))
        {
            oldest = device;
        }
    }

    if (count >= CD_LIMIT_PUSH_DEVICES) {
        device_drop(desk, oldest);
    }
}


/* Into its place by id: a desk built anew tells them in the same order. */

static struct device *
device_new(struct agent *agent, const struct id *id)
{
    struct device  *after = NULL, *next;
    struct device  *device = calloc(1, sizeof(struct device));

    if (device == NULL) {
        return NULL;
    }

    device->agent = agent;
    device->id = *id;

    LIST_FOREACH(next, &agent->devices, link) {
        if (strcmp(next->id.s, id->s) > 0) {
            break;
        }
        after = next;
    }

    if (after != NULL) {
        LIST_INSERT_AFTER(after, device, link);
    } else {
        LIST_INSERT_HEAD(&agent->devices, device, link);
    }

    return device;
}


static int
text_copy(char **slot, struct cd_str text)
{
    char  *copy = strndup(text.data, text.len);

    if (copy == NULL) {
        return -1;
    }

    free(*slot);
    *slot = copy;

    return 0;
}


static int
device_fill(struct device *device, struct cd_str endpoint,
    struct cd_str p256dh, struct cd_str auth)
{
    return text_copy(&device->endpoint, endpoint) != 0
           || text_copy(&device->p256dh, p256dh) != 0
           || text_copy(&device->auth, auth) != 0 ? -1 : 0;
}


/* The first device that an agent from this one on has; NULL for none. */

static struct device *
device_from(struct agent *agent)
{
    while (agent != NULL && LIST_EMPTY(&agent->devices)) {
        agent = agent_next(agent);
    }

    return agent != NULL ? LIST_FIRST(&agent->devices) : NULL;
}


/* The next one of the desk; ask before the one before is dropped. */

static struct device *
device_next(struct device *device)
{
    struct device  *next = LIST_NEXT(device, link);

    return next != NULL ? next : device_from(agent_next(device->agent));
}


/* Others of this address: who sits at the browser is another one, or the
   browser has forgotten its id. */

static void
device_evict(struct desk *desk, const struct device *keep,
    const char *endpoint)
{
    struct device  *device, *next;

    for (device = device_from(agent_first(&desk->agents)); device != NULL;
         device = next)
    {
        next = device_next(device);

        if (device != keep && strcmp(device->endpoint, endpoint) == 0) {
            device_drop(desk, device);
        }
    }
}


enum cd_error
device_take(struct desk *desk, const char *who,
    const struct device_settings *settings)
{
    struct id       id;
    struct login    login;
    struct agent   *agent = agent_find(&desk->agents, str_of(who));
    struct device  *device;

    if (agent == NULL || agent->profile == NULL) {
        return CD_E_FORBIDDEN;
    }

    if (id_set(&id, str_of(settings->id)) != 0
        || login_set(&login, settings->login) != 0)
    {
        return CD_E_BAD_REQUEST;
    }

    device = device_find(agent, str_of(id.s));
    device_evict(desk, device, settings->endpoint);

    if (device == NULL) {
        device_room(desk, agent);
        device = device_new(agent, &id);

        if (device == NULL) {
            desk_fail(desk);
            return CD_E_INTERNAL;
        }
    }

    device->login = login;
    device->since_ms = desk->now_ms;
    device->ends = settings->ends;
    device->spent = 0;

    if (device_fill(device, str_of(settings->endpoint),
                    str_of(settings->p256dh), str_of(settings->auth)) != 0)
    {
        desk_fail(desk);
        return CD_E_INTERNAL;
    }

    device_put(desk, device);

    return CD_E_OK;
}


int
device_spends(struct desk *desk, struct device *device)
{
    if (!device->ends || device->spent >= CD_LIMIT_PUSH_ENDS) {
        return 0;
    }

    device->spent++;
    device_put(desk, device);

    return 1;
}


/* -- where a page is open -- */

/* Takes a session off a device; 1 when it was there. */

static int
device_remove(struct device *device, const struct id *session)
{
    size_t  i;

    for (i = 0; i < device->session_count; i++) {
        if (strcmp(device->sessions[i].s, session->s) == 0) {
            device->session_count--;
            memmove(&device->sessions[i], &device->sessions[i + 1],
                    (device->session_count - i) * sizeof(struct id));
            return 1;
        }
    }

    return 0;
}


void
device_left(struct desk *desk, struct agent *agent, const struct id *session)
{
    struct device  *device;

    LIST_FOREACH(device, &agent->devices, link) {
        if (device_remove(device, session)) {
            device_put(desk, device);
        }
    }
}


void
device_left_all(struct desk *desk, struct node *node)
{
    struct session  *session;

    for (session = node_first_session(node); session != NULL;
         session = node_next_session(session))
    {
        if (session->agent != NULL) {
            device_left(desk, session->agent, &session->id);
        }
    }
}


void
device_here(struct desk *desk, const struct cd_frame *entry)
{
    struct device   *device;
    struct session  *session = session_of_agent(desk, entry);

    if (session == NULL) {
        return;
    }

    device = device_find(session->agent, cd_frame_str(entry, CD_F_PUSH));
    device_left(desk, session->agent, &session->id);

    if (device == NULL) {
        return;
    }

    if (device->session_count == DEVICE_SESSIONS) {
        device_remove(device, &device->sessions[0]);
    }

    device->sessions[device->session_count++] = session->id;
    device->spent = 0;
    device_put(desk, device);
}


/* Sessions that have ended meanwhile. */

static void
device_sift(struct desk *desk, struct device *device)
{
    size_t     i, before = device->session_count;
    struct id  id;

    for (i = device->session_count; i > 0; i--) {
        id = device->sessions[i - 1];

        if (session_find(&desk->sessions, &id) == NULL) {
            device_remove(device, &id);
        }
    }

    if (device->session_count != before) {
        device_put(desk, device);
    }
}


void
device_look_all(struct desk *desk)
{
    struct device  *device, *next;

    for (device = device_from(agent_first(&desk->agents)); device != NULL;
         device = next)
    {
        next = device_next(device);

        if (device->agent->profile == NULL) {
            device_drop(desk, device);
        } else {
            device_sift(desk, device);
        }
    }
}


/* -- reading -- */

static int
load_sessions(struct device *device, struct cd_str words)
{
    size_t         at = 0, end;
    struct cd_str  word;

    while (at < words.len) {
        for (end = at; end < words.len && words.data[end] != ' '; end++) {
            /* void */
        }

        word.data = words.data + at;
        word.len = end - at;

        if (device->session_count == DEVICE_SESSIONS
            || id_set(&device->sessions[device->session_count++], word) != 0)
        {
            return -1;
        }

        at = end + 1;
    }

    return 0;
}


int
device_load(struct desk *desk, const char *key, struct fields *fields)
{
    struct id       id;
    struct login    login;
    struct agent   *agent;
    struct device  *device;
    const char     *slash = strchr(key, '/');
    struct cd_str   who = { key, slash != NULL ? (size_t) (slash - key) : 0 };

    if (slash == NULL || id_set(&id, str_of(slash + 1)) != 0
        || login_set(&login, who) != 0)
    {
        return -1;
    }

    agent = agent_find(&desk->agents, who);
    agent = agent != NULL ? agent : agent_new(&desk->agents, &login);

    if (agent == NULL || device_find(agent, str_of(id.s)) != NULL
        || (device = device_new(agent, &id)) == NULL)
    {
        return -1;
    }

    device->since_ms = fields_uint(fields, DEVICE_SINCE, UINT64_MAX, 0);
    device->ends = fields_uint(fields, DEVICE_ENDS, 1, 0) != 0;
    device->spent = (unsigned) fields_uint(fields, DEVICE_SPENT, UINT32_MAX,
                                           0);

    if (login_set(&device->login, fields_str(fields, DEVICE_LOGIN)) != 0
        || device_fill(device, fields_str(fields, DEVICE_ENDPOINT),
                       fields_str(fields, DEVICE_P256DH),
                       fields_str(fields, DEVICE_AUTH)) != 0
        || load_sessions(device, fields_str(fields, DEVICE_AT)) != 0
        || fields->bad)
    {
        device_free(device);
        return -1;
    }

    return 0;
}
