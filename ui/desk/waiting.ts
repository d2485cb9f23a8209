/*
 * What waits for the agent: offers, and what others wrote and nobody here has
 * read, also in chats that have ended meanwhile.
 *
 * Owns nothing; it is counted from the cards.
 */

import { computed } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

import type { Inbox } from './inbox';

export interface WaitingParts {
    inbox: Inbox;
    current: ReadonlySignal<string | undefined>;

    /* whether the newest line of a chat lies before the agent's eyes */
    seen: (conv: string) => boolean;
}

export class Waiting {
    readonly #parts: WaitingParts;

    constructor(parts: WaitingParts) {
        this.#parts = parts;
    }

    /* Offers, and unread messages. */
    readonly count = computed(() => this.#sum(this.#parts.inbox.order.value));

    /* The same without the current chat. */
    readonly elsewhere = computed(() => this.#sum(this.#parts.inbox.order.value
        .filter((conv) => conv !== this.#parts.current.value)));

    /* Unread messages of a chat.  What lies before the agent's eyes is read,
       though the desk may not have said so yet. */
    unread(conv: string): number {
        const card = this.#parts.inbox.card(conv)?.value;

        return card === undefined || card.phase === 'offered'
            || this.#parts.seen(conv) ? 0 : card.unread;
    }

    #sum(convs: readonly string[]): number {
        const offers = new Set(this.#parts.inbox.offers.value);

        return convs.reduce((sum, conv) => sum + (offers.has(conv)
            ? 1 : this.unread(conv)), 0);
    }
}
