/*
 * widget.js: the one line that a website pastes.
 *
 *   <script async src="/chatdesk/widget.js" data-desk="demo"></script>
 *   <chat-desk desk="demo"></chat-desk>
 *   ChatDesk('open')
 *
 * Purpose:    the launcher and the queue of calls; everything else comes
 *             with the first intent: a click, a call that needs it, or a
 *             conversation that this browser already has.
 * Owner:      the element, its shadow root, the launcher.
 * Invariants: takes no code from elsewhere and asks for nothing until then; no HTML from
 *             strings, no inline style; calls are taken in their order, also
 *             those made before this file arrived.
 */

import css from './loader.css';

declare const PANEL_FILE: string;

interface Options {
    desk?: string;
    flow?: string;
    locale?: string;
    theme?: string;
    heading?: string;
    identity?: Profile;
    texts?: Record<string, string>;
}

interface Profile {
    name?: string;
    email?: string;
}

/* What the panel gives to its launcher. */
interface Panel {
    shown(focus: boolean): void;
    hidden(): void;
    update(): void;
    identify(profile: Profile): void;
    write(text: string): void;
    forget(): void;
}

const SVG = 'http://www.w3.org/2000/svg';
const CHAT = 'M20.5 11.5a8 8 0 0 1-8.3 8 9 9 0 0 1-3.9-.9L3.5 20l1.4-4.2a7.6 '
    + '7.6 0 0 1-1.2-4.1A8.2 8.2 0 0 1 12 3.5a8.2 8.2 0 0 1 8.5 8Z';
const DOWN = 'm6 9.5 6 6 6-6';
const PHONE = '(max-width:480px)';

const LABELS: Record<string, string> = {
    en: 'Open chat|Close chat|unread|The chat could not be loaded.',
    pt: 'Abrir o chat|Fechar o chat|não lidas|Não foi possível carregar o chat.',
    es: 'Abrir el chat|Cerrar el chat|sin leer|No se pudo cargar el chat.',
    fr: 'Ouvrir le chat|Fermer le chat|non lus|Le chat n’a pas pu être chargé.',
    de: 'Chat öffnen|Chat schließen|ungelesen|Der Chat wurde nicht geladen.',
    ar: 'فتح المحادثة|إغلاق المحادثة|غير مقروءة|تعذر تحميل المحادثة.',
};

const script = document.currentScript as HTMLScriptElement | null;
const base = new URL('.', script?.src || document.baseURI).href;


function make<K extends keyof HTMLElementTagNameMap>(
    name: K, id: string): HTMLElementTagNameMap[K]
{
    const element = document.createElement(name);

    element.id = id;
    element.setAttribute('part', id);

    return element;
}


function drawing(name: string, path: string): SVGElement {
    const svg = document.createElementNS(SVG, 'svg');
    const line = document.createElementNS(SVG, 'path');
    const attributes = {
        class: name, viewBox: '0 0 24 24', width: '28', height: '28',
        fill: 'none', stroke: 'currentColor', 'stroke-width': '1.75',
        'stroke-linecap': 'round', 'stroke-linejoin': 'round',
        'aria-hidden': 'true',
    };

    Object.entries(attributes).forEach((pair) => svg.setAttribute(...pair));
    line.setAttribute('d', path);
    svg.append(line);

    return svg;
}


class ChatDeskElement extends HTMLElement {
    static observedAttributes = ['locale', 'heading'];

    readonly base = base;
    readonly section = make('section', 'panel');
    texts: Record<string, string> = {};
    profile: Profile = {};

    #launcher = make('button', 'launcher');
    #badge = make('span', 'badge');
    #note = make('span', 'note');
    panel: Promise<Panel | null> | null = null;
    #unread = 0;

    constructor() {
        super();

        const root = this.attachShadow({ mode: 'open' });
        const sheet = new CSSStyleSheet();

        sheet.replaceSync(css);
        root.adoptedStyleSheets = [sheet];
        this.section.hidden = true;
        this.#badge.hidden = true;
        this.#note.setAttribute('role', 'status');
        this.#launcher.type = 'button';
        this.#launcher.setAttribute('aria-controls', 'panel');
        this.#launcher.append(drawing('chat', CHAT), drawing('down', DOWN),
                              this.#badge);
        this.#launcher.onclick = () => this.toggle();
        root.append(this.section, this.#launcher, this.#note);
    }

    get desk(): string {
        return this.getAttribute('desk') || 'default';
    }

    get isOpen(): boolean {
        return !this.section.hidden;
    }

    connectedCallback(): void {
        this.#label();
        this.emit('ready');

        if (this.stored('localStorage', 'conv')) {
            (window.requestIdleCallback ?? setTimeout)(() => this.load());
        }

        if (this.stored('sessionStorage', 'open')
            && !matchMedia(PHONE).matches)
        {
            this.open(false);
        }
    }

    attributeChangedCallback(): void {
        this.#label();
        this.panel?.then((panel) => panel?.update());
    }

    emit(name: string, detail?: unknown): void {
        this.dispatchEvent(new CustomEvent(`chatdesk:${name}`, {
            bubbles: true, composed: true, detail,
        }));
    }

    /* Brings the panel's code, once; after a failure it can be tried again. */
    load(): Promise<Panel | null> {
        this.panel ??= this.#fetch();

        return this.panel;
    }

    async open(byHand = true): Promise<void> {
        const panel = await this.load();

        if (panel && !this.isOpen) {
            this.#setOpen(true);
            panel.shown(byHand);
            this.emit('open');
        }
    }

    close(): void {
        if (this.isOpen) {
            const inside = this.shadowRoot?.activeElement;

            this.#setOpen(false);
            this.panel?.then((panel) => panel?.hidden());

            if (inside) {
                this.#launcher.focus();
            }

            this.emit('close');
        }
    }

    toggle(): void {
        if (this.isOpen) {
            this.close();
        } else {
            this.open();
        }
    }

    set unread(count: number) {
        if (count !== this.#unread) {
            this.#unread = count;
            this.#badge.hidden = !count;
            this.#badge.textContent = count > 99 ? '99+' : `${count}`;
            this.#label();
            this.emit('unread', { count });
        }
    }

    get languages(): (string | null)[] {
        return [this.getAttribute('locale'), document.documentElement.lang,
                navigator.language];
    }

    /* Reads, writes or (null) removes a value of this desk; a storage that
       is forbidden holds nothing. */
    stored(area: 'localStorage' | 'sessionStorage', key: string,
           value?: string | null): string | null
    {
        const name = `chatdesk:${this.desk}:${key}`;

        try {
            if (value === null) {
                window[area].removeItem(name);
            } else if (value) {
                window[area].setItem(name, value);
            }

            return window[area].getItem(name);
        } catch {
            return null;
        }
    }

    async #fetch(): Promise<Panel | null> {
        this.#launcher.setAttribute('aria-busy', 'true');
        this.#note.textContent = '';

        try {
            return (await import(base + PANEL_FILE)).mount(this);
        } catch {
            this.panel = null;
            this.#note.textContent = this.#labels[3] ?? '';
            return null;
        } finally {
            this.#launcher.removeAttribute('aria-busy');
        }
    }

    #setOpen(open: boolean): void {
        this.section.hidden = !open;
        this.toggleAttribute('open', open);
        this.stored('sessionStorage', 'open', open ? '1' : null);
        this.#label();
    }

    get #labels(): string[] {
        const language = this.languages.find((one) => one) ?? '';

        return (LABELS[language.slice(0, 2)] ?? LABELS['en'] ?? '').split('|');
    }

    #label(): void {
        const [open, close, unread] = this.#labels;

        this.#launcher.setAttribute('aria-expanded', `${this.isOpen}`);
        this.#launcher.setAttribute('aria-label', `${this.isOpen ? close
            : open + (this.#unread ? `, ${unread}: ${this.#unread}` : '')}`);
    }
}


/* The element that calls are for: the first on the page. */

function element(): ChatDeskElement | null {
    return document.querySelector('chat-desk');
}


function update(target: ChatDeskElement, options: Options): void {
    for (const name of ['desk', 'flow', 'locale', 'theme', 'heading'] as const) {
        const value = options[name];

        if (value !== undefined) {
            target.setAttribute(name, value);
        }
    }

    Object.assign(target.texts, options.texts);
    Object.assign(target.profile, options.identity);
    target.panel?.then((panel) => panel?.update());
}


const COMMANDS: Record<string, (...given: any[]) => unknown> = {
    boot(options: Options = {}) {
        const target = element()
            ?? document.createElement('chat-desk') as ChatDeskElement;

        update(target, options);

        if (!target.isConnected) {
            document.body.append(target);
        }
    },

    update: (options: Options) => {
        const target = element();

        if (target) {
            update(target, options);
        }
    },

    identify: (identity: Profile) => COMMANDS['update']?.({ identity }),
    show: () => element()?.toggleAttribute('hidden', false),
    hide: () => element()?.toggleAttribute('hidden', true),
    open: () => element()?.open(),
    close: () => element()?.close(),
    toggle: () => element()?.toggle(),

    async showNewMessage(text = '') {
        const target = element();

        await target?.open();
        (await target?.panel)?.write(text);
    },

    async shutdown() {
        const target = element();

        target?.close();
        target?.remove();
        (await target?.load())?.forget();
    },

    on(name: string, listener: (detail: unknown) => void) {
        const heard = (event: Event) => listener((event as CustomEvent).detail);
        const off = () => {
            removeEventListener(`chatdesk:${name}`, heard);
            ears.delete(listener);
        };

        addEventListener(`chatdesk:${name}`, heard);
        ears.set(listener, off);

        return off;
    },

    off: (_name: string, listener: unknown) => ears.get(listener)?.(),
};

const ears = new Map<unknown, () => void>();


function start(): void {
    const scope = window as unknown as { ChatDesk?: { q?: unknown[][] } };
    const waiting = scope.ChatDesk?.q ?? [];
    const call = (command: string, ...given: unknown[]) => {
        if (!COMMANDS[command]) {
            throw new TypeError(`ChatDesk: there is no command "${command}"`);
        }

        return COMMANDS[command](...given);
    };

    customElements.define('chat-desk', ChatDeskElement);
    scope.ChatDesk = call as never;

    if (script?.dataset['desk']) {
        call('boot', { ...script.dataset });
    }

    for (const [command, ...given] of waiting) {
        call(String(command), ...given);
    }
}


if (!customElements.get('chat-desk')) {
    if (document.body) {
        start();
    } else {
        addEventListener('DOMContentLoaded', start);
    }
}
