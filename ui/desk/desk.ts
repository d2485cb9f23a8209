/*
 * The agent's desk: joins the connection with inbox, chats and views.
 *
 * Owns the connection and everything that hangs on it; start() and stop()
 * are symmetric.  Views read signals and call methods; they never send
 * frames themselves.
 */

import { computed, effect, signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

import { Connection, RequestError } from '../shared/connection';
import { Keep } from '../shared/storage';
import { CLOSES, LIMITS } from '../shared/tables';
import type { CardGoneFrame, ErrorFrame, FrameName, ServerFrame }
    from '../shared/tables';
import * as api from './api';
import { Attention } from './attention';
import { Chat } from './chat';
import { Clock } from './clock';
import { Customs } from './custom';
import { Drafts } from './drafts';
import { Gaze } from './gaze';
import { GONE_WORDS } from './gone';
import { Herald } from './herald';
import { Inbox } from './inbox';
import type { Card } from './inbox';
import { isItem } from './item';
import { narrow, phone } from './media';
import { Notices } from './notices';
import type { Choices } from './notices';
import { Ongoing } from './ongoing';
import { clientName, isOver } from './people';
import { Pusher } from './pusher';
import { Sign } from './sign';
import { Templates } from './templates';
import { ticket } from './ticket';
import { Toasts } from './toasts';
import { Waiting } from './waiting';

const SOCKET = './socket';
const POLL = './poll';
const CURRENT = 'current';

/* a login that is denied twice within this time is over */
const DENIED_AGAIN_MS = 60_000;

const FEED_FRAMES: readonly FrameName[] = [
    'window', 'message', 'event', 'member', 'mark', 'phase', 'typing',
];

/* one feed is the inbox's, a few stay free for what is on its way out */
const FOLLOW_MAX = LIMITS.FEEDS_PER_SESSION - 4;

/* what is fetched when somebody opens it */
export type Panel = 'notifications' | 'templates';

export type Overlay =
    | { is: 'help' } | { is: 'palette' } | { is: Panel }
    | { is: 'end'; conv: string };

export interface DeskParts {
    person: api.Person;
    device: string;
    keep: Keep;
    customs: Customs;

    /* the login is over; `why` is a close code */
    onDenied: (why: number) => void;
    onSignedOut: () => void;
}

export class Desk {
    readonly person: api.Person;
    readonly connection: Connection;
    readonly inbox: Inbox;
    readonly ongoing: Ongoing;
    readonly clock: Clock;
    readonly templates: Templates;
    readonly toasts = new Toasts();
    readonly attention = new Attention();
    readonly herald: Herald;
    readonly notices: Notices;
    readonly pusher: Pusher;
    readonly waiting: Waiting;

    readonly overlay = signal<Overlay | undefined>(undefined);

    /* narrow windows: whether the list, the details lie over the rest */
    readonly listOpen = signal(false);
    readonly detailsOpen = signal(false);

    /* conversations with a request whose outcome is not known yet */
    readonly underWay = signal<ReadonlySet<string>>(new Set());

    /* what is to take the focus, the current tab's content or the list;
       they count up */
    readonly focusWanted = signal(0);
    readonly listWanted = signal(0);

    readonly #parts: DeskParts;
    readonly #drafts: Drafts;
    readonly #gaze: Gaze;
    readonly #sign = new Sign();
    readonly #chats = signal<ReadonlyMap<string, Chat>>(new Map());
    readonly #current = signal<string | undefined>(undefined);

    /* ended by this page: to be removed as soon as they are closed */
    readonly #leaving = new Set<string>();

    #before: string | undefined;
    #deniedAt = 0;
    #ends: (() => void)[] = [];

    constructor(parts: DeskParts) {
        this.#parts = parts;
        this.person = parts.person;
        this.#drafts = new Drafts(parts.keep);
        this.inbox = new Inbox((card, why) => this.#gone(card, why));
        this.waiting = new Waiting({
            inbox: this.inbox, current: this.#current,
            seen: (conv) => this.#beforeEyes() === conv,
        });
        this.ongoing = new Ongoing(this.inbox,
                                   (conv) => this.waiting.unread(conv));
        this.connection = new Connection({
            url: SOCKET,
            poll: POLL,
            hello: async (over) => ({
                device: parts.device,
                ...over === 'socket' && { ticket: await ticket() },
            }),
        });
        this.clock = new Clock(() => this.connection.now());
        this.#gaze = new Gaze(this.connection);
        this.notices = new Notices({
            told: (notice) => this.herald.told(notice),
            over: (notice) => this.herald.over(notice),
        });
        this.herald = new Herald({
            who: parts.person.who,
            looking: this.attention.looking,
            choices: this.notices.choices,
            customs: parts.customs,
            open: (conv) => this.open(conv),
            stands: (about) => this.notices.stands(about),
            show: (about, text) => this.toasts.hold(about, text),
            hide: (about) => this.toasts.release(about),
        });
        this.pusher = new Pusher({
            connection: this.connection,
            loaded: this.inbox.loaded,
            permission: this.herald.consent.is,
            choices: this.notices.choices,
        });
        this.templates = new Templates(this.connection);
    }

    get current(): ReadonlySignal<string | undefined> {
        return this.#current;
    }

    readonly online = computed(() => this.connection.state.value === 'online');

    /* Chats and offers, in the order in which they came. */
    get tabs(): ReadonlySignal<readonly string[]> {
        return this.inbox.order;
    }

    chat(conv: string): Chat | undefined {
        return this.#chats.value.get(conv);
    }

    inFront(conv: string): boolean {
        return this.attention.looking.value && this.#current.value === conv
            && !(this.listOpen.value && narrow.value);
    }

    start(): void {
        const { connection } = this;
        const ends = FEED_FRAMES.map((type) => connection.on(type,
            (frame) => this.#hear(frame)));

        this.#ends = [
            ...ends,
            connection.on('welcome', () => this.#welcomed()),
            connection.on('card', (frame) => this.#inboxed(frame)),
            connection.on('card_gone', (frame) => this.#inboxed(frame)),
            connection.on('me', (frame) => this.#inboxed(frame)),
            connection.on('notice', (frame) => this.notices.apply(frame)),
            connection.on('notice_gone',
                (frame) => this.notices.apply(frame)),
            connection.on('notify', (frame) => this.notices.apply(frame)),
            effect(() => this.#gaze.turn(this.#beforeEyes())),
            connection.on('error', (frame) => this.#refused(frame)),
            effect(() => this.#deny()),
            effect(() => this.#sign.show(this.waiting.count.value)),
            effect(() => this.#look()),
        ];

        addEventListener('beforeunload', this.#onUnload);
        this.clock.start();
        this.templates.start();
        this.attention.start();
        this.herald.start();
        this.pusher.start();
        connection.connect();
    }

    stop(): void {
        removeEventListener('beforeunload', this.#onUnload);
        this.#ends.forEach((end) => end());
        this.#ends = [];
        this.#chats.peek().forEach((chat) => chat.stop());
        this.#chats.value = new Map();
        this.clock.stop();
        this.templates.stop();
        this.attention.stop();
        this.herald.stop();
        this.pusher.stop();
        this.connection.disconnect();
        this.#sign.stop();
    }

    /* Shows a chat or an offer. */
    open(conv: string): void {
        if (this.inbox.card(conv) === undefined) {
            return;
        }

        this.#setCurrent(conv);
        this.listOpen.value = false;
        this.focusWanted.value++;
    }

    /* The next (1) or previous (-1) tab, around the ends. */
    step(by: number): void {
        const ids = this.tabs.peek();
        const at = ids.indexOf(this.#current.peek() ?? '');
        const next = ids[(at + by + ids.length) % ids.length];

        if (next !== undefined) {
            this.open(next);
        }
    }

    /* Opens the list, that of the inbox or the cards of ongoing messages,
       where it is hidden, and goes to it. */
    showList(cards = false): void {
        const other = this.ongoing.open.peek() !== cards;

        this.ongoing.show(cards);
        this.listOpen.value = phone.peek() || other || !this.listOpen.peek();
        this.listWanted.value++;
    }

    show(is: 'help' | 'palette' | Panel): void {
        this.overlay.value = { is };
    }

    /* Without a conversation: the offer in front, or the oldest. */
    accept(conv = this.#offerInReach()): void {
        if (conv !== undefined) {
            void this.#ask(conv, 'accept');
        }
    }

    reject(conv: string): void {
        void this.#ask(conv, 'reject');
    }

    /* What the x on a tab does: ends, after a question when the visitor is
       connected, and removes what has ended. */
    close(conv: string): void {
        const card = this.inbox.card(conv)?.peek();

        if (isOver(card)) {
            void this.#ask(conv, 'dismiss');

        } else if (card?.phase === 'active' && card.present) {
            this.overlay.value = { is: 'end', conv };

        } else if (card?.phase === 'active') {
            this.end(conv);
        }
    }

    /* Ends and, when that has come about, removes. */
    end(conv: string): void {
        this.#leaving.add(conv);
        void this.#ask(conv, 'end');
    }

    setPresence(state: string): void {
        this.connection.request({ t: 'presence', state })
            .catch((error) => this.#say(error));
    }

    /* What the agent wants to hear and see of notices, on all devices. */
    choose({ silent, ...choices }: Choices): void {
        this.connection.request(
            { t: 'notify', ...choices, silent: silent.join(' ') })
            .catch((error) => this.#say(error));
    }

    async signOut(): Promise<void> {
        if (this.#sending()) {
            this.toasts.show('A message has not been sent yet. Sign out '
                             + 'when it is.');
            return;
        }

        try {
            await this.pusher.end();
            await api.logout();

        } catch (error) {
            if (!(error instanceof api.ApiError)
                || error.code !== 'unauthorized')
            {
                this.toasts.show('Signing out did not work: the desk '
                                 + 'cannot be reached. Try again.');
                return;
            }
        }

        this.#parts.onSignedOut();
    }

    /* The chat whose newest line the agent looks at. */
    #beforeEyes(): string | undefined {
        const conv = this.#current.value;

        return conv !== undefined && this.inFront(conv)
            && this.chat(conv)?.atEnd.value ? conv : undefined;
    }

    #offerInReach(): string | undefined {
        const offers = this.inbox.offers.peek();
        const current = this.#current.peek();

        return offers.find((conv) => conv === current) ?? offers[0];
    }

    async #ask(
        conv: string, t: 'accept' | 'reject' | 'end' | 'dismiss',
    ): Promise<void> {
        if (this.underWay.peek().has(conv)) {
            return;
        }

        this.#mark(conv, true);

        try {
            await this.connection.request({ t, conv });

            if (t === 'accept') {
                this.open(conv);
            }

        } catch (error) {
            this.#leaving.delete(conv);
            this.#mark(conv, false);
            this.#say(error);
        }
    }

    #mark(conv: string, under: boolean): void {
        const all = new Set(this.underWay.peek());

        if (under) {
            all.add(conv);

        } else {
            all.delete(conv);
        }

        this.underWay.value = all;
    }

    #say(error: unknown): void {
        const lost = error instanceof RequestError && error.code === 'lost';

        this.toasts.show(lost || !(error instanceof Error)
            ? 'No answer from the desk. Please try again.' : error.message);
    }

    #welcomed(): void {
        this.clock.tick();
        this.#gaze.forget();
        this.#gaze.turn(this.#beforeEyes());
        this.underWay.value = new Set();
        this.#chats.peek().forEach((chat) => chat.follow());
    }

    #hear(frame: ServerFrame): void {
        if (frame.t === 'window' && frame.feed === 'inbox') {
            this.inbox.window(frame.frames, frame.reset);
            this.notices.window(frame.frames);
            this.#arrange();
            void this.herald.popups.tidy();
            return;
        }

        const conv = frame.t === 'window' ? frame.feed
            : 'conv' in frame ? frame.conv : undefined;

        this.#chats.peek().get(conv ?? '')?.apply(frame);
    }

    #inboxed(frame: Extract<ServerFrame, { t: 'card' | 'card_gone' | 'me' }>,
    ): void {
        const before = frame.t === 'card'
            ? this.inbox.card(frame.conv)?.peek().phase : undefined;

        this.inbox.apply(frame);

        if (frame.t === 'me' || (frame.t === 'card'
                                 && frame.phase === before))
        {
            return;
        }

        this.clock.tick();
        this.#mark(frame.conv, false);
        this.#arrange();
    }

    #gone(card: Card, why: CardGoneFrame['why']): void {
        const words = GONE_WORDS[why];

        if (words !== undefined) {
            this.toasts.show(`${clientName(card)}: ${words}`);
        }
    }

    /* An error that follows an ack speaks of a request we have answered for
       already; the rest is heard by request() and the outboxes. */
    #refused(frame: ErrorFrame): void {
        if (frame.code === 'offer_gone' && frame.conv !== undefined) {
            this.#mark(frame.conv, false);
            this.toasts.show(frame.text);
        }
    }

    /* Brings chats and the current tab in line with the cards. */
    #arrange(): void {
        const chats = new Map(this.#chats.peek());

        for (const [conv, chat] of chats) {
            if (this.inbox.card(conv) === undefined) {
                this.connection.send({ t: 'unfollow', feed: conv });
                chat.forget();
                chats.delete(conv);
            }
        }

        for (const conv of this.inbox.active.peek()) {
            this.#ensure(chats, conv);
        }

        this.#chats.value = chats;
        this.#choose();

        for (const conv of this.inbox.closed.peek()) {
            if (this.#leaving.delete(conv)) {
                void this.#ask(conv, 'dismiss');
            }
        }
    }

    #ensure(chats: Map<string, Chat>, conv: string): void {
        if (!chats.has(conv) && chats.size < FOLLOW_MAX
            && !isItem(this.inbox.card(conv)?.peek()))
        {
            const { device, keep } = this.#parts;
            const chat = new Chat(conv, {
                connection: this.connection, drafts: this.#drafts, keep,
                device, who: this.person.who,
                inFront: computed(() => this.inFront(conv)),
            });

            chats.set(conv, chat);
            chat.start();
        }
    }

    /* Keeps the current tab while it lives; else the one before it, else
       the nearest. */
    #choose(): void {
        const ids = this.tabs.peek();
        const wanted = [
            this.#current.peek(), this.#before,
            this.#parts.keep.get<string>(CURRENT), ids.at(-1),
        ];

        this.#setCurrent(wanted.find((one) => ids.includes(one ?? '')));
    }

    #setCurrent(conv: string | undefined): void {
        const old = this.#current.peek();

        if (conv === undefined && phone.peek()) {
            this.listOpen.value = true;
        }

        if (conv !== old) {
            this.#before = old;
            this.#current.value = conv;
            this.detailsOpen.value = false;
            this.#parts.keep.set(CURRENT, conv);
        }

        /* an ended chat is followed when somebody looks at it */
        if (conv !== undefined && !this.#chats.peek().has(conv)
            && isOver(this.inbox.card(conv)?.peek()))
        {
            const chats = new Map(this.#chats.peek());

            this.#ensure(chats, conv);
            this.#chats.value = chats;
        }
    }

    #deny(): void {
        const denial = this.connection.denial.value;

        if (denial === null) {
            return;
        }

        if (denial.code === CLOSES.SIGNED_OUT
            && Date.now() - this.#deniedAt > DENIED_AGAIN_MS)
        {
            this.#deniedAt = Date.now();
            void this.#tryAgain();

        } else {
            this.#parts.onDenied(denial.code);
        }
    }

    /* The ticket may have run out on its way: does the login still hold? */
    async #tryAgain(): Promise<void> {
        try {
            await api.currentSession();
            this.connection.connect();

        } catch {
            this.#parts.onDenied(CLOSES.SIGNED_OUT);
        }
    }

    /* What was said in the page while nobody looked is seen by who comes. */
    #look(): void {
        if (this.attention.looking.value && this.toasts.list.value.length > 0) {
            this.toasts.seen();
        }
    }

    #sending(): boolean {
        return [...this.#chats.peek().values()]
            .some((chat) => chat.outbox.peek().busy.peek());
    }

    #onUnload = (event: BeforeUnloadEvent): void => {
        if (this.#sending()) {
            event.preventDefault();
        }
    };
}
