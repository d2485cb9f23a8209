/*
 * One connection to a desk, for the widget and for the desktop.
 *
 *   idle --connect()--> connecting --welcome--> online
 *   online --lost--> reconnecting --welcome--> online
 *   any    --1008, 44xx--> denied           any --disconnect()--> idle
 *   connecting, reconnecting <--browser's network--> offline
 *
 * Purpose:    hello, heartbeat, backoff and typed listeners over a WebSocket
 *             or, where none comes through, long-poll (see ladder.ts); it
 *             knows nothing of conversations (conversation.ts, outbox.ts).
 * Owner:      its transport and its timers; disconnect() gives up all of
 *             them.
 * Invariants: at most one transport; frames of one that was given up are
 *             never heard; `online` means that `welcome` has arrived; every
 *             request() ends: with its ack, its error, or `lost`.
 */

import { signal, type ReadonlySignal } from '@preact/signals';

import { Ladder } from './ladder';
import {
    CLOSES, LIMITS,
    type AckFrame, type ClientFrame, type ErrorCode, type ErrorFrame,
    type FrameName, type FrameOf, type ServerFrame, type WelcomeFrame,
} from './tables';
import type { Ear, GetHello, HelloFields, Transport } from './transport';
import { dialSocket } from './transport_socket';

const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 30_000;
const PONG_MS = 10_000;

/* time for a first welcome; each failure brings as much again */
const WELCOME_MS = 5_000;
const REQUEST_MS = 15_000;
const STABLE_MS = 5_000;

export type LinkState =
    | 'idle' | 'connecting' | 'online' | 'reconnecting' | 'offline' | 'denied';

export interface ConnectionOptions {
    /* address of the socket: absolute, or relative to the page; http(s) will
       do, it becomes ws(s) */
    url: string;

    /* address for long-poll, likewise */
    poll: string;

    /* Gives the hello of the next connection, and of each request of a
       long-poll.  Throwing Denied stops; any other failure counts as a lost
       connection. */
    hello: GetHello;
}

/* Why the connection stopped; `code` is a close code. */
export interface Denial {
    code: number;
    error?: ErrorFrame;
}

/* To be thrown by `hello` when signing in is needed. */
export class Denied extends Error {}

/* A request was refused, or the connection was lost before its answer. */
export class RequestError extends Error {
    readonly code: ErrorCode | 'lost';

    constructor(readonly frame?: ErrorFrame) {
        super(frame?.text ?? 'lost');
        this.code = frame?.code ?? 'lost';
    }
}

type Listener<T extends FrameName> = (frame: FrameOf<T>) => void;
type Requests = Extract<ClientFrame, { id: string }>;
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/* Ends a request; without an answer it is lost. */
type Pending = (answer?: AckFrame | ErrorFrame) => void;


export class Connection {
    #options: ConnectionOptions;
    #state = signal<LinkState>('idle');
    #welcome = signal<WelcomeFrame | null>(null);
    #denial = signal<Denial | null>(null);
    #retryAt = signal(0);
    #skew = 0;

    #ladder = new Ladder();
    #link: Transport | null = null;
    #hello: HelloFields | undefined;
    #attempt = 0;
    #failures = 0;
    #heardAt = 0;
    #lastError: ErrorFrame | undefined;
    #beatTimer: ReturnType<typeof setTimeout> | undefined;
    #retryTimer: ReturnType<typeof setTimeout> | undefined;
    #stableTimer: ReturnType<typeof setTimeout> | undefined;

    #listeners = new Map<FrameName, Set<Listener<FrameName>>>();
    #pending = new Map<string, Pending>();
    #requests = 0;

    constructor(options: ConnectionOptions) {
        this.#options = options;
    }

    get state(): ReadonlySignal<LinkState> { return this.#state; }
    get welcome(): ReadonlySignal<WelcomeFrame | null> { return this.#welcome; }
    get denial(): ReadonlySignal<Denial | null> { return this.#denial; }

    /* When the next attempt is due, Date.now() ms; 0 when none is. */
    get retryAt(): ReadonlySignal<number> { return this.#retryAt; }

    /* The desk's clock, ms. */
    now(): number {
        return Date.now() + this.#skew;
    }

    connect(): void {
        if (this.#state.value !== 'idle' && this.#state.value !== 'denied') {
            return;
        }

        addEventListener('online', this.#onNetwork);
        addEventListener('offline', this.#onNetwork);
        document.addEventListener('visibilitychange', this.#onVisible);

        this.#failures = 0;
        this.#denial.value = null;
        this.#open('connecting');
    }

    disconnect(): void {
        this.#stop('idle');
    }

    /* Skips the wait for the next attempt, or asks whether the desk is there. */
    wake(): void {
        const state = this.#state.value;

        if (state === 'online') {
            this.#probe();

        } else if (state === 'offline' || this.#retryTimer !== undefined) {
            this.#open(state);
        }
    }

    /* Hears every frame of a type.  Returns what ends that. */
    on<T extends FrameName>(type: T, listener: Listener<T>): () => void {
        const heard = listener as unknown as Listener<FrameName>;
        const set = this.#listeners.get(type) ?? new Set();

        this.#listeners.set(type, set.add(heard));

        return () => { set.delete(heard); };
    }

    /* False when not online: the frame is then not sent and not kept. */
    send(frame: ClientFrame): boolean {
        const online = this.#state.value === 'online';

        if (online) {
            this.#link?.send(frame);
        }

        return online;
    }

    /* Sends a frame that has an `id`; the answer is its ack. */
    request(frame: WithoutId<Requests>): Promise<AckFrame> {
        const id = String(++this.#requests);

        return new Promise((resolve, reject) => {
            const end: Pending = (answer) => {
                this.#pending.delete(id);

                if (answer?.t === 'ack') {
                    resolve(answer);
                } else {
                    reject(new RequestError(answer));
                }
            };

            if (this.send({ ...frame, id } as ClientFrame)) {
                this.#pending.set(id, end);
                setTimeout(end, REQUEST_MS);
            } else {
                end();
            }
        });
    }

    async #open(state: LinkState): Promise<void> {
        this.#drop();

        if (!navigator.onLine) {
            this.#state.value = 'offline';
            return;
        }

        const attempt = ++this.#attempt;
        const { rung } = this.#ladder;

        this.#lastError = undefined;
        this.#state.value = state === 'offline' ? 'reconnecting' : state;

        try {
            const hello = await this.#options.hello(rung);
            const Poll = rung === 'poll'
                && (await import('./transport_poll')).Poll;

            if (attempt === this.#attempt) {
                this.#hello = hello;
                this.#beatTimer = setTimeout(
                    () => this.#lost(0),
                    Math.min(BACKOFF_MAX_MS,
                             WELCOME_MS * (1 + this.#failures)));
                this.#link = Poll
                    ? new Poll(this.#options, this.#ear, this.#dialSocket,
                               this.#climbed)
                    : this.#dialGreeting(hello);
            }

        } catch (error) {
            if (attempt === this.#attempt) {
                this.#lost(error instanceof Denied ? CLOSES.SIGNED_OUT : 0);
            }
        }
    }

    #ear: Ear = {
        open: () => this.#link?.send({ t: 'hello', ...this.#hello! }),
        hear: (frame) => this.#hear(frame),
        alive: () => { this.#heardAt = Date.now(); },
        lost: (code) => this.#lost(code),
    };

    #dialSocket = (ear: Ear): Transport => dialSocket(this.#options.url, ear);

    /* After a failure, which something on the way may have caused that minds
       long headers, hello is said when the socket is open. */
    #dialGreeting(hello: HelloFields): Transport {
        return dialSocket(this.#options.url, this.#ear,
                          this.#failures ? undefined
                                         : { t: 'hello', ...hello });
    }

    /* A socket that was tried beside the long-poll takes over. */
    #climbed = (socket: Transport): Ear => {
        this.#drop();
        this.#ladder.rung = 'socket';
        this.#state.value = 'reconnecting';
        this.#link = socket;

        return this.#ear;
    };

    #hear(frame: ServerFrame): void {
        this.#heardAt = Date.now();

        if (frame.t === 'welcome') {
            this.#begin(frame);
        } else if (frame.t === 'ack' || frame.t === 'error') {
            this.#answer(frame);
        }

        this.#listeners.get(frame.t)?.forEach((listener) => listener(frame));
    }

    #begin(welcome: WelcomeFrame): void {
        this.#skew = welcome.at - Date.now();
        this.#welcome.value = welcome;
        this.#ladder.reached();
        this.#state.value = 'online';
        this.#watch(welcome.heartbeat_ms);
        clearTimeout(this.#stableTimer);
        this.#stableTimer = setTimeout(() => { this.#failures = 0; },
                                       STABLE_MS);
    }

    #answer(frame: AckFrame | ErrorFrame): void {
        if (frame.t === 'error' && frame.re === undefined) {
            this.#lastError = frame;
        }

        this.#pending.get(frame.re ?? '')?.(frame);
    }

    /* Heartbeat: asks after a silence, gives up when there is no answer. */
    #watch(heartbeatMs: number): void {
        clearTimeout(this.#beatTimer);

        this.#beatTimer = setTimeout(() => {
            const left = this.#heardAt + heartbeatMs - Date.now();

            if (left > 0) {
                this.#watch(left);
            } else {
                this.#probe();
            }
        }, heartbeatMs);
    }

    #probe(): void {
        const asked = Date.now();

        clearTimeout(this.#beatTimer);
        this.send({ t: 'ping' });

        this.#beatTimer = setTimeout(() => {
            if (this.#heardAt < asked) {
                this.#lost(0);
            } else {
                this.#watch(this.#welcome.value?.heartbeat_ms
                            ?? LIMITS.HEARTBEAT_MS);
            }
        }, PONG_MS);
    }

    /* The transport is gone, for the reason that `code` says (0: ours). */
    #lost(code: number): void {
        /* connecting again by itself would be of no use */
        if (code === CLOSES.POLICY || code >= CLOSES.SIGNED_OUT) {
            this.#stop('denied');
            this.#denial.value = { code, error: this.#lastError };
            return;
        }

        const wasOnline = this.#state.value === 'online';
        const state = wasOnline ? 'reconnecting' : this.#state.value;
        const wait = code === CLOSES.RESTART && this.#failures === 0
            ? 0
            : Math.max(this.#backoff(), this.#lastError?.retry_after ?? 0);

        if (!wasOnline && !this.#lastError && code === 0) {
            this.#ladder.failed();
        }

        this.#drop();
        this.#failures++;
        this.#state.value = navigator.onLine ? state : 'offline';
        this.#retryAt.value = Date.now() + wait;
        this.#retryTimer = setTimeout(() => this.#open(state), wait);
    }

    /* 0.5 s doubling to 30 s, of which a random half is taken off. */
    #backoff(): number {
        const full = Math.min(BACKOFF_MAX_MS,
                              BACKOFF_MIN_MS * 2 ** this.#failures);

        return full * (1 - Math.random() / 2);
    }

    /* Gives up the transport with all that hangs on it, and the wait for the
       next one. */
    #drop(): void {
        this.#link?.close();
        this.#link = null;
        this.#attempt++;
        clearTimeout(this.#beatTimer);
        clearTimeout(this.#stableTimer);
        clearTimeout(this.#retryTimer);
        this.#retryTimer = undefined;
        this.#retryAt.value = 0;
        this.#pending.forEach((end) => end());
    }

    #stop(state: 'idle' | 'denied'): void {
        removeEventListener('online', this.#onNetwork);
        removeEventListener('offline', this.#onNetwork);
        document.removeEventListener('visibilitychange', this.#onVisible);
        this.#drop();
        this.#welcome.value = null;
        this.#state.value = state;
    }

    /* "Offline" is a hint to ask, as long as the desk is there. */
    #onNetwork = (): void => {
        const state = this.#state.value;

        if (navigator.onLine || state === 'online') {
            this.wake();
        } else {
            this.#open(state);
        }
    };

    #onVisible = (): void => {
        if (document.visibilityState === 'visible') {
            this.wake();
        }
    };
}
