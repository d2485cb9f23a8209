/*
 * Ongoing messages: the agent's conversations that come and go, such as SMS
 * or a web flow on the channel `messaging`.
 *
 * Owns whether their cards take the place of the inbox's list; all else
 * follows from the inbox.  The order of the cards is that of arrival: a
 * message never moves a card under somebody's pointer.
 */

import { computed, signal } from '@preact/signals';

import type { Inbox } from './inbox';
import { worksOn } from './states';

const CHANNEL = 'messaging';

export class Ongoing {
    readonly #inbox: Inbox;
    readonly #unread: (conv: string) => number;
    readonly #wanted = signal(false);
    #before: readonly string[] = [];

    constructor(inbox: Inbox, unread: (conv: string) => number) {
        this.#inbox = inbox;
        this.#unread = unread;
    }

    /* Whether there is an icon for them: the agent works on messaging. */
    readonly offered = computed(() => worksOn(this.#inbox.me.value, CHANNEL));

    /* Whether the cards are shown. */
    readonly open = computed(() => this.#wanted.value && this.offered.value);

    /* The conversations; the same array as long as they are the same. */
    readonly cards = computed(() => {
        const ids = this.#inbox.active.value
            .filter((conv) => this.#is(conv));

        if (ids.length !== this.#before.length
            || ids.some((conv, at) => conv !== this.#before[at]))
        {
            this.#before = ids;
        }

        return this.#before;
    });

    /* How many of them have messages that were not read. */
    readonly unread = computed(() => this.cards.value
        .filter((conv) => this.#unread(conv) > 0).length);

    /* The cards, or the inbox's list again. */
    show(cards: boolean): void {
        this.#wanted.value = cards;
    }

    /* One who watches unseen has no part in it. */
    #is(conv: string): boolean {
        const card = this.#inbox.card(conv)?.value;

        return card?.channel === CHANNEL && card.seat === undefined;
    }
}
