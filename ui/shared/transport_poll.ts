/*
 * Frames over long-poll (docs/protocol.md, section 8).
 *
 *   held    one request that waits for news, and the next one at once
 *   post    a short one beside it, with what there is to send
 *
 * Purpose:    what a socket does, where none comes through.
 * Owner:      its requests, the frames on their way out, where it stands in
 *             an agent's feeds, and the climb back to a socket; close() ends
 *             all of it.
 * Invariants: one held request counts, and an older one is let go when it
 *             has been answered; one post at a time, so that order holds;
 *             a request that failed once is tried again before anybody hears
 *             of it, for nothing does harm twice.
 */

import { climb } from './climb';
import { FeedCursors } from './cursors';
import {
    CLOSES, LIMITS,
    type ClientFrame, type ErrorCode, type ErrorFrame, type ServerFrame,
} from './tables';
import type { DialSocket, Ear, GetHello, Transport } from './transport';

/* silence after which a held request is broken off */
const HELD_MS = LIMITS.POLL_HOLD_MS + 10_000;
const POST_MS = 15_000;

/* room is left for `hello` in the longest body that is taken */
const BATCH_BYTES = LIMITS.FRAME - 4_096;

const AGAIN_MS = 500;
const EARLY_MS = 1_000;
const STUMBLES = 2;

/* refusals of a held request that are final; what they mean for a post, the
   next held request tells */
const ENDS: Partial<Record<ErrorCode, number>> = {
    unauthorized: CLOSES.SIGNED_OUT,
    bad_origin: CLOSES.FORBIDDEN,
};

interface Answer {
    session?: string;
    frames: ServerFrame[];
}

export interface PollOptions {
    poll: string;
    hello: GetHello;
}

/* The desk answered, but with a refusal. */
class Refused extends Error {
    constructor(readonly error: ErrorFrame) { super(error.code); }
}


export class Poll implements Transport {
    #options: PollOptions;
    #ear: Ear;
    #startClimb: () => () => void;
    #open = true;
    #session: string | undefined;
    #cursors = new FeedCursors();
    #queue: ClientFrame[] = [];
    #posting = false;
    #stumbles = 0;
    #turn = 0;
    #held: AbortController | undefined;
    #under = new Set<AbortController>();
    #timers = new Set<ReturnType<typeof setTimeout>>();
    #restarting = false;
    #endClimb: (() => void) | undefined;

    /* `better`: see climb.ts */
    constructor(options: PollOptions, ear: Ear, dialSocket: DialSocket,
                better: (socket: Transport) => Ear)
    {
        this.#options = options;
        this.#ear = ear;
        this.#startClimb = () => climb(options.hello, dialSocket, better);
        void this.#hold();
    }

    send(frame: ClientFrame): void {
        if (frame.t === 'unfollow') {
            this.#cursors.drop(frame.feed);

        } else if (frame.t === 'follow') {
            this.#cursors.set(frame);
            this.#restart();

        } else if (this.#queue.push(frame) === 1) {
            /* what is said in one breath goes in one request */
            this.#after(0, () => void this.#post());
        }
    }

    close(): void {
        this.#open = false;
        this.#endClimb?.();
        this.#timers.forEach(clearTimeout);
        this.#under.forEach((request) => request.abort());
    }

    /* Waits for news, tells them, and waits again. */
    async #hold(): Promise<void> {
        const turn = ++this.#turn;
        const older = this.#held;
        const request = this.#held = new AbortController();
        const began = Date.now();

        try {
            const answer = await this.#ask(request, HELD_MS, {
                hold: true,
                at: this.#cursors.list(),
            });

            older?.abort();
            this.#take(answer);

            /* an nginx that reloads answers everybody at once */
            if (turn === this.#turn) {
                const early = answer.frames.length === 0
                    && Date.now() - began < EARLY_MS;

                this.#after(early ? Math.random() * AGAIN_MS : 0,
                            () => this.#next(turn));
            }

        } catch (error) {
            if (turn === this.#turn) {
                this.#stumble(error, () => this.#next(turn), ENDS);
            }
        }
    }

    #next(turn: number): void {
        if (turn === this.#turn) {
            void this.#hold();
        }
    }

    /* Another held request, which knows of what is followed now. */
    #restart(): void {
        if (!this.#restarting) {
            this.#restarting = true;
            this.#after(0, () => {
                this.#restarting = false;
                void this.#hold();
            });
        }
    }

    async #post(): Promise<void> {
        if (this.#posting || this.#queue.length === 0) {
            return;
        }

        const frames = this.#batch();

        this.#posting = true;

        try {
            this.#take(await this.#ask(new AbortController(), POST_MS,
                                       { frames, hold: false }));
            this.#queue.splice(0, frames.length);
            this.#posting = false;

            /* the conversation that has begun is to be followed */
            if (frames.some((frame) => frame.t === 'start')) {
                this.#restart();
            }

            void this.#post();

        } catch (error) {
            this.#posting = false;
            this.#stumble(error, () => void this.#post(), {});
        }
    }

    /* The oldest frames, as many as one request takes. */
    #batch(): ClientFrame[] {
        const encoder = new TextEncoder();
        let room = BATCH_BYTES;

        return this.#queue.slice(0, LIMITS.POLL_FRAMES).filter((frame, i) => {
            room -= encoder.encode(JSON.stringify(frame)).length + 1;

            return i === 0 || room >= 0;
        });
    }

    #take(answer: Answer): void {
        this.#stumbles = 0;
        this.#ear.alive?.();

        for (const frame of answer.frames) {
            if (!this.#open) {
                return;
            }

            this.#cursors.pass(frame);
            this.#ear.hear(frame);
        }
    }

    async #ask(request: AbortController, waitMs: number,
               body: Record<string, unknown>): Promise<Answer>
    {
        const timer = this.#after(waitMs, () => request.abort());

        this.#under.add(request);

        try {
            const hello = await this.#options.hello('poll');
            const response = await fetch(
                new URL(this.#options.poll, document.baseURI), {
                    method: 'POST',
                    headers: { 'Content-Type': 'application/json' },
                    body: JSON.stringify({
                        hello, session: this.#session, ...body,
                    }),
                    cache: 'no-store',
                    signal: request.signal,
                });
            const answer = await response.json();

            if (!response.ok) {
                throw new Refused({ ...answer, t: 'error' });
            }

            this.#begun(answer.session);

            return answer;

        } finally {
            this.#under.delete(request);
            this.#forget(timer);
        }
    }

    #begun(session = this.#session): void {
        this.#session = session;

        if (this.#open) {
            this.#endClimb ??= this.#startClimb();
        }
    }

    /* Once is passed over; twice in a row is a loss. */
    #stumble(error: unknown, again: () => void, ends: typeof ENDS): void {
        if (!this.#open) {
            return;
        }

        const refusal = error instanceof Refused && error.error.code
            ? error.error : undefined;

        if (refusal === undefined && this.#endClimb !== undefined
            && ++this.#stumbles < STUMBLES)
        {
            this.#after(AGAIN_MS * (1 - Math.random() / 2), again);
            return;
        }

        this.close();

        if (refusal !== undefined) {
            this.#ear.hear(refusal);
        }

        this.#ear.lost(ends[refusal?.code ?? 'internal'] ?? 0);
    }

    #after(ms: number, call: () => void): ReturnType<typeof setTimeout> {
        const timer = setTimeout(() => {
            this.#timers.delete(timer);
            call();
        }, ms);

        this.#timers.add(timer);

        return timer;
    }

    #forget(timer: ReturnType<typeof setTimeout>): void {
        clearTimeout(timer);
        this.#timers.delete(timer);
    }
}
