/*
 * Messages of one device in one conversation, on their way to the desk.
 *
 *   sending --ack--> sent --own message frame--> (removed: the log has it)
 *   sending --own message frame--> logged, not shown any more --ack--> (removed)
 *   sending --final error--> failed --retry()--> sending
 *
 * Purpose:    the client's half of the delivery contract (docs/protocol.md,
 *             section 5): counters, resending, gaps, waiting when told to.
 * Owner:      its items and the device's counter in this conversation; both
 *             are kept in storage before a byte is sent.
 * Invariants: at most one message is under way, the oldest, so that order
 *             holds and an error speaks of one message only; a counter is
 *             given to one text for ever; only one Outbox works on a device
 *             and conversation at a time (see docs/protocol.md, section 2).
 */

import {
    computed, effect, signal, untracked, type ReadonlySignal,
} from '@preact/signals';

import type { Connection } from './connection';
import { randomId } from './ids';
import type { Keep } from './storage';
import {
    LIMITS, type AckFrame, type ErrorCode, type ErrorFrame, type MessageFrame,
} from './tables';

const TEMPORARY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
    'busy', 'unavailable', 'rate_limited', 'internal',
]);
const ANSWER_MS = 15_000;
/* the message has come and its ack has not: it is lost, or replicas are slow */
const ACK_MS = 2_000;
const REMEMBERED = 200;

export type OutboxState = 'sending' | 'sent' | 'failed';

/* What a message may be besides its text: a note, a menu, a pick. */
export interface Extras {
    readonly private?: boolean;
    readonly choices?: readonly string[];
    /* id of the message with the menu */
    readonly picks?: string;
}

export interface OutboxItem extends Extras {
    /* stays the same until the message is in the log, and there by keyOf() */
    readonly id: string;
    readonly text: string;
    readonly private: boolean;
    /* when it was written, Date.now() ms */
    readonly at: number;
    readonly state: OutboxState;
    /* counter; 0 while none has been given */
    readonly k: number;
    /* set while told to wait: the code, and until when (Date.now() ms) */
    readonly waiting?: { code: ErrorCode; until: number };
    /* set when failed */
    readonly error?: { code: ErrorCode; text: string };
    /* the log shows it; only the ack says that it will stay there */
    readonly logged?: boolean;
    /* set when sent */
    readonly ack?: { n: number; v: number; at: number };
}

interface Kept {
    next: number;
    items: OutboxItem[];
}

export interface OutboxOptions {
    connection: Connection;
    conv: string;
    device: string;
    /* kept under `out.<conversation>.<device>` */
    keep: Keep;
    /* The desk knows this device's counter for another text: a new device id
       must be drawn, and the items moved to a new outbox (see take()). */
    onConflict?: () => void;
}


export class Outbox {
    readonly conv: string;
    readonly device: string;

    #connection: Connection;
    #keep: Keep;
    #onConflict: (() => void) | undefined;
    #items = signal<readonly OutboxItem[]>([]);
    #shown = computed(() => this.#items.value.filter((item) => !item.logged));
    #next = 1;
    #under: string | null = null;
    #timer: ReturnType<typeof setTimeout> | undefined;
    #ids = new Map<string, string>();
    #ends: (() => void)[] = [];

    /* Whether anything still waits for its ack. */
    readonly busy = computed(() =>
        this.#items.value.some((item) => item.state === 'sending'));

    constructor(options: OutboxOptions) {
        this.conv = options.conv;
        this.device = options.device;
        this.#connection = options.connection;
        this.#keep = options.keep;
        this.#onConflict = options.onConflict;

        const kept = this.#keep.get<Kept>(this.#key);

        if (kept !== undefined && Array.isArray(kept.items)) {
            this.#next = kept.next;
            this.#items.value = kept.items;
        }
    }

    /* What the log does not show yet. */
    get items(): ReadonlySignal<readonly OutboxItem[]> { return this.#shown; }

    get #key(): string { return `out.${this.conv}.${this.device}`; }

    /* Begins to send; stop() ends it.  Items can be added before. */
    start(): void {
        const connection = this.#connection;

        this.stop();
        this.#ends = [
            connection.on('ack', (frame) => this.#acked(frame)),
            connection.on('error', (frame) => this.#refused(frame)),
            connection.on('message', (frame) => this.settle(frame)),
            connection.on('window', (frame) => {
                if (frame.reset && frame.feed === this.conv) {
                    this.#forget();
                }

                frame.frames.forEach((one) => {
                    if (one.t === 'message') {
                        this.settle(one);
                    }
                });
            }),
            effect(() => {
                if (connection.state.value === 'online') {
                    untracked(() => this.#restart());
                }
            }),
        ];
        this.#pump();       /* when it was online already */
    }

    stop(): void {
        this.#ends.forEach((end) => end());
        this.#ends = [];
        this.#release();
    }

    /* Returns the item's id. */
    add(text: string, options: Extras & { id?: string } = {}): string {
        const { id = randomId(), private: note = false, choices, picks }
            = options;

        this.#put([...this.#items.peek(), {
            id, text, private: note, at: Date.now(), state: 'sending', k: 0,
            ...choices && { choices }, ...picks && { picks },
        }]);
        this.#pump();

        return id;
    }

    /* A failed message goes to the end of the line. */
    retry(id: string): void {
        const items = this.#items.peek();
        const item = items.find((one) => one.id === id);

        if (item?.state === 'failed') {
            this.#put([...items.filter((one) => one !== item), {
                ...item, state: 'sending', k: 0, error: undefined,
                waiting: undefined,
            }]);
            this.#pump();
        }
    }

    /* Forgets a failed message. */
    discard(id: string): void {
        this.#put(this.#items.peek().filter(
            (item) => item.id !== id || item.state !== 'failed'));
    }

    /* Takes out everything that the desk has not stored, to go elsewhere. */
    take(): readonly OutboxItem[] {
        const items = this.#items.peek();

        this.stop();
        this.#items.value = [];
        this.#keep.set(this.#key, undefined);

        return items.filter((item) => item.state !== 'sent' && !item.logged);
    }

    /* The log shows this message: its item, if it was ours, is not shown any
       more, and is done with when it has its ack. */
    settle(frame: MessageFrame): void {
        const k = this.#counterOf(frame.mid);
        const items = this.#items.peek();
        const item = frame.conv === this.conv && k > 0
            ? items.find((one) => one.k === k && one.state !== 'failed')
            : undefined;

        if (item === undefined) {
            return;
        }

        this.#remember(frame.mid, item.id);
        this.#next = Math.max(this.#next, k + 1);

        if (item.state === 'sent') {
            this.#drop(item.id);
            return;
        }

        this.#change(item.id, { logged: true });

        if (item.id === this.#under && item.waiting === undefined) {
            clearTimeout(this.#timer);
            this.#timer = setTimeout(() => this.#restart(), ACK_MS);
        }
    }

    /* The item's id of a message that went through this outbox, so that it
       keeps its place on the screen. */
    keyOf(mid: string): string {
        return this.#ids.get(mid) ?? mid;
    }

    #counterOf(mid: string): number {
        return mid.startsWith(`${this.device}.`)
            ? Number(mid.slice(this.device.length + 1)) : 0;
    }

    #remember(mid: string, id: string): void {
        this.#ids.set(mid, id);

        if (this.#ids.size > REMEMBERED) {
            this.#ids.delete(this.#ids.keys().next().value ?? '');
        }
    }

    #put(items: readonly OutboxItem[]): void {
        this.#keep.set(this.#key, {
            next: this.#next,
            items: items.filter((item) => item.state !== 'sent')
                .map((item) => ({ ...item, waiting: undefined })),
        } satisfies Kept);
        this.#items.value = items;
    }

    #change(id: string, more: Partial<OutboxItem>): void {
        this.#put(this.#items.peek().map(
            (item) => item.id === id ? { ...item, ...more } : item));
    }

    #drop(id: string): void {
        this.#put(this.#items.peek().filter((item) => item.id !== id));
    }

    /* The log begins anew: what it showed may be gone. */
    #forget(): void {
        this.#put(this.#items.peek().map(
            (item) => item.logged ? { ...item, logged: false } : item));
    }

    #release(): void {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        this.#under = null;
    }

    /* After a reconnect nothing is under way and no wait counts any more. */
    #restart(): void {
        this.#release();
        this.#pump();
    }

    /* Sends the oldest message that has no ack, unless one is under way. */
    #pump(): void {
        const item = this.#items.peek()
            .find((one) => one.state === 'sending');

        if (item === undefined || this.#under !== null
            || this.#ends.length === 0
            || this.#connection.state.peek() !== 'online')
        {
            return;
        }

        const k = item.k || this.#next;

        this.#under = item.id;
        this.#change(item.id, { k, waiting: undefined });
        this.#connection.send({
            t: 'send', conv: this.conv, k, text: item.text,
            ...item.private && { private: true },
            ...item.choices && { choices: [...item.choices] },
            ...item.picks && { picks: item.picks },
        });
        this.#timer = setTimeout(() => this.#restart(), ANSWER_MS);
    }

    #acked(frame: AckFrame): void {
        const item = this.#answered(frame);

        if (item === undefined) {
            return;
        }

        this.#next = item.k + 1;
        this.#release();

        if (item.logged) {
            this.#drop(item.id);
        } else {
            this.#change(item.id, {
                state: 'sent',
                waiting: undefined,
                ack: { n: frame.n ?? 0, v: frame.v ?? 0, at: frame.at ?? 0 },
            });
        }

        this.#pump();
    }

    #refused(frame: ErrorFrame): void {
        const item = this.#answered(frame);

        if (item === undefined) {
            return;
        }

        this.#release();

        if (frame.code === 'gap' && frame.expected !== undefined) {
            this.#next = frame.expected;
            this.#change(item.id, { k: 0, logged: false });
            this.#pump();

        } else if (frame.code === 'conflict' && this.#onConflict) {
            this.#change(item.id, { k: 0 });
            this.#onConflict();

        } else if (TEMPORARY.has(frame.code)) {
            this.#wait(item, frame);

        } else if (frame.code === 'settled' || item.logged) {
            /* another tab was faster; or the log has it, and more cannot be
               said of it */
            this.#drop(item.id);
            this.#pump();

        } else {
            this.#change(item.id, {
                state: 'failed', k: 0,
                error: { code: frame.code, text: frame.text },
            });
            this.#pump();
        }
    }

    /* The item under way, when the answer is to it. */
    #answered(frame: AckFrame | ErrorFrame): OutboxItem | undefined {
        return frame.conv === this.conv && frame.k !== undefined
            ? this.#items.peek().find((item) =>
                item.id === this.#under && item.k === frame.k)
            : undefined;
    }

    #wait(item: OutboxItem, frame: ErrorFrame): void {
        const wait = frame.retry_after ?? LIMITS.RETRY_MS;

        this.#under = item.id;
        this.#change(item.id, {
            waiting: { code: frame.code, until: Date.now() + wait },
        });
        this.#timer = setTimeout(() => this.#restart(), wait);
    }
}
