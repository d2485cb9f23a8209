/*
 * Where an agent's long-poll stands in each feed that it follows.
 *
 * Purpose:    a request of a long-poll says what a socket would remember.
 * Owner:      one cursor for each feed.
 * Invariants: numbers rise, unless a window or a `follow` sets them.
 */

import type { FollowFrame, FrameOf, ServerFrame } from './tables';

type Cursor = Omit<FollowFrame, 't'>;
type Numbered = Extract<ServerFrame, { n: number }>;


export class FeedCursors {
    #feeds = new Map<string, Cursor>();

    /* Begins to follow, or says anew where. */
    set({ feed, era, n, mid }: Cursor): void {
        this.#feeds.set(feed, { feed, era, n, mid });
    }

    drop(feed: string): void {
        this.#feeds.delete(feed);
    }

    list(): Cursor[] {
        return [...this.#feeds.values()];
    }

    /* A frame has come by. */
    pass(frame: ServerFrame): void {
        if (frame.t === 'window') {
            this.#window(frame);

        } else if (frame.t !== 'ack' && 'n' in frame) {
            this.#live(frame);
        }
    }

    #window(frame: FrameOf<'window'>): void {
        const old = this.#feeds.get(frame.feed);

        /* an inbox is followed unasked */
        if (old === undefined && frame.feed !== 'inbox') {
            return;
        }

        const last = frame.frames.filter((one) => one.t === 'message').at(-1);

        this.#feeds.set(frame.feed, {
            feed: frame.feed,
            era: frame.era,
            n: frame.head,
            mid: last?.mid ?? (frame.reset ? undefined : old?.mid),
        });
    }

    #live(frame: Numbered): void {
        const cursor = this.#feeds.get(
            'feed' in frame ? frame.feed : frame.conv);

        if (cursor?.n !== undefined && frame.n > cursor.n) {
            cursor.n = frame.n;

            if (frame.t === 'message') {
                cursor.mid = frame.mid;
            }
        }
    }
}
