/*
 * Tells the agent: a sound, a notification of the browser, a toast.
 *
 * Owns what it shows outside of the page, and two locks of the browser:
 *
 *   chatdesk.herald.<agent>   held by the one tab of this agent that tells
 *   chatdesk.looking.<agent>  shared by the tabs that the agent looks at
 *
 * So of several tabs one tells, and none does outside of the page while the
 * agent looks at any of them.  Without locks (plain http) each tab tells;
 * there the browser has no notifications either.
 */

import { effect, signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

import type { NoticeKind } from '../shared/tables';
import type { Customs } from './custom';
import type { Choices, Notice } from './notices';
import { Speaker } from './sounds';
import { wordsOf } from './words';

export type Permission = NotificationPermission | 'missing';

export interface HeraldParts {
    who: string;
    looking: ReadonlySignal<boolean>;
    choices: ReadonlySignal<Choices>;
    customs: Customs;

    /* what an agent does who clicks on a notification */
    open: (notice: Notice) => void;

    /* in the page, where the browser shows nothing */
    show: (text: string) => void;
}

export class Herald {
    readonly speaker = new Speaker();

    readonly #parts: HeraldParts;
    readonly #permission = signal<Permission>(permissionNow());
    readonly #shown = new Map<string, Notification>();
    readonly #kinds = new Map<string, NoticeKind>();
    #leads = navigator.locks === undefined;
    #waiting = new AbortController();
    #release: () => void = () => undefined;
    #unlook: () => void = () => undefined;
    #ends: (() => void)[] = [];

    constructor(parts: HeraldParts) {
        this.#parts = parts;
    }

    get permission(): ReadonlySignal<Permission> {
        return this.#permission;
    }

    start(): void {
        this.speaker.start();
        this.#waiting = new AbortController();
        this.#lead();
        this.#ends = [effect(() => this.#look(this.#parts.looking.value))];
    }

    stop(): void {
        this.#ends.forEach((end) => end());
        this.#ends = [];
        this.#unlook();
        this.#waiting.abort();
        this.#release();
        this.speaker.stop();
        this.#shown.forEach((one) => one.close());
        this.#shown.clear();
    }

    /* The browser's own question; needs a gesture. */
    async ask(): Promise<void> {
        try {
            await Notification.requestPermission();

        } finally {
            this.#permission.value = permissionNow();
        }
    }

    told(notice: Notice): void {
        this.#kinds.set(notice.about, notice.kind);

        if (this.#leads && !this.#parts.customs.handle(eventOf(notice))) {
            void this.#tell(notice);
        }
    }

    over(about: string): void {
        const kind = this.#kinds.get(about);

        this.#shown.get(about)?.close();
        this.#shown.delete(about);
        this.#kinds.delete(about);

        if (this.#leads && kind !== undefined) {
            this.#parts.customs.handle(Object.freeze(
                { type: kind, state: 'over', about }));
        }
    }

    async #tell(notice: Notice): Promise<void> {
        const { sound, volume, popup } = this.#parts.choices.peek();

        this.speaker.play(sound, volume);

        if (await this.#isLookedAt()) {
            return;
        }

        if (this.#kinds.has(notice.about)
            && !(popup && this.#pop(notice)))
        {
            this.#parts.show(wordsOf(notice).join(': '));
        }
    }

    /* False when the browser shows none. */
    #pop(notice: Notice): boolean {
        this.#permission.value = permissionNow();

        if (this.#permission.peek() !== 'granted') {
            return false;
        }

        const [title, body] = wordsOf(notice);

        try {
            /* the tag lets a newer one take the older one's place */
            const popup = new Notification(title, {
                body, tag: notice.about, silent: true,
            });

            popup.onclick = () => {
                window.focus();
                popup.close();
                this.#parts.open(notice);
            };
            this.#shown.set(notice.about, popup);

            return true;

        } catch {
            /* some browsers leave this to service workers */
            this.#permission.value = 'missing';

            return false;
        }
    }

    /* Of all tabs of this agent one holds the lock; the next one gets it
       when that tab goes. */
    #lead(): void {
        void navigator.locks?.request(`chatdesk.herald.${this.#parts.who}`,
            { signal: this.#waiting.signal },
            () => new Promise<void>((resolve) => {
                this.#leads = true;
                this.#release = resolve;
            })).catch(() => undefined);
    }

    #look(looking: boolean): void {
        this.#unlook();
        this.#unlook = () => undefined;

        if (looking) {
            void navigator.locks?.request(this.#lookingName(),
                { mode: 'shared' }, () => new Promise<void>((resolve) => {
                    this.#unlook = resolve;

                    if (!this.#parts.looking.peek()) {
                        resolve();
                    }
                })).catch(() => undefined);
        }
    }

    async #isLookedAt(): Promise<boolean> {
        if (this.#parts.looking.peek() || navigator.locks === undefined) {
            return this.#parts.looking.peek();
        }

        const { held } = await navigator.locks.query();

        return held?.some((one) => one.name === this.#lookingName()) ?? false;
    }

    #lookingName(): string {
        return `chatdesk.looking.${this.#parts.who}`;
    }
}

function permissionNow(): Permission {
    return typeof Notification === 'function' ? Notification.permission
                                              : 'missing';
}

function eventOf(notice: Notice) {
    const { kind, about, conv, name, queue, count, preview, at } = notice;

    return Object.freeze({
        type: kind, state: 'told' as const, about, conv, name, queue, count,
        preview, at,
    });
}
