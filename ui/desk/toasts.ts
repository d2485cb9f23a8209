/*
 * Toasts: short words about something that has just happened.
 *
 * Owns the list and its timers.  At most MAX at once; the oldest gives way.
 * A text that is already shown is not shown twice.  What is held stays until
 * it is released, or for a while after somebody has come to look.
 */

import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

const MAX = 3;
const SHOWN_MS = 7000;

export interface Toast {
    id: number;
    text: string;

    /* what it is about, of one that is held */
    about?: string;
}

export class Toasts {
    readonly #list = signal<readonly Toast[]>([]);
    readonly #timers = new Map<number, number>();
    #last = 0;

    get list(): ReadonlySignal<readonly Toast[]> {
        return this.#list;
    }

    show(text: string): void {
        if (!this.#list.peek().some((toast) => toast.text === text)) {
            this.#fade(this.#add({ text }));
        }
    }

    /* A newer one about the same takes the older one's place. */
    hold(about: string, text: string): void {
        this.release(about);
        this.#add({ text, about });
    }

    release(about: string): void {
        for (const toast of this.#list.peek()) {
            if (toast.about === about) {
                this.drop(toast.id);
            }
        }
    }

    /* Somebody looks: what was held goes after a while. */
    seen(): void {
        this.#list.peek().forEach((toast) => this.#fade(toast.id));
    }

    drop(id: number): void {
        window.clearTimeout(this.#timers.get(id));
        this.#timers.delete(id);
        this.#list.value = this.#list.peek().filter((t) => t.id !== id);
    }

    #add(toast: Omit<Toast, 'id'>): number {
        const id = ++this.#last;

        for (const old of this.#list.peek().slice(0, 1 - MAX)) {
            this.drop(old.id);
        }

        this.#list.value = [...this.#list.peek(), { ...toast, id }];

        return id;
    }

    #fade(id: number): void {
        if (!this.#timers.has(id)) {
            this.#timers.set(id, window.setTimeout(() => this.drop(id),
                                                   SHOWN_MS));
        }
    }
}
