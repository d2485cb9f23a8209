/*
 * The agent's inbox: cards by conversation, grouped by phase, and `me`.
 *
 * Owns the cards' signals; they change only through window() and apply().
 * A card has one signal for its whole life, so that one that changes draws
 * only its own row.  Order within a group is the order of arrival: a
 * message never moves a row under somebody's pointer.
 */

import { signal } from '@preact/signals';
import type { ReadonlySignal, Signal } from '@preact/signals';
import type { CardFrame, CardGoneFrame, FeedFrame, MeFrame }
    from '../shared/tables';

export type Card = CardFrame;
export type GoneListener = (card: Card, why: CardGoneFrame['why']) => void;

export class Inbox {
    readonly #cards = new Map<string, Signal<Card>>();
    readonly #order = signal<readonly string[]>([]);
    readonly #offers = signal<readonly string[]>([]);
    readonly #active = signal<readonly string[]>([]);
    readonly #closed = signal<readonly string[]>([]);
    readonly #me = signal<MeFrame | undefined>(undefined);
    readonly #loaded = signal(false);
    readonly #onGone: GoneListener;

    constructor(onGone: GoneListener) {
        this.#onGone = onGone;
    }

    /* All conversations, in the order in which they came. */
    get order(): ReadonlySignal<readonly string[]> {
        return this.#order;
    }

    get offers(): ReadonlySignal<readonly string[]> {
        return this.#offers;
    }

    get active(): ReadonlySignal<readonly string[]> {
        return this.#active;
    }

    get closed(): ReadonlySignal<readonly string[]> {
        return this.#closed;
    }

    get me(): ReadonlySignal<MeFrame | undefined> {
        return this.#me;
    }

    /* False until the first window has come. */
    get loaded(): ReadonlySignal<boolean> {
        return this.#loaded;
    }

    card(conv: string): ReadonlySignal<Card> | undefined {
        return this.#cards.get(conv);
    }

    /* Takes a window: cards that it does not name have left meanwhile. */
    window(frames: readonly FeedFrame[], reset: boolean): void {
        if (reset) {
            const named = new Set<string>();

            for (const frame of frames) {
                if (frame.t === 'card') {
                    named.add(frame.conv);
                }
            }

            for (const conv of [...this.#cards.keys()]) {
                if (!named.has(conv)) {
                    this.#cards.delete(conv);
                }
            }
        }

        for (const frame of frames) {
            this.#take(frame);
        }

        this.#group();
        this.#loaded.value = true;
    }

    apply(frame: FeedFrame): void {
        if (this.#take(frame)) {
            this.#group();
        }
    }

    /* True when the groups have changed. */
    #take(frame: FeedFrame): boolean {
        switch (frame.t) {
        case 'me':
            this.#me.value = frame;
            return false;

        case 'card':
            return this.#put(frame);

        case 'card_gone': {
            const card = this.#cards.get(frame.conv);

            if (card === undefined) {
                return false;
            }

            this.#cards.delete(frame.conv);
            this.#onGone(card.peek(), frame.why);
            return true;
        }

        default:
            return false;
        }
    }

    #put(card: Card): boolean {
        const known = this.#cards.get(card.conv);

        if (known === undefined) {
            this.#cards.set(card.conv, signal(card));
            return true;
        }

        const moved = known.peek().phase !== card.phase;

        known.value = card;
        return moved;
    }

    #group(): void {
        const offers: string[] = [];
        const active: string[] = [];
        const closed: string[] = [];

        for (const [conv, card] of this.#cards) {
            switch (card.peek().phase) {
            case 'offered':
                offers.push(conv);
                break;
            case 'closed':
            case 'wrapup':
                closed.push(conv);
                break;
            default:
                active.push(conv);
            }
        }

        this.#order.value = [...this.#cards.keys()];
        this.#offers.value = offers;
        this.#active.value = active;
        this.#closed.value = closed;
    }
}
