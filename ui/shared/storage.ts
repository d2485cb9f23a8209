/*
 * Small values that survive a reload.
 *
 * Purpose:    JSON in a browser storage under one prefix.
 * Owner:      every key that begins with its prefix.
 * Invariants: never throws: a storage that is forbidden, full or holds
 *             something else than JSON acts as memory of this page.
 */

export class Keep {
    #prefix: string;
    #area: Storage | null;
    #memory = new Map<string, string>();

    constructor(prefix: string, area: () => Storage) {
        this.#prefix = prefix;

        try {
            this.#area = area();
        } catch {
            this.#area = null;
        }
    }

    get<T>(key: string): T | undefined {
        const name = this.#prefix + key;
        let text: string | null = null;

        try {
            text = this.#area?.getItem(name) ?? null;
        } catch {
            this.#area = null;
        }

        try {
            text ??= this.#memory.get(name) ?? null;
            return text === null ? undefined : JSON.parse(text);
        } catch {
            return undefined;
        }
    }

    /* `undefined` removes the value. */
    set(key: string, value: unknown): void {
        const name = this.#prefix + key;

        this.#memory.delete(name);

        try {
            if (value === undefined) {
                this.#area?.removeItem(name);
                return;
            }

            if (this.#area !== null) {
                this.#area.setItem(name, JSON.stringify(value));
                return;
            }
        } catch {
            /* full or forbidden: this page still remembers */
        }

        this.#memory.set(name, JSON.stringify(value));
    }

    /* Keys below `start`, without the prefix. */
    keys(start = ''): string[] {
        const from = this.#prefix + start;
        const names = new Set(this.#memory.keys());

        try {
            for (let i = 0; i < (this.#area?.length ?? 0); i++) {
                names.add(this.#area?.key(i) ?? '');
            }
        } catch {
            this.#area = null;
        }

        return [...names].filter((name) => name.startsWith(from))
            .map((name) => name.slice(this.#prefix.length));
    }

    /* Removes everything below the prefix. */
    clear(): void {
        this.keys().forEach((key) => this.set(key, undefined));
    }
}
