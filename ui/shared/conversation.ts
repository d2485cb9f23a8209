/*
 * What a client knows of one conversation: the store of its feed.
 *
 * Purpose:    windows and live frames in, signals for the screen out
 *             (docs/protocol.md, section 4).
 * Owner:      its log, registers and the timers of typing; clear() or the
 *             end of the page gives them up.
 * Invariants: a numbered frame is taken once and in order; a hole is never
 *             jumped: until the window that was asked for has come, live
 *             numbered frames are left out (the window brings them); the
 *             log holds at most LOG_MAX entries, the newest.
 */

import { computed, signal, type ReadonlySignal } from '@preact/signals';

import type {
    EventFrame, FeedFrame, FollowFrame, MarkFrame, MemberFrame, MessageFrame,
    PhaseFrame, ServerFrame, TypingFrame, WindowFrame,
} from './tables';

const TYPING_MS = 6_000;
const LOG_MAX = 400;

export type Entry = MessageFrame | EventFrame;
export type Delivery = 'sent' | 'delivered' | 'read';
export type Cursor = Omit<FollowFrame, 't' | 'feed'>;

export interface ConversationOptions {
    id: string;
    /* There is a hole: `follow` is to be sent with cursor(). */
    onHole?: () => void;
}


export class Conversation {
    readonly id: string;

    #onHole: (() => void) | undefined;
    #log = signal<readonly Entry[]>([]);
    #members = signal<ReadonlyMap<string, MemberFrame>>(new Map());
    #marks = signal<ReadonlyMap<string, MarkFrame>>(new Map());
    #phase = signal<PhaseFrame | null>(null);
    #typing = signal<ReadonlyMap<string, TypingFrame>>(new Map());
    #typingTimers = new Map<string, ReturnType<typeof setTimeout>>();
    #ready = signal(false);
    #era = 0;
    #last = 0;
    #holed = false;

    /* Messages alone, in order. */
    readonly messages = computed(() => this.#log.value.filter(
        (entry): entry is MessageFrame => entry.t === 'message'));

    /* Menus that are settled: what was picked, by the menu's id. */
    readonly picks = computed<ReadonlyMap<string, string>>(() => new Map(
        this.messages.value.flatMap((message) => message.picks === undefined
            ? [] : [[message.picks, message.text] as const])));

    /* Highest visitor-side number of a message. */
    readonly headV = computed(() => this.messages.value.reduce(
        (head, message) => Math.max(head, message.v ?? 0), 0));

    constructor(options: ConversationOptions) {
        this.id = options.id;
        this.#onHole = options.onHole;
    }

    /* Messages and events in order of n. */
    get log(): ReadonlySignal<readonly Entry[]> { return this.#log; }

    get members(): ReadonlySignal<ReadonlyMap<string, MemberFrame>> {
        return this.#members;
    }

    get marks(): ReadonlySignal<ReadonlyMap<string, MarkFrame>> {
        return this.#marks;
    }

    get phase(): ReadonlySignal<PhaseFrame | null> { return this.#phase; }

    /* Who is typing now, by person. */
    get typing(): ReadonlySignal<ReadonlyMap<string, TypingFrame>> {
        return this.#typing;
    }

    /* True from the first window on. */
    get ready(): ReadonlySignal<boolean> { return this.#ready; }

    /* Where to resume; nothing before the first window. */
    cursor(): Cursor {
        return this.#ready.value
            ? {
                era: this.#era,
                n: this.#last,
                mid: this.messages.value.at(-1)?.mid,
            }
            : {};
    }

    has(mid: string): boolean {
        return this.messages.value.some((message) => message.mid === mid);
    }

    /* How far a message by `from` has come on the other side. */
    deliveryOf(message: MessageFrame): Delivery {
        let delivery: Delivery = 'sent';

        if (message.v === undefined || message.v === 0) {
            return delivery;
        }

        for (const mark of this.#marks.value.values()) {
            if (mark.role === message.role) {
                continue;
            }

            if (mark.read >= message.v) {
                return 'read';
            }

            if (mark.got >= message.v) {
                delivery = 'delivered';
            }
        }

        return delivery;
    }

    /* Takes a frame if it belongs to this conversation's feed. */
    apply(frame: ServerFrame): void {
        switch (frame.t) {
        case 'window':
            if (frame.feed === this.id) {
                this.#applyWindow(frame);
            }
            return;

        case 'typing':
            if (frame.conv === this.id) {
                this.#setTyping(frame);
            }
            return;

        case 'message':
        case 'event':
        case 'member':
        case 'mark':
        case 'phase':
            if (frame.conv === this.id) {
                this.#applyLive(frame);
            }
        }
    }

    /* A window that rebuilds this store elsewhere. */
    snapshot(): WindowFrame {
        const registers: FeedFrame[] = [
            ...this.#members.value.values(), ...this.#marks.value.values(),
        ];

        if (this.#phase.value !== null) {
            registers.push(this.#phase.value);
        }

        return {
            t: 'window', feed: this.id, era: this.#era, head: this.#last,
            reset: true, frames: [...registers, ...this.#log.value],
        };
    }

    clear(): void {
        this.#log.value = [];
        this.#members.value = new Map();
        this.#marks.value = new Map();
        this.#phase.value = null;
        this.#typing.value = new Map();
        this.#typingTimers.forEach((timer) => clearTimeout(timer));
        this.#typingTimers.clear();
    }

    #applyWindow(window: WindowFrame): void {
        const known = window.reset ? 0 : this.#last;

        if (window.reset) {
            this.clear();
        }

        const entries: Entry[] = [];

        for (const frame of window.frames) {
            if (frame.t === 'message' || frame.t === 'event') {
                if (frame.n > known) {
                    entries.push(frame);
                }
            } else {
                this.#setRegister(frame);
            }
        }

        this.#append(entries);
        this.#era = window.era;
        this.#last = Math.max(known, window.head);
        this.#holed = false;
        this.#ready.value = true;
    }

    #applyLive(frame: Entry | MemberFrame | MarkFrame | PhaseFrame): void {
        if (!this.#ready.value || this.#holed || frame.n <= this.#last) {
            return;
        }

        if (frame.n > this.#last + 1) {
            this.#holed = true;
            this.#onHole?.();
            return;
        }

        this.#last = frame.n;

        if (frame.t === 'message' || frame.t === 'event') {
            this.#append([frame]);
        } else {
            this.#setRegister(frame);
        }
    }

    #append(entries: readonly Entry[]): void {
        if (entries.length === 0) {
            return;
        }

        this.#log.value = [...this.#log.value, ...entries].slice(-LOG_MAX);

        for (const entry of entries) {
            if (entry.t === 'message') {
                this.#stopTyping(entry.from);
            }
        }
    }

    #setRegister(frame: FeedFrame): void {
        switch (frame.t) {
        case 'member':
            this.#members.value = new Map(this.#members.value)
                .set(frame.who, frame);

            if (frame.gone || !frame.present) {
                this.#stopTyping(frame.who);
            }
            return;

        case 'mark':
            this.#marks.value = new Map(this.#marks.value)
                .set(frame.who, frame);
            return;

        case 'phase':
            this.#phase.value = frame;

            if (frame.phase === 'closed') {
                this.#typing.value.forEach((_, who) => this.#stopTyping(who));
            }
        }
    }

    #setTyping(frame: TypingFrame): void {
        if (!frame.on) {
            this.#stopTyping(frame.who);
            return;
        }

        clearTimeout(this.#typingTimers.get(frame.who));
        this.#typingTimers.set(frame.who, setTimeout(
            () => this.#stopTyping(frame.who), TYPING_MS));
        this.#typing.value = new Map(this.#typing.value)
            .set(frame.who, frame);
    }

    #stopTyping(who: string): void {
        clearTimeout(this.#typingTimers.get(who));
        this.#typingTimers.delete(who);

        if (this.#typing.value.has(who)) {
            const typing = new Map(this.#typing.value);

            typing.delete(who);
            this.#typing.value = typing;
        }
    }
}
