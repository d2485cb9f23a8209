/*
 * Supervisors are told of a queue in which chats wait longer than it allows.
 *
 *   nobody waits long --> told --> more wait long: told again, not before
 *                          |       the interval has passed
 *                          +-----> nobody waits long any more: over
 *
 * Purpose:    one notice for each queue, however many wait in it.
 * Owner:      the queue's own alert holds what was told; each supervisor has
 *             one that says that its inbox shows it.
 * Invariants: the queue's timer runs while somebody waits who has not waited
 *             too long yet, or while a notice is due.
 */

#include "core/notify.h"

#include <stdio.h>

#include "core/publish.h"
#include "core/state.h"

/* a queue's line as the rule sees it */
struct line {
    char      about[ABOUT_MAX + 1];
    uint32_t  count;            /* wait too long */
    uint64_t  since_ms;         /* the first of them */
    uint64_t  newest;           /* number of the last of them */
    uint64_t  next_ms;          /* when there is one more; 0: never */
};


static void
line_look(const struct desk *desk, struct queue *queue,
    const struct alert *own, struct line *line)
{
    uint64_t              now = desk->now_ms;
    struct conversation  *one;

    line->count = 0;
    line->since_ms = 0;
    line->newest = 0;
    line->next_ms = 0;

    if (queue->wait_alert_ms == 0) {
        return;
    }

    /* a clock that was put back does not take back what was told */
    if (own != NULL && own->told_ms > now) {
        now = own->told_ms;
    }

    for (one = queue_first(queue); one != NULL; one = queue_next(one)) {
        if (one->since_ms + queue->wait_alert_ms > now) {
            line->next_ms = one->since_ms + queue->wait_alert_ms;
            return;
        }

        if (line->count == CD_LIMIT_WAIT_COUNT) {
            return;
        }

        if (line->count++ == 0) {
            line->since_ms = one->since_ms;
        }

        line->newest = one->number;
    }
}


/* Takes the notice from those to whom it is not to be shown. */

static void
line_withdraw(struct desk *desk, struct queue *queue, const char *about,
    int all)
{
    struct alert  *alert, *next;

    for (alert = alert_first(&desk->alerts, about); alert != NULL;
         alert = next)
    {
        next = alert_next(alert);

        if (alert->agent != NULL
            && (all || !notify_supervises(alert->agent, queue, NOTICE_WAIT)))
        {
            notify_clear(desk, alert);
            alert_end(desk, alert);
        }
    }
}


static void
line_tell(struct desk *desk, struct queue *queue, struct alert *own,
    const struct line *line)
{
    struct agent  *agent;
    struct alert  *alert;

    own->told_ms = desk->now_ms;
    own->mark = line->newest;
    own->shown = 1;
    alert_touch(desk, own);

    for (agent = agent_first(&desk->agents); agent != NULL;
         agent = agent_next(agent))
    {
        if (!notify_supervises(agent, queue, NOTICE_WAIT)) {
            continue;
        }

        alert = alert_get(desk, line->about, agent);
        if (alert == NULL) {
            return;
        }

        alert->kind = NOTICE_WAIT;
        alert->shown = 1;
        alert->count = line->count;
        publish_wait(desk, queue, alert, line->since_ms);
        alert_touch(desk, alert);
    }
}


/* When the line is to be looked at again; before a notice may come there is
   no use in it.  0: never. */

static uint64_t
line_next(const struct desk *desk, const struct alert *own,
    const struct line *line)
{
    uint64_t  due = notify_next(&desk->policy, own->told_ms);

    return line->next_ms != 0 && line->next_ms < due ? due : line->next_ms;
}


/* Nobody waits too long. */

static void
line_rest(struct desk *desk, struct queue *queue, struct alert *own,
    const struct line *line)
{
    uint64_t  next;

    if (own != NULL && own->shown) {
        line_withdraw(desk, queue, line->about, 1);
        own->shown = 0;
        own->mark = 0;
        alert_touch(desk, own);
    }

    if (line->next_ms != 0) {
        own = alert_get(desk, line->about, NULL);
        if (own != NULL) {
            own->kind = NOTICE_WAIT;
            alert_set_timer(desk, own, line_next(desk, own, line));
        }

    } else if (own != NULL) {
        next = notify_next(&desk->policy, own->told_ms);
        if (next > desk->now_ms) {
            alert_set_timer(desk, own, next);
        } else {
            alert_end(desk, own);
        }
    }
}


void
notify_queue(struct desk *desk, struct queue *queue)
{
    uint64_t       due;
    struct line    line;
    struct alert  *own;

    snprintf(line.about, sizeof(line.about), ALERT_QUEUE "%s", queue->id.s);
    own = alert_find(&desk->alerts, line.about, NULL);
    line_withdraw(desk, queue, line.about, 0);
    line_look(desk, queue, own, &line);

    if (line.count == 0) {
        line_rest(desk, queue, own, &line);
        return;
    }

    own = alert_get(desk, line.about, NULL);
    if (own == NULL) {
        return;
    }

    own->kind = NOTICE_WAIT;

    if (line.newest > own->mark) {
        due = notify_next(&desk->policy, own->told_ms);

        if (due > desk->now_ms) {
            alert_set_timer(desk, own, due);
            return;
        }

        line_tell(desk, queue, own, &line);
    }

    alert_set_timer(desk, own, line_next(desk, own, &line));
}


void
notify_queue_due(struct desk *desk, struct alert *alert)
{
    char           about[ABOUT_MAX + 1];
    struct queue  *queue;

    alert_about(alert, about);
    queue = queue_find(&desk->queues, about + strlen(ALERT_QUEUE));

    if (queue != NULL) {
        notify_queue(desk, queue);
    } else {
        alert_end(desk, alert);
    }
}


void
notify_queues(struct desk *desk)
{
    struct queue  *queue;

    for (queue = queues_first(&desk->queues); queue != NULL;
         queue = queues_next(queue))
    {
        if (queue->changed) {
            queue->changed = 0;
            notify_queue(desk, queue);
        }
    }
}


void
notify_settings(struct desk *desk)
{
    struct agent  *agent;
    struct queue  *queue;

    for (queue = queues_first(&desk->queues); queue != NULL;
         queue = queues_next(queue))
    {
        queue->changed = 1;
    }

    notify_hands(desk);

    for (agent = agent_first(&desk->agents); agent != NULL;
         agent = agent_next(agent))
    {
        if (agent->policy_changed) {
            notify_policy(desk, agent);
        }
    }
}
