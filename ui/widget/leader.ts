/*
 * The leading tab's work: it holds the socket and talks to the desk.
 *
 * Purpose:    hello, start, messages, marks and the end of a conversation,
 *             for all tabs of this visitor.
 * Owner:      the connection, the outbox, the device's id; start() and
 *             stop() are mirrors.
 * Invariants: a message in the tray leaves it only into the outbox, which
 *             has kept it by then; `start` is sent only while there is
 *             something to say; marks rise only and go at most once a second.
 */

import {
    computed, effect, signal, untracked, type ReadonlySignal, type Signal,
} from '@preact/signals';

import { Connection, RequestError } from '../shared/connection';
import type { Conversation } from '../shared/conversation';
import { ID_FORM, randomId } from '../shared/ids';
import { Outbox, type OutboxItem } from '../shared/outbox';
import type { Keep } from '../shared/storage';
import {
    LIMITS, type ErrorCode, type ErrorFrame, type HelloFrame,
    type ServerFrame, type StartFrame, type WelcomeFrame,
} from '../shared/tables';
import type { Command, Status } from './share';
import type { Tray } from './tray';

const MARK_MS = 1_000;

/* start is tried again by itself after these */
const LATER: ReadonlySet<string> = new Set([
    'lost', 'busy', 'unavailable', 'rate_limited', 'internal', 'no_desk',
]);

export interface LeaderOptions {
    /* where socket and long-poll are */
    base: string;
    /* who the visitor is and where: for all tabs */
    keep: Keep;
    /* device and outbox: for this tab, or for whichever leads */
    own: Keep;
    tray: Tray;
    /* the store that frames go to; replaced by onConv */
    conversation: ReadonlySignal<Conversation | null>;
    onConv: (conv: string) => void;
    onFrame: (frame: ServerFrame) => void;
    onStatus: (status: Status) => void;
    /* what the visitor and the page say of themselves */
    form: () => Omit<StartFrame, 't' | 'id'>;
}

interface Starting {
    waiting?: { code: ErrorCode; until: number };
    error?: { code: ErrorCode; text: string };
}


export class Leader {
    #options: LeaderOptions;
    #keep: Keep;
    #own: Keep;
    #connection: Connection;
    #device: string;
    #who = signal('');
    #conv = signal('');
    #trouble = signal<ErrorCode | ''>('');
    #trayed = signal(0);
    #starting = signal<Starting>({});
    #outbox: Signal<Outbox | null> = signal(null);

    #asked = false;
    #ending = false;
    #startTimer: ReturnType<typeof setTimeout> | undefined;
    #markTimer: ReturnType<typeof setTimeout> | undefined;
    #markedAt = 0;
    #marked = { got: 0, read: 0 };
    #seen = 0;
    #ends: (() => void)[] = [];

    #status = computed<Status>(() => ({
        link: this.#connection.state.value,
        retryAt: this.#connection.retryAt.value,
        denial: this.#connection.denial.value?.code ?? 0,
        trouble: this.#trouble.value,
        who: this.#who.value,
        device: this.#device,
        conv: this.#conv.value,
        maxText: this.#connection.welcome.value?.max_text ?? LIMITS.TEXT,
        items: this.#items(),
    }));

    constructor(options: LeaderOptions) {
        const device = options.own.get<string>('device') ?? '';

        this.#options = options;
        this.#keep = options.keep;
        this.#own = options.own;
        this.#device = ID_FORM.test(device) ? device : this.#drawDevice();
        this.#connection = new Connection({
            url: `${options.base}socket`,
            poll: `${options.base}poll`,
            hello: () => this.#hello(),
        });
    }

    start(): void {
        const connection = this.#connection;
        const frames = ['window', 'message', 'event', 'member', 'mark',
                        'phase', 'typing'] as const;

        this.#useConv(this.#keep.get<string>('conv') ?? '');
        this.#ends = [
            connection.on('welcome', (frame) => this.#welcomed(frame)),
            connection.on('error', (frame) => this.#refused(frame)),
            ...frames.map((type) => connection.on(type, (frame) =>
                this.#options.onFrame(frame))),
            effect(() => {
                const status = this.#status.value;

                untracked(() => this.#options.onStatus(status));
            }),
            effect(() => {
                if (this.#options.conversation.value?.headV.value) {
                    untracked(() => this.#scheduleMark());
                }
            }),
        ];
        connection.connect();
    }

    stop(): void {
        this.#ends.forEach((end) => end());
        this.#ends = [];
        clearTimeout(this.#startTimer);
        clearTimeout(this.#markTimer);
        this.#outbox.value?.stop();
        this.#connection.disconnect();
    }

    get status(): Status { return this.#status.value; }

    do(command: Command): void {
        switch (command.do) {
        case 'push':
            this.#starting.value = {};
            this.#push();
            return;

        case 'typing':
            if (this.#open) {
                this.#connection.send({
                    t: 'typing', conv: this.#conv.value, on: command.on,
                });
            }
            return;

        case 'seen':
            this.#seen = Math.max(this.#seen, command.v);
            this.#scheduleMark();
            return;

        case 'end':
            this.#ending = true;
            this.#end();
            return;

        case 'fresh':
            this.#leave();
            return;

        case 'retry':
            this.#retry(command.id);
            return;

        case 'discard':
            this.#options.tray.remove(command.id);
            this.#outbox.value?.discard(command.id);
            this.#trayed.value++;
            return;

        case 'follow':
            this.#connection.send({
                t: 'follow', feed: this.#conv.value,
                ...this.#options.conversation.value?.cursor(),
            });
            return;

        case 'rejoin':
            this.#rejoin();
            return;

        case 'wake':
            this.#connection.connect();
            this.#connection.wake();
        }
    }

    get #open(): boolean {
        const phase = this.#options.conversation.value?.phase.value?.phase;

        return phase !== undefined && phase !== 'closed';
    }

    #drawDevice(): string {
        const device = randomId();

        this.#own.set('device', device);

        return device;
    }

    #hello(): Omit<HelloFrame, 't'> {
        const conv = this.#conv.value;

        return {
            device: this.#device,
            token: this.#keep.get('token'),
            ...conv && {
                conv, ...this.#options.conversation.value?.cursor(),
            },
        };
    }

    #welcomed(welcome: WelcomeFrame): void {
        this.#trouble.value = '';
        this.#who.value = welcome.who;
        this.#asked = false;

        if (welcome.token !== undefined) {
            this.#keep.set('token', welcome.token);
        }

        if (this.#conv.value !== (welcome.conv ?? '')) {
            this.#rescue();
            this.#useConv(welcome.conv ?? '');
        }

        if (this.#ending) {
            this.#end();
        }

        this.#push();
        this.#scheduleMark();
    }

    #refused(frame: ErrorFrame): void {
        if (this.#connection.state.value !== 'online') {
            this.#trouble.value = frame.code;
        }
    }

    /* From here on the conversation is `conv`, or none. */
    #useConv(conv: string): void {
        this.#outbox.value?.stop();
        this.#keep.set('conv', conv || undefined);
        this.#marked = { got: 0, read: 0 };
        this.#seen = 0;
        this.#ending = false;
        this.#conv.value = conv;
        this.#options.onConv(conv);

        for (const key of this.#own.keys('out.')) {
            if (key !== `out.${conv}.${this.#device}`) {
                this.#own.set(key, undefined);
            }
        }

        this.#outbox.value = conv ? this.#newOutbox(conv) : null;
    }

    #newOutbox(conv: string): Outbox {
        const outbox = new Outbox({
            connection: this.#connection,
            conv,
            device: this.#device,
            keep: this.#own,
            onConflict: () => this.#changeDevice(),
        });

        outbox.start();

        return outbox;
    }

    /* What was not sent in a conversation that is gone is said in the next;
       but menus do not come along. */
    #rescue(same = false): void {
        for (const item of this.#outbox.value?.take() ?? []) {
            if (same || !item.picks) {
                this.#options.tray.add(item.text, item.id, item.picks);
            }
        }

        this.#trayed.value++;
    }

    #changeDevice(): void {
        this.#rescue(true);
        this.#device = this.#drawDevice();
        this.#outbox.value = this.#newOutbox(this.#conv.value);
        this.#rejoin();
    }

    #rejoin(): void {
        this.#connection.disconnect();
        this.#connection.connect();
    }

    #leave(): void {
        if (!this.#open) {
            this.#outbox.value?.take();
            this.#useConv('');
            this.#push();
        }
    }

    #retry(id: string): void {
        const outbox = this.#outbox.value;
        const item = outbox?.items.value.find((one) => one.id === id);

        if (outbox && item && this.#open) {
            outbox.retry(id);
            return;
        }

        if (outbox && item) {
            outbox.discard(id);
            this.#options.tray.add(item.text);
            this.#leave();
        }

        this.#starting.value = {};
        this.#push();
    }

    #end(): void {
        const conv = this.#conv.value;

        if (conv && this.#open) {
            this.#connection.request({ t: 'end', conv }).then(
                () => { this.#ending = false; },
                (error: RequestError) => {
                    this.#ending = error.code === 'lost';
                });
        }
    }

    /* Moves the tray into the conversation; opens one when there is none. */
    #push(): void {
        const outbox = this.#outbox.value;
        const items = this.#options.tray.list();

        this.#trayed.value++;

        if (items.length === 0
            || this.#connection.state.value !== 'online')
        {
            return;
        }

        if (outbox === null) {
            this.#ask();

        } else {
            for (const item of items) {
                outbox.add(item.text, { id: item.id, picks: item.picks });
                this.#options.tray.remove(item.id);
            }
            this.#trayed.value++;
        }
    }

    #ask(): void {
        if (this.#asked || this.#starting.value.error
            || this.#startTimer !== undefined)
        {
            return;
        }

        this.#asked = true;
        this.#connection.request({ t: 'start', ...this.#options.form() }).then(
            (ack) => {
                this.#asked = false;
                this.#starting.value = {};
                this.#useConv(ack.conv ?? '');
                this.#push();
            },
            (error: RequestError) => this.#notStarted(error));
    }

    #notStarted(error: RequestError): void {
        this.#asked = false;

        if (error.code === 'lost') {
            return;
        }

        if (!LATER.has(error.code)) {
            this.#starting.value = {
                error: { code: error.code, text: error.message },
            };
            return;
        }

        const wait = error.frame?.retry_after ?? LIMITS.RETRY_MS;

        this.#starting.value = {
            waiting: { code: error.code, until: Date.now() + wait },
        };
        this.#startTimer = setTimeout(() => {
            this.#startTimer = undefined;
            this.#starting.value = {};
            this.#push();
        }, wait);
    }

    #items(): OutboxItem[] {
        const { waiting, error } = this.#starting.value;
        const trayed = this.#trayed.value >= 0
            ? this.#options.tray.list() : [];

        return [
            ...this.#outbox.value?.items.value ?? [],
            ...trayed.map((item): OutboxItem => ({
                ...item, private: false, k: 0, waiting, error,
                state: error ? 'failed' : 'sending',
            })),
        ];
    }

    #scheduleMark(): void {
        if (this.#markTimer === undefined) {
            this.#markTimer = setTimeout(
                () => this.#mark(),
                Math.max(0, this.#markedAt + MARK_MS - Date.now()));
        }
    }

    #mark(): void {
        const conv = this.#conv.value;
        const got = this.#options.conversation.value?.headV.value ?? 0;
        const read = Math.min(this.#seen, got);

        this.#markTimer = undefined;

        if (conv && (got > this.#marked.got || read > this.#marked.read)
            && this.#connection.send({ t: 'mark', conv, got, read }))
        {
            this.#marked = { got, read };
            this.#markedAt = Date.now();
        }
    }
}
