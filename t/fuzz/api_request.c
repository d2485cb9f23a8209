/*
 * Fuzz target: a request of the REST interface.
 *
 * Method, path, query and body of an admin, separated by line feeds, are
 * given to the handler: whatever they are, there is one answer, with a
 * status, and a commit that Redis can read.
 *
 * link: worker/api worker/core t/sim/ops.c worker/io/json_check.c
 * link: worker/io/desk_file.c worker/io/password.c worker/io/log.c
 * link: worker/io/settings.c worker/io/settings_redis.c
 * link: worker/io/settings_out.c worker/io/desk_skills.c
 * link: worker/io/config.c worker/io/document.c worker/io/desk_queues.c
 * link: worker/io/desk_profiles.c worker/io/desk_agents.c worker/io/desk_keys.c
 * link: worker/io/desk_notify.c worker/io/desk_hours.c worker/io/zone.c
 * link: worker/io/desk_flows.c worker/io/desk_form.c
 * link: worker/io/desk_attributes.c worker/io/desk_templates.c
 * link: worker/io/desk_life.c worker/io/desk_hooks.c worker/io/https_url.c
 * link: worker/io/webpush.c
 * link: worker/io/p256.c worker/io/base64url.c
 * link: -ljson-c -lmsgpackc -lcrypto -lcrypt -linih -lglib-2.0
 */

#include "../unit/api_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t           i;
    const char      *next, *text = (const char *) data;
    const char      *end = text + size;
    struct fixture  *fx;
    struct cd_frame  request;
    static const struct { unsigned field; size_t most; } parts[] = {
        { CD_F_METHOD, 8 }, { CD_F_PATH, 512 }, { CD_F_QUERY, 2048 },
        { CD_F_BODY, 49152 }
    };

    cd_frame_init(&request, CD_T_ASK);

    for (i = 0; i < 4; i++) {
        next = i < 3 ? memchr(text, '\n', (size_t) (end - text)) : NULL;
        next = next != NULL ? next : end;

        if ((size_t) (next - text) > parts[i].most) {
            return 0;
        }

        cd_frame_set_str(&request, parts[i].field, text,
                         (size_t) (next - text));
        text = next < end ? next + 1 : end;
    }

    cd_frame_set_str(&request, CD_F_KEY_HASH, ROBOT_KEY, 64);
    fx = fixture_new();
    fixture_frame(fx, &request);

    if (fx->answers != 1 || fx->status < 200 || fx->status == 500) {
        abort();
    }

    fixture_free(fx);

    return 0;
}
