/*
 * What the screen of one tab works with: the visitor's chat on one desk.
 *
 * Purpose:    the same signals and commands in the leading tab and in those
 *             that follow it.
 * Owner:      the conversation's store of this tab, its Tabs and, while it
 *             leads, the Leader; start() and stop() are mirrors.
 * Invariants: in a tab that follows, everything comes from the leading tab's
 *             frames and status, in their order; a message that was written
 *             here is kept before anybody is told of it.
 */

import {
    computed, signal, type ReadonlySignal, type Signal,
} from '@preact/signals';

import { Conversation } from '../shared/conversation';
import type { OutboxItem } from '../shared/outbox';
import { Keep } from '../shared/storage';
import {
    LIMITS, type MessageFrame, type ServerFrame, type StartFrame,
} from '../shared/tables';
import { Leader } from './leader';
import type { Command, Message, Status } from './share';
import { Tabs } from './tabs';
import { Tray } from './tray';

const ANSWER_MS = 2_500;
const TYPING_EVERY_MS = 3_000;
const TYPING_STOP_MS = 4_000;

const START: Status = {
    link: 'idle', retryAt: 0, denial: 0, trouble: '', who: '', device: '',
    conv: '', maxText: LIMITS.TEXT, items: [],
};

export interface Profile {
    name?: string;
    email?: string;
}

export interface SessionOptions {
    desk: string;
    /* where the widget's addresses lie */
    base: string;
    /* by which the visitor comes; null: the website's */
    flow: () => string | null;
    locale: () => string;
    onMessage: (message: MessageFrame) => void;
    onEnd: () => void;
}


export class Session {
    #options: SessionOptions;
    #prefix: string;
    #keep: Keep;
    #own: Keep;
    #tray: Tray;
    #tabs: Tabs<Message>;
    #leader: Leader | null = null;
    #status = signal<Status>(START);
    #conversation = signal<Conversation | null>(null);
    #mine = signal<readonly OutboxItem[]>([]);
    #seen = signal(0);
    #ids = new Map<string, string>();
    #typing = false;
    #typedAt = 0;
    #typingTimer: ReturnType<typeof setTimeout> | undefined;
    #answerTimer: ReturnType<typeof setTimeout> | undefined;

    readonly profile: Signal<Profile>;

    /* Messages on their way, oldest first. */
    readonly items: ReadonlySignal<readonly OutboxItem[]> = computed(() =>
        [...this.#status.value.items, ...this.#mine.value]);

    /* Agents' messages that this visitor has not read in any tab. */
    readonly unread = computed(() => {
        const conversation = this.#conversation.value;
        const own = conversation?.marks.value.get(this.#status.value.who);
        const read = Math.max(this.#seen.value, own?.read ?? 0);

        return conversation?.messages.value.filter((message) =>
            message.role === 'agent' && (message.v ?? 0) > read).length ?? 0;
    });

    constructor(options: SessionOptions) {
        this.#options = options;
        this.#prefix = `chatdesk:${options.desk}:`;
        this.#keep = new Keep(this.#prefix, () => localStorage);
        this.#own = Tabs.shared ? this.#keep
            : new Keep(this.#prefix, () => sessionStorage);
        this.#tray = new Tray(this.#own);
        this.profile = signal(this.#keep.get<Profile>('profile') ?? {});
        this.#tabs = new Tabs({
            name: this.#prefix,
            onLead: () => this.#lead(),
            onFollow: () => this.#follow(),
            onMessage: (message) => this.#hear(message),
        });
    }

    get status(): ReadonlySignal<Status> { return this.#status; }

    get conversation(): ReadonlySignal<Conversation | null> {
        return this.#conversation;
    }

    start(): void {
        this.#claimDevice();
        addEventListener('pagehide', this.#onHide);
        addEventListener('pageshow', this.#onShow);
        addEventListener('storage', this.#onStorage);
        document.addEventListener('visibilitychange', this.#onVisible);
        this.#tabs.join();
    }

    stop(): void {
        removeEventListener('pagehide', this.#onHide);
        removeEventListener('pageshow', this.#onShow);
        removeEventListener('storage', this.#onStorage);
        document.removeEventListener('visibilitychange', this.#onVisible);
        this.#rest();
    }

    /* Ends this visitor's session in every tab; nothing of it is kept. */
    forget(): void {
        this.#tabs.post({ m: 'forget' });
        this.stop();
        this.#clear();
    }

    /* `picks`: the menu that the text is an option of. */
    send(text: string, picks?: string): void {
        const item = this.#tray.add(text, undefined, picks);

        this.typed(false);

        if (this.#leader === null) {
            this.#mine.value = [...this.#mine.value, {
                ...item, private: false, k: 0, state: 'sending',
            }];
        }

        this.#command({ do: 'push' });
    }

    /* To be called at each key; says so to the desk as often as it must. */
    typed(on: boolean): void {
        clearTimeout(this.#typingTimer);

        if (on) {
            this.#typingTimer = setTimeout(() => this.typed(false),
                                           TYPING_STOP_MS);
        }

        if (on ? Date.now() - this.#typedAt >= TYPING_EVERY_MS
               : this.#typing)
        {
            this.#command({ do: 'typing', on });
            this.#typedAt = on ? Date.now() : 0;
        }

        this.#typing = on;
    }

    /* The visitor has everything up to here before their eyes. */
    saw(v: number): void {
        if (v > this.#seen.value) {
            this.#seen.value = v;
            this.#command({ do: 'seen', v });
        }
    }

    end(): void { this.#command({ do: 'end' }); }

    /* Leaves a conversation that has ended. */
    fresh(): void { this.#command({ do: 'fresh' }); }

    retry(id: string): void { this.#command({ do: 'retry', id }); }

    discard(id: string): void { this.#command({ do: 'discard', id }); }

    wake(): void { this.#command({ do: 'wake' }); }

    setProfile(profile: Profile): void {
        this.profile.value = { ...this.profile.value, ...profile };
        this.#keep.set('profile', this.profile.value);
    }

    /* What identifies a message on the screen, from the first key on. */
    keyOf(mid: string): string {
        return this.#ids.get(mid) ?? mid;
    }

    #command(command: Command): void {
        if (this.#leader !== null) {
            this.#leader.do(command);
        } else {
            this.#tabs.post({ m: 'command', command });
            this.#expectAnswer();
        }
    }

    #lead(): void {
        this.#answered();
        this.#mine.value = [];
        this.#leader = new Leader({
            base: this.#options.base,
            keep: this.#keep,
            own: this.#own,
            tray: this.#tray,
            conversation: this.#conversation,
            onConv: (conv) => this.#useConv(conv),
            onFrame: (frame) => {
                this.#tabs.post({ m: 'frame', frame });
                this.#take(frame);
            },
            onStatus: (status) => {
                this.#tabs.post({ m: 'status', status });
                this.#setStatus(status);
            },
            form: () => this.#form(),
        });
        this.#leader.start();
    }

    #follow(): void {
        this.#leader?.stop();
        this.#leader = null;
        this.#expectAnswer('ask');
    }

    /* Gives up lead and channel, so that another tab can go on. */
    #rest(): void {
        this.#answered();
        this.typed(false);
        this.#leader?.stop();
        this.#leader = null;
        this.#tabs.leave();
    }

    #hear(message: Message): void {
        if (message.m === 'forget') {
            this.#rest();
            this.#clear();
            this.#tabs.join();
            return;
        }

        if (this.#leader !== null) {
            this.#answer(this.#leader, message);
            return;
        }

        switch (message.m) {
        case 'copy':
            this.#setStatus(message.status);
            if (message.window !== null) {
                this.#take(message.window);
            }
            return;

        case 'status':
            this.#setStatus(message.status);
            return;

        case 'frame':
            this.#take(message.frame);
        }
    }

    #answer(leader: Leader, message: Message): void {
        if (message.m === 'ask') {
            const conversation = this.#conversation.value;

            this.#tabs.post({
                m: 'copy',
                status: leader.status,
                window: conversation?.ready.value
                    ? conversation.snapshot() : null,
            });

        } else if (message.m === 'ping') {
            this.#tabs.post({ m: 'status', status: leader.status });

        } else if (message.m === 'command') {
            leader.do(message.command);
        }
    }

    /* A leading tab that is frozen gives no answer and loses the lead, but
       only to a tab that somebody looks at. */
    #expectAnswer(m: 'ask' | 'ping' = 'ping'): void {
        this.#tabs.post({ m });

        if (this.#answerTimer === undefined
            && document.visibilityState === 'visible')
        {
            this.#answerTimer = setTimeout(() => {
                this.#answerTimer = undefined;
                this.#tabs.takeOver();
            }, ANSWER_MS);
        }
    }

    #answered(): void {
        clearTimeout(this.#answerTimer);
        this.#answerTimer = undefined;
    }

    #setStatus(status: Status): void {
        const known = new Set(status.items.map((item) => item.id));

        if (this.#leader === null) {
            this.#answered();
            this.#useConv(status.conv);
        }

        for (const item of status.items) {
            if (item.k > 0) {
                this.#ids.set(`${status.device}.${item.k}`, item.id);
            }
        }

        this.#mine.value = this.#mine.value
            .filter((item) => !known.has(item.id));
        this.#status.value = status;
    }

    #useConv(conv: string): void {
        if (conv === (this.#conversation.value?.id ?? '')) {
            return;
        }

        this.#conversation.value?.clear();
        this.#seen.value = 0;
        this.#ids.clear();
        this.#conversation.value = conv === '' ? null : new Conversation({
            id: conv,
            onHole: () => this.#leader !== null
                ? this.#leader.do({ do: 'follow' })
                : this.#expectAnswer('ask'),
        });
    }

    #take(frame: ServerFrame): void {
        const conversation = this.#conversation.value;
        const known = conversation?.cursor().n;
        const wasClosed = this.#closed;

        conversation?.apply(frame);

        /* a first window is history, but for what this page has sent */
        conversation?.messages.value
            .filter((message) => known === undefined
                ? this.#ids.has(message.mid) : message.n > known)
            .forEach((message) => this.#options.onMessage(message));

        if (frame.t === 'phase' && this.#closed && !wasClosed) {
            this.#options.onEnd();
        }
    }

    get #closed(): boolean {
        return this.#conversation.value?.phase.value?.phase === 'closed';
    }

    #form(): Omit<StartFrame, 't' | 'id'> {
        const { name, email } = this.profile.value;
        const flow = this.#options.flow();
        const cut = (text: string, max: number) =>
            [...text].slice(0, max).join('');

        return {
            ...name && { name: cut(name, 80) },
            ...email && { email: cut(email, 254) },
            ...flow && { flow },
            page: cut(location.origin + location.pathname, 1024),
            ...document.title && { title: cut(document.title, 200) },
            lang: this.#options.locale(),
        };
    }

    /* Without Web Locks a tab has a connection and a device of its own. A
       duplicated tab has a copy of the first one's, which it must not use. */
    #claimDevice(): void {
        if (Tabs.shared) {
            return;
        }

        if (this.#own.get('left') !== true) {
            this.#own.clear();
        }

        this.#own.set('left', undefined);
    }

    #clear(): void {
        this.#keep.clear();
        this.#own.clear();
        this.#useConv('');
        this.#mine.value = [];
        this.profile.value = {};
        this.#status.value = START;
    }

    #onHide = (): void => {
        if (!Tabs.shared) {
            this.#own.set('left', true);
        }
        this.#rest();
    };

    #onShow = (event: PageTransitionEvent): void => {
        if (event.persisted) {
            this.#claimDevice();
            this.#tabs.join();
        }
    };

    #onStorage = (event: StorageEvent): void => {
        /* what a following tab has put into the tray may be told of before
           it can be read here */
        this.#leader?.do({ do: 'push' });

        if (!Tabs.shared && event.key === `${this.#prefix}conv`) {
            this.#command({ do: 'rejoin' });
        }
    };

    #onVisible = (): void => {
        if (this.#leader === null) {
            this.#expectAnswer();
        }
    };
}
