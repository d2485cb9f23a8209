/*
 * Notifications of the browser, while a page of the desk is open.
 *
 * Owns what this page shows outside of itself.  Where the desk's service
 * worker runs it is the one to show: that outlives the page, and any later
 * page can close it.  Else the page shows; the browsers of phones let no page
 * do so, and get the worker then.  A click on what the worker shows comes
 * back as a message, or as the address of a page that it opens.
 */

import type { Notice } from './notices';
import { register, registration } from './service';
import { wordsOf } from './words';

const CHAT = '#chat=';

export interface PopupParts {
    /* what an agent does who clicks on one */
    open: (conv: string) => void;

    /* whether a notice about this stands */
    stands: (about: string) => boolean;
}

export class Popups {
    readonly #parts: PopupParts;

    /* by what they are about: those of the page, those of the worker */
    readonly #own = new Map<string, Notification>();
    readonly #lent = new Set<string>();

    constructor(parts: PopupParts) {
        this.#parts = parts;
    }

    start(): void {
        this.#box?.addEventListener('message', this.#clicked);
    }

    stop(): void {
        this.#box?.removeEventListener('message', this.#clicked);
        this.#own.forEach((one) => one.close());
        this.#own.clear();

        const lent = new Set(this.#lent);

        this.#lent.clear();
        void sweep((tag) => lent.has(tag));
    }

    /* False when the browser shows none.  One that is not silent has the
       sound of the system. */
    async show(notice: Notice, silent: boolean): Promise<boolean> {
        return await this.#lend(await registration(), notice, silent)
            || this.#pop(notice, silent)
            || this.#lend(await register().catch(() => undefined), notice,
                          silent);
    }

    over(about: string): void {
        this.#own.get(about)?.close();
        this.#own.delete(about);
        this.#lent.delete(about);
        void sweep((tag) => tag === about);
    }

    /* What is known by now is not left on the screen, whichever page or push
       has put it there; and a page that was opened for a chat shows it. */
    async tidy(): Promise<void> {
        const hash = location.hash;

        if (hash.startsWith(CHAT)) {
            history.replaceState(null, '', location.pathname);
            this.#parts.open(decodeURIComponent(hash.slice(CHAT.length)));
        }

        await sweep((tag) => !this.#parts.stands(tag));
    }

    get #box(): ServiceWorkerContainer | undefined {
        return navigator.serviceWorker as ServiceWorkerContainer | undefined;
    }

    /* The tag lets a newer one take the older one's place. */
    #pop(notice: Notice, silent: boolean): boolean {
        const { about, conv } = notice;
        const [title, body] = wordsOf(notice);

        try {
            const popup = new Notification(title, {
                body, tag: about, silent,
            });

            popup.onclick = () => {
                window.focus();
                popup.close();

                if (conv !== undefined) {
                    this.#parts.open(conv);
                }
            };
            this.#own.set(about, popup);

            return true;

        } catch {
            /* this browser leaves it to workers */
            return false;
        }
    }

    async #lend(
        at: ServiceWorkerRegistration | undefined, notice: Notice,
        silent: boolean,
    ): Promise<boolean> {
        const { about, conv } = notice;
        const [title, body] = wordsOf(notice);

        if (at === undefined) {
            return false;
        }

        try {
            await at.showNotification(title, {
                body, tag: about, silent, data: conv,
            });

        } catch {
            return false;
        }

        /* tags of pages and of workers know nothing of each other */
        this.#own.get(about)?.close();
        this.#own.delete(about);
        this.#lent.add(about);

        if (!this.#parts.stands(about)) {
            this.over(about);
        }

        return true;
    }

    #clicked = ({ data }: MessageEvent): void => {
        if (typeof data?.open === 'string') {
            this.#parts.open(data.open);
        }
    };
}

/* Closes what the worker shows. */
async function sweep(over: (tag: string) => boolean): Promise<void> {
    const at = await registration();
    const shown = await at?.getNotifications().catch(() => undefined);

    for (const one of shown ?? []) {
        if (over(one.tag)) {
            one.close();
        }
    }
}
