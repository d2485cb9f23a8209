/*
 * /v1/me/push: the agent's push subscriptions; /v1/outbox: what waits to be
 * sent.
 *
 * Purpose:    a browser gives its subscription, and takes it back.
 * Owner:      nothing.
 * Invariants: only a login has subscriptions, not an API key; what comes in
 *             is an address of https, a point on P-256 and 16 bytes; keys are
 *             never given out again.
 */

#include "api/resources.h"

#include <string.h>

#include "core/device.h"
#include "core/state.h"
#include "io/base64url.h"
#include "io/https_url.h"
#include "io/webpush.h"

#define P256DH_LEN  (BASE64URL_SIZE(P256_POINT) - 1)
#define AUTH_LEN    (BASE64URL_SIZE(WEBPUSH_AUTH) - 1)

static const char  base64url[] = "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";


/* The agent who asks; NULL with the refusal set. */

static struct agent *
push_agent(struct api_call *call, enum cd_error *error)
{
    struct agent  *agent = NULL;

    if (call->who[0] != '\0') {
        agent = agent_find(&call->on->desk->agents, str_of(call->who));
    }

    if (agent == NULL || agent->profile == NULL) {
        *error = api_refuse(call, CD_E_FORBIDDEN, NULL,
                            "only an agent who is signed in has push "
                            "subscriptions");
        return NULL;
    }

    return agent;
}


static struct json_object *
push_item(const struct device *device)
{
    struct json_object  *item = json_object_new_object();

    api_put_text(item, "id", device->id.s);
    api_put_text(item, "endpoint", device->endpoint);
    api_put_whole(item, "since", device->since_ms);
    api_put_bool(item, "open", device->session_count > 0);
    api_put_bool(item, "ends", device->ends);

    return item;
}


enum cd_error
push_list(struct api_call *call)
{
    enum cd_error         error;
    struct agent         *agent = push_agent(call, &error);
    struct device        *device;
    struct json_object   *items;

    if (agent == NULL) {
        return error;
    }

    if (api_answer(call) == NULL) {
        return api_no_memory(call);
    }

    items = json_object_new_array();
    api_put_text(call->answer, "key", call->on->push_key);
    api_put(call->answer, "items", items);

    LIST_FOREACH(device, &agent->devices, link) {
        json_object_array_add(items, push_item(device));
    }

    return CD_E_OK;
}


/* The body; CD_E_OK or what is wrong with it. */

static enum cd_error
push_read(struct api_call *call, struct device_settings *settings)
{
    struct json_at       body = api_body(call), at;
    struct webpush_keys  keys;
    static const char *const  names[] = {
        "endpoint", "p256dh", "auth", "?ends", NULL
    };

    json_members(&body, names);
    at = json_member(&body, "p256dh");
    settings->p256dh = json_word(&at, base64url, P256DH_LEN);
    at = json_member(&body, "auth");
    settings->auth = json_word(&at, base64url, AUTH_LEN);

    if (webpush_keys_read(&keys, settings->p256dh, settings->auth) != 0) {
        at = json_member(&body, "p256dh");
        json_fault(&at, "expected a point on P-256, and 16 bytes in "
                   "\"auth\", as base64url");
    }

    at = json_member(&body, "ends");
    settings->ends = at.value != NULL && json_flag(&at);
    at = json_member(&body, "endpoint");
    settings->endpoint = json_text(&at, CD_LIMIT_PUSH_ENDPOINT);

    if (!https_url(settings->endpoint, CD_LIMIT_PUSH_ENDPOINT)) {
        json_fault(&at, "expected an address of https:// of at most %llu "
                   "bytes",
                   (unsigned long long) CD_LIMIT_PUSH_ENDPOINT);
    }

    return api_body_fault(call);
}


enum cd_error
push_put(struct api_call *call)
{
    enum cd_error           error;
    struct device_settings  settings;

    if (push_agent(call, &error) == NULL) {
        return error;
    }

    if (call->on->push_key == NULL) {
        return api_refuse(call, CD_E_FORBIDDEN, NULL, "this desk has no web "
                          "push; see [push] in worker.ini");
    }

    if (strlen(call->param[0]) != ID_MAX) {
        return api_refuse(call, CD_E_BAD_REQUEST, "id",
                          "expected an id of %d characters", ID_MAX);
    }

    error = push_read(call, &settings);

    if (error != CD_E_OK) {
        return error;
    }

    settings.id = call->param[0];
    settings.login = cd_frame_str(call->ask, CD_F_SESSION_KEY);

    return desk_put_device(call->on->desk, call->who, &settings,
                           call->on->now_ms, call->on->changes);
}


enum cd_error
push_delete(struct api_call *call)
{
    enum cd_error  error;

    if (push_agent(call, &error) == NULL) {
        return error;
    }

    if (desk_drop_device(call->on->desk, call->who, call->param[0],
                         call->on->now_ms, call->on->changes) != 0)
    {
        return api_refuse(call, CD_E_NOT_FOUND, NULL,
                          "there is no subscription \"%s\"",
                          call->param[0]);
    }

    return CD_E_OK;
}


enum cd_error
outbox_get(struct api_call *call)
{
    const struct outbox_count  *count = desk_outbox_count(call->on->desk);

    if (api_answer(call) == NULL) {
        return api_no_memory(call);
    }

    api_put_whole(call->answer, "waiting", count->waiting);
    api_put_whole(call->answer, "sent", count->sent);
    api_put_whole(call->answer, "again", count->again);
    api_put_whole(call->answer, "gone", count->gone);
    api_put_whole(call->answer, "dead", count->dead);
    api_put_whole(call->answer, "dropped", count->dropped);

    return CD_E_OK;
}
