/*
 * nginx workers that have gone without a word.
 *
 * Purpose:    looks at the leases of nodes and finds those that ran out,
 *             by the clock of Redis; what the desk does about it is the
 *             core's.
 * Owner:      shell->nodes.
 * Invariants: both lists are bounded; what does not fit is found again the
 *             next time.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/shell_state.h"


static void
node_gone(struct shell *shell, const char *node)
{
    struct nodes  *nodes = &shell->nodes;

    if (nodes->gone_count == NODES_GONE_MAX || strlen(node) >= NODE_ID_MAX) {
        return;
    }

    log_event(LOG_LEVEL_NOTICE, shell->entry->name, "node_gone",
              "the lease of node %s has run out", node);
    snprintf(nodes->gone[nodes->gone_count++], NODE_ID_MAX, "%s", node);
}


/* A session of this node was loaded: should it have no lease, it counts as
   gone after the time of one. */

void
nodes_seen(struct shell *shell, const char *node)
{
    size_t         i;
    struct nodes  *nodes = &shell->nodes;

    for (i = 0; i < nodes->lost_count; i++) {
        if (strcmp(nodes->lost[i], node) == 0) {
            return;
        }
    }

    if (i < NODES_LOST_MAX && strlen(node) < NODE_ID_MAX) {
        snprintf(nodes->lost[i], NODE_ID_MAX, "%s", node);
        nodes->lost_count++;
        nodes->lost_ms = uv_now(shell->loop) + CD_LIMIT_NODE_LEASE_MS;
    }
}


static void
node_found(struct nodes *nodes, const char *node)
{
    size_t  i;

    for (i = 0; i < nodes->lost_count; i++) {
        if (strcmp(nodes->lost[i], node) == 0) {
            nodes->lost_count--;
            memmove(nodes->lost[i], nodes->lost[nodes->lost_count],
                    NODE_ID_MAX);
            return;
        }
    }
}


static void
nodes_got_leases(void *data, const redisReply *reply)
{
    size_t         i;
    struct shell  *shell = data;
    struct nodes  *nodes = &shell->nodes;

    if (reply == NULL) {
        return;
    }

    nodes->asking = 0;

    if (reply->type != REDIS_REPLY_ARRAY) {
        shell_drop(shell, LOG_LEVEL_ERROR, redis_text(reply));
        return;
    }

    for (i = 0; i + 1 < reply->elements; i += 2) {
        node_found(nodes, redis_element(reply, i));

        if (strtoull(redis_element(reply, i + 1), NULL, 10)
            <= nodes->redis_ms)
        {
            node_gone(shell, redis_element(reply, i));
        }
    }

    if (nodes->lost_count > 0 && uv_now(shell->loop) >= nodes->lost_ms) {
        while (nodes->lost_count > 0) {
            node_gone(shell, nodes->lost[--nodes->lost_count]);
        }
    }

    if (nodes->gone_count > 0) {
        batch_work(shell);
    }
}


static void
nodes_got_time(void *data, const redisReply *reply)
{
    struct shell  *shell = data;

    if (reply != NULL && reply->type == REDIS_REPLY_ARRAY
        && reply->elements == 2)
    {
        shell->nodes.redis_ms =
            strtoull(redis_element(reply, 0), NULL, 10) * 1000
            + strtoull(redis_element(reply, 1), NULL, 10) / 1000;
    }
}


void
nodes_check(struct shell *shell)
{
    char         key[64];
    const char  *time[1] = { "TIME" };
    const char  *leases[2] = { "HGETALL", key };

    if (shell->state != SHELL_RUNNING || shell->nodes.asking
        || shell->nodes.gone_count > 0)
    {
        return;
    }

    snprintf(key, sizeof(key), "%snodes", shell->prefix);

    if (redis_command(shell->command, nodes_got_time, shell, 0, 1, time, NULL)
            == 0
        && redis_command(shell->command, nodes_got_leases, shell, 0, 2,
                         leases, NULL) == 0)
    {
        shell->nodes.asking = 1;
    }
}
