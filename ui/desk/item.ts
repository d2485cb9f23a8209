/*
 * Work items: cards of what is no chat.  Pure functions.
 */

import type { Card } from './inbox';

export function isItem(card: Card | undefined): boolean {
    return card?.kind !== undefined;
}

/* What sort of work it is: "Case", "Incident"; "Chat" for a chat. */
export function workWord(card: Card): string {
    const word = (card.kind ?? 'chat').replace(/[_-]+/g, ' ');

    return word.charAt(0).toUpperCase() + word.slice(1);
}

/* The address of what the item is about, when it is safe to open: http or
   https, without a name and password in it. */
export function itemAddress(card: Card): string | undefined {
    try {
        const url = new URL(card.link ?? '');

        return /^https?:$/.test(url.protocol) && url.username === ''
            && url.password === '' ? url.href : undefined;

    } catch {
        return undefined;
    }
}
