/*
 * The tabs of one visitor on one desk: exactly one of them leads.
 *
 *   joined --lock granted--> leader --leave(), lock taken over--> follower
 *
 * Purpose:    one tab holds the socket (Web Locks), the others follow it by
 *             BroadcastChannel; when it closes, the browser gives the lock to
 *             the next one.
 * Owner:      the lock and the channel from join() to leave().
 * Invariants: onLead and onFollow alternate; nothing is posted or heard
 *             outside join() and leave(); without the two interfaces (plain
 *             http, old browsers) a tab is its own leader and `shared` says
 *             so.
 */

export interface TabsOptions<M> {
    name: string;
    onLead: () => void;
    /* the lead was lost to another tab, or has never been here */
    onFollow: () => void;
    onMessage: (message: M) => void;
}


export class Tabs<M> {
    /* Whether several tabs can be told apart from one another. */
    static readonly shared = typeof BroadcastChannel === 'function'
        && 'locks' in navigator && navigator.locks !== undefined;

    #options: TabsOptions<M>;
    #channel: BroadcastChannel | null = null;
    #release: (() => void) | null = null;
    #asking = new AbortController();

    constructor(options: TabsOptions<M>) {
        this.#options = options;
    }

    join(): void {
        if (!Tabs.shared) {
            this.#options.onLead();
            return;
        }

        this.#asking = new AbortController();
        this.#channel = new BroadcastChannel(this.#options.name);
        this.#channel.onmessage = (event) => {
            this.#options.onMessage(event.data);
        };
        this.#options.onFollow();
        this.#ask({ signal: this.#asking.signal });
    }

    leave(): void {
        this.#asking.abort();
        this.#release?.();
        this.#release = null;
        this.#channel?.close();
        this.#channel = null;
    }

    /* Takes the lead from a tab that does not answer. */
    takeOver(): void {
        if (this.#channel !== null && this.#release === null) {
            this.#asking.abort();
            this.#asking = new AbortController();
            this.#ask({ steal: true });
        }
    }

    post(message: M): void {
        this.#channel?.postMessage(message);
    }

    #ask(options: LockOptions): void {
        const asking = this.#asking;

        navigator.locks.request(this.#options.name, options, () => {
            if (asking.signal.aborted) {
                return undefined;
            }

            return new Promise<void>((resolve) => {
                this.#release = resolve;
                this.#options.onLead();
            });
        }).catch((error) => this.#lostTo(asking, error));
    }

    /* The request was ended by leave(), or the lock was taken over. */
    #lostTo(asking: AbortController, error: unknown): void {
        if (asking.signal.aborted || asking !== this.#asking) {
            return;
        }

        if ((error as Error).name !== 'AbortError') {
            throw error;
        }

        this.#release = null;
        this.#options.onFollow();
        this.#ask({ signal: asking.signal });
    }
}
