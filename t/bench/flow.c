/*
 * Messages by the clock, and what arrived of them.
 *
 * Purpose:    one-way delay from the time when a message should have left,
 *             and the count of what was lost, doubled or out of order.
 * Owner:      a pair owns its numbers.
 * Invariants: message i of a step leaves at begin + i / rate, late when the
 *             client itself is late, and its delay counts from that time all
 *             the same; a step is valid when every message arrived once and
 *             in order.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

#define DRAIN_NS     8000000000ull
#define SECOND_NS    1000000000.0


/* The text of a message: pair, number, due time, padding. */

size_t flow_text(struct pair *p, uint32_t k, char *text, size_t room)
{
    size_t size = (size_t) p->from->load->size;
    int len = snprintf(text, room, "%u %u %" PRIu64 " ", p->index, k,
        p->due[k % LOAD_RING]);

    size = size < room ? size : room;

    if ((size_t) len < size) {
        memset(text + len, 'x', size - (size_t) len);
        return size;
    }

    return (size_t) len;
}


static void late(struct load *l, uint64_t due)
{
    uint64_t now = load_now();

    if (due >= l->measure_from) {
        samples_add(&l->latency, now > due ? now - due : 0);
    }
}


/*
 * Reads a message: number and due time; returns its pair, NULL when it is
 * none of ours or came through the wrong conversation.
 */

static struct pair *message_read(struct load *l, const char *text,
    uint32_t *k, uint64_t *due)
{
    const char *at = strstr(text, "\"text\":\"");
    const char *conv = strstr(text, "\"conv\":\"");
    uint32_t index;

    if (sscanf(at != NULL ? at + 8 : text, "%u %u %" SCNu64, &index, k,
               due) != 3
        || index >= l->pairs)
    {
        return NULL;
    }

    if (conv != NULL
        && strncmp(conv + 8, l->pair[index].conv, LOAD_ID) != 0)
    {
        return NULL;
    }

    return &l->pair[index];
}


/* Whether this socket is one whose arrivals count; senders get copies. */

static int receives(struct conn *c, struct pair *p)
{
    return c->load->fan > 0 ? p->from != c || p->to == c : p->to == c;
}


/* Counts a message by its number among those that came before. */

static void number_got(struct load *l, uint32_t *got, uint32_t k)
{
    if (k != *got + 1) {
        l->count.order += k - *got - 1;
    }

    *got = k;
    l->received++;
}


/* In a fan: whether this was the last receiver of the message. */

static void last_got(struct load *l, struct pair *p, uint32_t k, uint64_t due)
{
    if (p->arrived != NULL && ++p->arrived[k % LOAD_RING] == l->fan) {
        p->arrived[k % LOAD_RING] = 0;

        if (due >= l->measure_from) {
            samples_add(&l->last, load_now() - due);
        }
    }
}


/* A message has arrived: of which pair, which number, how late. */

void flow_got(struct conn *c, const char *text)
{
    struct load *l = c->load;
    const char *n = strstr(text, "\"n\":");
    uint32_t k, *got;
    uint64_t due;
    struct pair *p = message_read(l, text, &k, &due);

    if (p == NULL) {
        l->count.foreign++;
        return;
    }

    if (!receives(c, p)) {
        return;
    }

    got = l->fan > 0 ? &c->got : &p->got;

    if (k <= *got) {
        l->count.twice++;
        return;
    }

    number_got(l, got, k);
    last_got(l, p, k, due);
    p->got = k > p->got ? k : p->got;
    p->n = n != NULL ? (uint32_t) strtoul(n + 4, NULL, 10) : 0;

    if (l->burst_ms == 0 || k % 2 == 0) {
        late(l, due);
    }
}


/* When message i of a step is due, after its beginning, ns. */

static uint64_t due_after(struct load *l, double rate, uint64_t i)
{
    if (l->burst_ms > 0) {
        return (uint64_t) ((double) (i / 2) * 2 / rate * SECOND_NS)
               + i % 2 * (uint64_t) l->burst_ms * 1000000;
    }

    return (uint64_t) ((double) i / rate * SECOND_NS);
}


static void send_one(struct load *l, uint64_t i, uint64_t due)
{
    uint64_t turn = l->burst_ms > 0 ? i / 2 : i;
    struct pair *p = &l->pair[turn % l->pairs];

    if (p->sent - p->got >= LOAD_RING - 1) {
        l->count.overrun++;
        return;
    }

    l->count.sent++;

    if (p->shedding) {
        l->count.refused++;
        return;
    }

    p->due[++p->sent % LOAD_RING] = due;
    p->open++;

    if (p->from->ready && p->resend_ns == 0) {
        l->message(p, p->sent);
    }
}


static void send_again(struct load *l, uint64_t now)
{
    for (uint32_t i = 0; i < l->pairs; i++) {
        struct pair *p = &l->pair[i];

        if (p->resend_ns != 0 && p->resend_ns <= now && p->from->ready) {
            chat_resend(p);
        }
    }
}


static uint64_t expected(struct load *l)
{
    uint64_t taken = l->count.sent - (l->shed ? l->count.refused : 0);

    return taken * (l->fan > 0 ? l->fan : 1);
}


/* Until all has arrived, or nothing more does. */

static void drain(struct load *l)
{
    uint64_t last = load_now(), seen = l->received;

    while (l->received < expected(l) && load_now() - last < DRAIN_NS) {
        load_turn(l, load_now() + 10000000);
        send_again(l, load_now());

        if (l->received != seen) {
            seen = l->received;
            last = load_now();
        }
    }
}


static void print_step(struct load *l, double rate, uint64_t during,
    double seconds)
{
    printf("{\"rate\":%.0f,\"sent\":%" PRIu64 ",\"received\":%" PRIu64
        ",\"acked\":%" PRIu64 ",\"twice\":%" PRIu64 ",\"order\":%" PRIu64
        ",\"foreign\":%" PRIu64 ",\"refused\":%" PRIu64 ",\"cut\":%" PRIu64
        ",\"overrun\":%" PRIu64 ",\"seconds\":%.3f,\"per_second\":%.1f",
        rate, l->count.sent, l->received, l->count.acked, l->count.twice,
        l->count.order, l->count.foreign, l->count.refused, l->count.cut,
        l->count.overrun, seconds, (double) during / seconds);
    printf(",\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f",
        samples_at(&l->latency, 0.5), samples_at(&l->latency, 0.99),
        samples_at(&l->latency, 0.999), samples_at(&l->latency, 1));
    printf(",\"samples\":%zu,\"last_p50\":%.3f", l->latency.count,
        samples_at(&l->last, 0.5));
    printf(",\"gap_count\":%zu,\"gap_p50\":%.3f,\"gap_p99\":%.3f"
        ",\"gap_max\":%.3f", l->gaps.count, samples_at(&l->gaps, 0.5),
        samples_at(&l->gaps, 0.99), samples_at(&l->gaps, 1));
}


static void step_reset(struct load *l, uint64_t measure_from)
{
    l->measure_from = measure_from;
    l->latency.count = l->gaps.count = l->last.count = 0;
    memset(&l->count, 0, sizeof l->count);
    l->received = 0;
}


/* Sends by the clock until the end; marks when the warming up is over.
   Returns how many messages had arrived by then. */

static uint64_t step_send(struct load *l, double rate, uint64_t begin,
    uint64_t end)
{
    uint64_t i = 0, mark = 0, now, due;

    l->marked = 0;

    for (now = load_now(); now < end; now = load_now()) {
        while ((due = begin + due_after(l, rate, i)) <= now) {
            send_one(l, i++, due);
        }

        if (l->marked == 0 && now >= l->measure_from) {
            watch_mark(l);
            mark = l->received;
            l->marked = load_now();
        }

        send_again(l, now);
        load_turn(l, due < end ? due : end);
    }

    return mark;
}


/* One step at one rate; returns whether it was kept up. */

static int flow_step(struct load *l, double rate)
{
    uint64_t begin = load_now() + 20000000;
    uint64_t from = begin + (uint64_t) l->warm_ms * 1000000;
    uint64_t during, now;
    int good;

    step_reset(l, from);
    during = step_send(l, rate, begin,
        from + (uint64_t) l->seconds * 1000000000);
    during = l->received - during;
    now = load_now();
    watch_keep(l);
    drain(l);
    print_step(l, rate, during, (double) (now - l->marked) / SECOND_NS);
    watch_print(l, during);

    good = l->received == expected(l) && l->count.twice == 0
           && l->count.order == 0 && l->count.foreign == 0
           && (l->count.refused == 0 || l->shed) && l->count.overrun == 0
           && samples_at(&l->latency, 0.99) < 100;
    printf(",\"good\":%s}\n", good ? "true" : "false");
    fflush(stdout);

    return good;
}


/*
 * All steps; a search ends with the first that is not kept up, at the second
 * try either.
 */

void flow_run(struct load *l)
{
    printf("{\"ready\":true}\n");
    fflush(stdout);

    for (uint32_t i = 0; i < l->rate_count; i++) {
        if (!flow_step(l, l->rates[i]) && l->search
            && !flow_step(l, l->rates[i]))
        {
            break;
        }
    }
}
