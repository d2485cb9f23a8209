/*
 * /v1/figures and /v1/queues/{id}/figures: how the queues are doing.
 *
 * Purpose:    what the feed `queues` tells, at this moment.
 * Owner:      nothing.
 * Invariants: the members are those of the frame `figures`; only what is
 *             counted is in them, nothing about any client.
 */

#include "api/resources.h"

#include "core/state.h"


static struct json_object *
figures_item(struct desk *desk, const struct queue *queue)
{
    struct told          told;
    struct json_object  *item = json_object_new_object();

    figures_of(desk, &queue->figures, &told);
    api_put_text(item, "queue_id", queue->id.s);
    api_put_text(item, "queue", queue->name);
    api_put_whole(item, "waiting", told.waiting);
    api_put_whole(item, "active", told.served);

    if (told.since_ms != 0) {
        api_put_whole(item, "since", told.since_ms);
    }

    if (told.waits.answered > 0) {
        api_put_whole(item, "average_ms", told.waits.average_ms);
        api_put_whole(item, "p50_ms", told.waits.p50_ms);
        api_put_whole(item, "p90_ms", told.waits.p90_ms);
    }

    if (told.waits.has_level) {
        api_put_whole(item, "level", told.waits.level);
    }

    return item;
}


enum cd_error
figures_list(struct api_call *call)
{
    const char       *last = NULL;
    enum cd_error     error;
    struct desk      *desk = call->on->desk;
    struct queue     *queue;
    struct api_page   page;

    error = api_page_open(call, &page);
    if (error != CD_E_OK) {
        return error;
    }

    queue = queues_first(&desk->queues);

    while (queue != NULL && strcmp(queue->id.s, page.after) <= 0) {
        queue = queues_next(queue);
    }

    for ( ; queue != NULL && !api_page_full(&page);
         queue = queues_next(queue))
    {
        last = queue->id.s;
        api_page_add(&page, figures_item(desk, queue));
    }

    return api_page_close(call, &page, queue != NULL ? last : NULL);
}


enum cd_error
figures_get(struct api_call *call)
{
    struct desk   *desk = call->on->desk;
    struct queue  *queue = queue_find(&desk->queues, call->param[0]);

    if (queue == NULL) {
        return api_refuse(call, CD_E_NOT_FOUND, NULL,
                          "there is no queue \"%s\"", call->param[0]);
    }

    call->answer = figures_item(desk, queue);

    return call->answer != NULL ? CD_E_OK : api_no_memory(call);
}
