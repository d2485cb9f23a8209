/*
 * One chat of the agent: its feed, its outbox, its draft, its marks.
 *
 * Owns a Conversation, an Outbox, a Marker and a Typist; start() and stop()
 * are symmetric.  What the agent has in front of the eyes counts as read:
 * the page has the focus, the chat is the current one, and its log stands
 * at its end.
 */

import { computed, effect, signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

import type { Connection } from '../shared/connection';
import { Conversation } from '../shared/conversation';
import { Outbox } from '../shared/outbox';
import type { Keep } from '../shared/storage';
import type { ServerFrame, WindowFrame } from '../shared/tables';
import { drawDevice } from './device';
import type { Drafts } from './drafts';
import { Marker } from './marker';
import { optionsOf } from './options';
import { Typist } from './typist';

export interface ChatParts {
    connection: Connection;
    keep: Keep;
    drafts: Drafts;
    device: string;
    who: string;

    /* the agent has this chat in front of the eyes */
    inFront: ReadonlySignal<boolean>;
}

export class Chat {
    readonly id: string;
    readonly conversation: Conversation;
    readonly draft = signal('');

    /* the options of a menu to go with the draft, as they are written */
    readonly choices = signal<readonly string[] | undefined>(undefined);

    /* whether the log on the screen shows its newest line */
    readonly atEnd = signal(true);

    /* visitor-side number of the first message that was new when the agent
       last came back to this chat; 0 for none */
    readonly newsFrom = signal(0);

    readonly #parts: ChatParts;
    readonly #outbox;
    readonly #marker: Marker;
    readonly #typist: Typist;
    #ends: (() => void)[] = [];
    #wasInFront = false;

    constructor(id: string, parts: ChatParts) {
        this.id = id;
        this.#parts = parts;
        this.conversation = new Conversation({
            id,
            onHole: () => this.follow(),
        });
        this.#outbox = signal(this.#newOutbox(parts.device));
        this.#marker = new Marker(parts.connection, id);
        this.#typist = new Typist(parts.connection, id);
        this.draft.value = parts.drafts.get(id);
        this.choices.value = parts.drafts.choices(id);
    }

    get outbox(): ReadonlySignal<Outbox> {
        return this.#outbox;
    }

    start(): void {
        this.#outbox.peek().start();
        this.#ends = [
            effect(() => this.#parts.drafts.set(
                this.id, this.draft.value, this.choices.value)),
            effect(() => this.#read()),
        ];
        this.follow();
    }

    stop(): void {
        this.#ends.forEach((end) => end());
        this.#ends = [];
        this.#marker.stop();
        this.#typist.stopped();
        this.#outbox.peek().stop();
        this.conversation.clear();
    }

    follow(): void {
        this.#parts.connection.send({
            t: 'follow', feed: this.id, ...this.conversation.cursor(),
        });
    }

    apply(frame: ServerFrame): void {
        this.conversation.apply(frame);

        if (frame.t === 'window') {
            this.#windowed(frame);
        }
    }

    type(text: string): void {
        this.draft.value = text;

        if (text === '') {
            this.#typist.stopped();

        } else {
            this.#typist.typed();
        }
    }

    /* The draft has a text and, with choices, a menu that can be sent. */
    readonly fit = computed(() => this.draft.value.trim() !== ''
        && (this.choices.value === undefined
            || optionsOf(this.choices.value) !== undefined));

    /* Sends the draft; the outbox has it before the text box is empty. */
    send(): void {
        if (this.fit.peek()) {
            this.#outbox.peek().add(this.draft.peek().trim(), {
                choices: optionsOf(this.choices.peek() ?? []),
            });
            this.draft.value = '';
            this.choices.value = undefined;
            this.newsFrom.value = 0;
            this.#typist.stopped();
        }
    }

    /* A chat that goes away for good takes its draft with it. */
    forget(): void {
        this.stop();
        this.#outbox.peek().take();
        this.#parts.drafts.set(this.id, '');
    }

    #newOutbox(device: string): Outbox {
        const { connection, keep } = this.#parts;

        return new Outbox({
            connection, keep, conv: this.id, device,
            onConflict: () => void this.#changeDevice(),
        });
    }

    /* The desk knows this device's counter for another text: a copy of this
       tab has written.  Goes on under a new id. */
    async #changeDevice(): Promise<void> {
        const old = this.#outbox.peek();
        const items = old.take();
        const next = this.#newOutbox(await drawDevice(this.#parts.keep));

        for (const item of items) {
            next.add(item.text, item);
        }

        this.#outbox.value = next;
        next.start();
    }

    #windowed(frame: WindowFrame): void {
        if (frame.reset) {
            this.#marker.forget();
        }

        this.#read();
        this.#marker.again();
    }

    #read(): void {
        const got = this.conversation.headV.value;
        const n = this.conversation.log.value.at(-1)?.n ?? 0;
        const ready = this.conversation.ready.value;
        const inFront = this.#parts.inFront.value && ready;
        const seen = inFront && this.atEnd.value;

        if (inFront && !this.#wasInFront) {
            this.newsFrom.value = this.#firstUnread();
        }

        this.#wasInFront = inFront;

        if (ready && got > 0) {
            this.#marker.raise({
                got, read: seen ? got : 0, n: seen ? n : 0,
            });
        }
    }

    /* None when nothing has been read before: then everything is new. */
    #firstUnread(): number {
        const { marks, messages } = this.conversation;
        const read = marks.peek().get(this.#parts.who)?.read ?? 0;
        const first = messages.peek()
            .find((one) => one.role === 'visitor' && (one.v ?? 0) > read);

        return read === 0 ? 0 : first?.v ?? 0;
    }
}
