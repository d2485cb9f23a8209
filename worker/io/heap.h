/*
 * The heap in large pages.
 *
 * Purpose:    a desk that is loaded touches hundreds of megabytes for the
 *             first time; in pages of 4 KB that costs more than all else.
 * Owner:      the process.
 * Invariants: where the kernel has no large pages for this, nothing changes.
 */

#ifndef CHATDESK_IO_HEAP_H
#define CHATDESK_IO_HEAP_H

/* Lets the heap grow in large steps; once, before anything is loaded. */
void heap_open(void);

/* Asks for large pages for what it has grown by since; cheap. */
void heap_grown(void);

#endif /* CHATDESK_IO_HEAP_H */
