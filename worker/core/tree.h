/*
 * The red-black trees of <bsd/sys/tree.h>, and the lists that go with them.
 *
 * Purpose:    one place that includes them; links lie inside the objects, so
 *             that indexing one never allocates and never fails.
 * Owner:      whoever embeds the link.
 * Invariants: an object's key does not change while it is in a tree; walking
 *             a tree goes by key, so the order never depends on addresses.
 */

#ifndef CHATDESK_CORE_TREE_H
#define CHATDESK_CORE_TREE_H

#include <bsd/sys/tree.h>
#include <stddef.h>
#include <sys/queue.h>

/* the functions of a tree, private to the file that generates them */
#define TREE_GENERATE(name, type, field, compare)                             \
    RB_GENERATE_INTERNAL(name, type, field, compare,                          \
                         static __attribute__((unused)))

/* the object in which a link or timer is embedded */
#define OWNER_OF(ptr, type, member)                                           \
    ((type *) (void *) ((char *) (ptr) - offsetof(type, member)))

#endif /* CHATDESK_CORE_TREE_H */
