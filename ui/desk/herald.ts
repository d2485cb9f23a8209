/*
 * Tells the agent: a sound, a notification of the browser, a toast.
 *
 * Owns who of the tabs tells (Lead), the sounds, what is shown outside of the
 * page (Popups), and a lock of the browser,
 *
 *   chatdesk.looking.<agent>  shared by the tabs that the agent looks at
 *
 * so that nothing is shown outside of the page while the agent looks at any
 * of them.
 */

import { effect } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

import { Consent } from './consent';
import type { Customs } from './custom';
import { Lead } from './lead';
import type { Choices, Notice } from './notices';
import { Popups } from './popups';
import type { PopupParts } from './popups';
import { SILENCE, Speaker } from './sounds';
import { wordsOf } from './words';

export interface HeraldParts extends PopupParts {
    who: string;
    looking: ReadonlySignal<boolean>;
    choices: ReadonlySignal<Choices>;
    customs: Customs;

    /* in the page, where the browser shows nothing, until it is over */
    show: (about: string, text: string) => void;
    hide: (about: string) => void;
}

export class Herald {
    readonly speaker = new Speaker();
    readonly consent = new Consent();
    readonly popups: Popups;

    readonly #parts: HeraldParts;
    readonly #lead: Lead;
    #unlook: () => void = () => undefined;
    #ends: (() => void)[] = [];

    constructor(parts: HeraldParts) {
        this.#parts = parts;
        this.#lead = new Lead(parts.who);
        this.popups = new Popups(parts);
    }

    start(): void {
        this.speaker.start();
        this.consent.start();
        this.popups.start();
        this.#lead.start();
        this.#ends = [
            effect(() => this.#look(this.#parts.looking.value)),
            effect(() => this.#lead.hear(this.speaker.heard.value)),
        ];
    }

    stop(): void {
        this.#ends.forEach((end) => end());
        this.#ends = [];
        this.#unlook();
        this.#lead.stop();
        this.popups.stop();
        this.consent.stop();
        this.speaker.stop();
    }

    told(notice: Notice): void {
        if (this.#lead.leads) {
            this.#parts.customs.handle(eventOf(notice),
                                       () => void this.#tell(notice));
        }
    }

    over({ kind, about }: Notice): void {
        this.popups.over(about);
        this.#parts.hide(about);

        if (this.#lead.leads) {
            this.#parts.customs.handle(Object.freeze(
                { type: kind, state: 'over', about }));
        }
    }

    async #tell(notice: Notice): Promise<void> {
        const { sound, volume, popup } = this.#parts.choices.peek();
        const stands = () => this.#parts.stands(notice.about);

        const heard = this.speaker.play(sound, volume);

        if (await this.#isLookedAt() || !stands()) {
            return;
        }

        /* no tab may be heard yet: better the system's sound than none */
        const silent = heard || sound === SILENCE || volume === 0;

        if (!(popup && await this.#pop(notice, silent)) && stands()) {
            this.#parts.show(notice.about, wordsOf(notice).join(': '));
        }
    }

    /* False when the browser shows none. */
    async #pop(notice: Notice, silent: boolean): Promise<boolean> {
        if (this.consent.look() !== 'granted') {
            return false;
        }

        const shown = await this.popups.show(notice, silent);

        if (!shown) {
            this.consent.deny();
        }

        return shown;
    }

    #look(looking: boolean): void {
        this.#unlook();
        this.#unlook = () => undefined;

        if (looking) {
            void navigator.locks?.request(this.#lookingName(),
                { mode: 'shared' }, () => new Promise<void>((resolve) => {
                    this.#unlook = resolve;

                    if (!this.#parts.looking.peek()) {
                        resolve();
                    }
                })).catch(() => undefined);
        }
    }

    async #isLookedAt(): Promise<boolean> {
        if (this.#parts.looking.peek() || navigator.locks === undefined) {
            return this.#parts.looking.peek();
        }

        const { held } = await navigator.locks.query();

        return held?.some((one) => one.name === this.#lookingName()) ?? false;
    }

    #lookingName(): string {
        return `chatdesk.looking.${this.#parts.who}`;
    }
}

function eventOf(notice: Notice) {
    const { kind, about, conv, name, queue, count, preview, at } = notice;

    return Object.freeze({
        type: kind, state: 'told' as const, about, conv, name, queue, count,
        preview, at,
    });
}
