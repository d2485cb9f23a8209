/*
 * Of all tabs of this agent in one browser, the one that tells.
 *
 * Owns two locks of the browser:
 *
 *   chatdesk.herald.<agent>  held by the tab that tells
 *   chatdesk.heard.<agent>   held by one of the tabs whose sounds are heard
 *
 * A browser lets no page be heard before its first click or key.  So the tab
 * that gets the second lock takes the first one over from whoever has it; a
 * tab that loses it so waits for it again.  Without locks (plain http) each
 * tab tells.
 */

export class Lead {
    readonly #who: string;
    #leads = navigator.locks === undefined;

    /* ends the wait for the lock, or gives it back */
    #herald = new AbortController();
    #heard = new AbortController();

    constructor(who: string) {
        this.#who = who;
    }

    get leads(): boolean {
        return this.#leads;
    }

    start(): void {
        this.#request(false);
    }

    stop(): void {
        this.#heard.abort();
        this.#herald.abort();
        this.#leads = navigator.locks === undefined;
    }

    /* Whether this tab's sounds are heard. */
    hear(heard: boolean): void {
        const last = new AbortController();

        this.#heard.abort();
        this.#heard = last;

        if (heard) {
            void navigator.locks?.request(`chatdesk.heard.${this.#who}`,
                { signal: last.signal }, () => {
                    this.#take();

                    return ended(last.signal);
                }).catch(() => undefined);
        }
    }

    #take(): void {
        if (!this.#leads) {
            this.#herald.abort();
            this.#request(true);
        }
    }

    /* The next one in line gets the lock when its tab goes. */
    #request(steal: boolean): void {
        const last = new AbortController();

        this.#herald = last;
        void navigator.locks?.request(`chatdesk.herald.${this.#who}`,
            steal ? { steal } : { signal: last.signal }, () => {
                this.#leads = !last.signal.aborted;

                return ended(last.signal);
            }).catch(() => {
                if (this.#leads && !last.signal.aborted) {
                    this.#leads = false;
                    this.#request(false);
                }
            });
    }
}

async function ended(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) {
        await new Promise((resolve) => signal.addEventListener('abort',
                                                               resolve));
    }
}
