/*
 * What people are called.  Pure functions.
 */

import type { Card } from './inbox';

/* The client's name, or what stands for it. */
export function clientName(card: Card): string {
    if (card.name) {
        return card.name;
    }

    return card.number === undefined ? 'Visitor' : `Visitor ${card.number}`;
}

/* When something was last written in it, or else when it began. */
export function updatedAt(card: Card): number {
    return Math.max(card.client_at ?? 0, card.reply_at ?? 0, card.since);
}

/* Ended, whether or not it is still being wrapped up. */
export function isOver(card: Card | undefined): boolean {
    return card?.phase === 'closed' || card?.phase === 'wrapup';
}
