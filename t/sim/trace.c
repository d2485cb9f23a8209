/*
 * What happened, for whoever looks for the reason of a violation.
 *
 * Purpose:    one line for each commit, each entry that it stands for and
 *             each of its operations, on stdout.
 * Owner:      nothing.
 * Invariants: none.
 */

#include "sim.h"

#include <stdio.h>


static void
print_bytes(struct cd_str bytes)
{
    size_t  i;

    for (i = 0; i < bytes.len; i++) {
        if (bytes.data[i] >= ' ' && bytes.data[i] <= '~') {
            printf("%c", bytes.data[i]);

        } else {
            printf("<%02x>", (unsigned char) bytes.data[i]);
        }
    }
}


void
sim_trace_op(const struct op *op)
{
    unsigned  i;

    if (op == NULL) {
        printf("    nothing\n");
        return;
    }

    printf("    operation %d", op->code);

    if (op->has_frame) {
        printf(" (%s)", cd_frame_row(op->frame.type)->name);
    }

    for (i = 0; i < op->count; i++) {
        if (op->text[i].data == NULL) {
            printf(" %llu", (unsigned long long) op->number[i]);
            continue;
        }

        printf(" ");
        print_bytes(op->text[i]);
    }

    printf("\n");
}


static void
trace_entry(const struct sim_entry *entry)
{
    struct cd_frame  frame;
    struct cd_str    bytes = { entry->envelope, entry->len };

    if (cd_frame_decode(&frame, entry->envelope, entry->len) == 0) {
        printf("  entry %s n %u ", cd_frame_row(frame.type)->name, frame.n);
        print_bytes(bytes);
        printf("\n");
    }
}


void
sim_trace(const struct sim *sim, size_t entries, const struct ops *ops)
{
    size_t  i;

    printf("commit %llu, step %llu, at %llu%s\n",
           (unsigned long long) sim->commits,
           (unsigned long long) sim->step,
           (unsigned long long) sim->now_ms,
           sim->batch_ticked ? ", ticked" : "");

    for (i = 0; i < entries; i++) {
        trace_entry(&sim->log[sim->log_applied + i]);
    }

    for (i = 0; i < ops->count; i++) {
        sim_trace_op(&ops->list[i]);
    }
}
