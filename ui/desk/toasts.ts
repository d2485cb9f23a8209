/*
 * Toasts: short words about something that has just happened.
 *
 * Owns the list and its timers.  At most MAX at once; the oldest gives way.
 * A text that is already shown is not shown twice.
 */

import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

const MAX = 3;
const SHOWN_MS = 7000;

export interface Toast {
    id: number;
    text: string;
}

export class Toasts {
    readonly #list = signal<readonly Toast[]>([]);
    readonly #timers = new Map<number, number>();
    #last = 0;

    get list(): ReadonlySignal<readonly Toast[]> {
        return this.#list;
    }

    show(text: string): void {
        if (this.#list.peek().some((toast) => toast.text === text)) {
            return;
        }

        const id = ++this.#last;

        for (const old of this.#list.peek().slice(0, 1 - MAX)) {
            this.drop(old.id);
        }

        this.#list.value = [...this.#list.peek(), { id, text }];
        this.#timers.set(id, window.setTimeout(() => this.drop(id), SHOWN_MS));
    }

    drop(id: number): void {
        window.clearTimeout(this.#timers.get(id));
        this.#timers.delete(id);
        this.#list.value = this.#list.peek().filter((t) => t.id !== id);
    }
}
