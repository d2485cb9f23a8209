/*
 * What the desk tells this agent now, and what the agent has chosen about it.
 *
 * Owns the notices by what they are about; they change only through window()
 * and apply().  A listener hears what is new and what is over: of the first
 * window nothing is new, of a later one what came while the connection was
 * away.
 */

import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

import type { FeedFrame, NoticeFrame, NoticeKind, NotifyFrame }
    from '../shared/tables';

export type Notice = NoticeFrame;

export interface Choices {
    sound: string;
    volume: number;
    silent: readonly NoticeKind[];
    popup: boolean;
}

export interface NoticeListener {
    told: (notice: Notice) => void;
    over: (notice: Notice) => void;
}

const DEFAULTS: Choices = {
    sound: 'chime', volume: 60, silent: [], popup: true,
};

export class Notices {
    readonly #all = new Map<string, Notice>();
    readonly #choices = signal<Choices>(DEFAULTS);
    readonly #listener: NoticeListener;
    #loaded = false;

    constructor(listener: NoticeListener) {
        this.#listener = listener;
    }

    get choices(): ReadonlySignal<Choices> {
        return this.#choices;
    }

    stands(about: string): boolean {
        return this.#all.has(about);
    }

    /* The whole inbox: what it does not name is over. */
    window(frames: readonly FeedFrame[]): void {
        const standing = new Set<string>();

        for (const frame of frames) {
            if (frame.t === 'notice') {
                standing.add(frame.about);
            }
        }

        for (const about of [...this.#all.keys()]) {
            if (!standing.has(about)) {
                this.#end(about);
            }
        }

        frames.forEach((frame) => this.#take(frame, this.#loaded));
        this.#loaded = true;
    }

    apply(frame: FeedFrame): void {
        this.#take(frame, true);
    }

    #take(frame: FeedFrame, news: boolean): void {
        switch (frame.t) {
        case 'notice': {
            const known = this.#all.get(frame.about);

            this.#all.set(frame.about, frame);

            if (news && known?.n !== frame.n) {
                this.#listener.told(frame);
            }
            break;
        }

        case 'notice_gone':
            this.#end(frame.about);
            break;

        case 'notify':
            this.#choices.value = choicesOf(frame);
            break;

        default:
            break;
        }
    }

    #end(about: string): void {
        const known = this.#all.get(about);

        if (known !== undefined) {
            this.#all.delete(about);
            this.#listener.over(known);
        }
    }
}

function choicesOf(frame: NotifyFrame): Choices {
    return {
        sound: frame.sound,
        volume: frame.volume,
        silent: frame.silent.split(' ')
            .filter((kind) => kind !== '') as NoticeKind[],
        popup: frame.popup,
    };
}
