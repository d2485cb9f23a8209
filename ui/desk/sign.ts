/*
 * What the browser's tab says while something waits: a mark in the title, a
 * dot on the icon.
 *
 * Owns both, of the page; stop() puts them back.
 */

const NAME = 'ChatDesk';
const TITLE = `Inbox - ${NAME}`;

/* on the icon of index.html, which is 32 wide; a ring sets it off */
const DOT = '<circle cx="24" cy="8" r="7" fill="#e5484d" stroke="#fff" '
    + 'stroke-width="2"/></svg>';

export class Sign {
    readonly #link
        = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    readonly #plain = this.#link?.href ?? '';
    readonly #dotted = this.#plain.replace(/%3C\/svg%3E$/,
                                           encodeURIComponent(DOT));

    show(count: number): void {
        document.title = count > 0 ? `* (${count}) ${TITLE}` : TITLE;
        this.#paint(count > 0 ? this.#dotted : this.#plain);
    }

    stop(): void {
        document.title = NAME;
        this.#paint(this.#plain);
    }

    #paint(icon: string): void {
        if (this.#link !== null && this.#link.href !== icon) {
            this.#link.href = icon;
        }
    }
}
