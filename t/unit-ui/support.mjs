/*
 * What tests of the browser side's pieces need: the pieces, and just as much
 * of a browser as they touch.
 *
 * Purpose:    TypeScript modules under node --test, without a browser.
 * Owner:      a temporary folder for the bundle, removed at the end.
 * Invariants: one bundle for a test file, so that signals are of one kind;
 *             no real time: tests turn a clock of their own, which works
 *             alike in every version of node.
 */

import { webcrypto } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const UI = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'ui');
const esbuild = createRequire(join(UI, 'package.json'))('esbuild');

/* a global in browsers, and in node only from 20 on */
globalThis.crypto ??= webcrypto;


/* All that these modules of ui/ export, in one object. */

export async function load(...modules) {
    const folder = await mkdtemp(join(tmpdir(), 'chatdesk-ui-'));
    const file = join(folder, 'bundle.mjs');

    try {
        await esbuild.build({
            stdin: {
                contents: ['@preact/signals', ...modules.map((m) => `./${m}`)]
                    .map((name) => `export * from '${name}';`).join('\n'),
                resolveDir: UI,
            },
            bundle: true,
            format: 'esm',
            jsx: 'automatic',
            jsxImportSource: 'preact',
            outfile: file,
            logLevel: 'warning',
        });

        return await import(pathToFileURL(file).href);
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}


/* A Storage that lives as long as the test. */

export class FakeStorage {
    #values = new Map();

    get length() { return this.#values.size; }
    key(i) { return [...this.#values.keys()][i] ?? null; }
    getItem(name) { return this.#values.get(name) ?? null; }
    setItem(name, value) { this.#values.set(name, String(value)); }
    removeItem(name) { this.#values.delete(name); }
}


/* The desk's end of a socket is driven by the test. */

export class FakeSocket {
    static all = [];

    static get last() { return FakeSocket.all.at(-1); }

    sent = [];
    closed = null;

    constructor(url, offered) {
        this.url = url;
        this.offered = [offered].flat();
        this.protocol = '';
        FakeSocket.all.push(this);
    }

    /* The hello that is offered with the handshake; undefined for none. */
    get early() {
        const [item] = this.offered.filter((one) => one.startsWith('hello.'));

        return item && JSON.parse(Buffer.from(item.slice(6), 'base64url'));
    }

    send(text) { this.sent.push(JSON.parse(text)); }

    close(code) { this.closed = code; }

    open(protocol = 'chatdesk.v1') {
        this.protocol = protocol;
        this.onopen?.();
    }

    tell(frame) { this.onmessage?.({ data: JSON.stringify(frame) }); }

    drop(code = 1006) { this.onclose?.({ code }); }

    of(type) { return this.sent.filter((frame) => frame.t === type); }
}


/* Requests are answered by the test. */

export class FakeFetch {
    static all = [];

    static get last() { return FakeFetch.all.at(-1); }

    /* those that wait for news, and those that say something */
    static get held() { return FakeFetch.all.filter((one) => one.body.hold); }
    static get posts() { return FakeFetch.all.filter((one) => !one.body.hold); }

    constructor(url, { body, signal }) {
        this.url = String(url);
        this.body = JSON.parse(body);
        this.aborted = false;
        this.response = new Promise((resolve, reject) => {
            this.#resolve = resolve;
            this.fail = () => reject(new TypeError('no network'));
        });
        signal.addEventListener('abort', () => {
            this.aborted = true;
            this.fail();
        });
        FakeFetch.all.push(this);
    }

    #resolve;

    async answer(...frames) {
        await this.status(200, { session: 's', frames });
    }

    async status(status, body) {
        this.#resolve({
            ok: status === 200, status, json: async () => body,
        });
        await settle();
    }
}


/* Puts the browser's globals in place; events go out by fire(). */

export function installBrowser() {
    const page = new EventTarget();
    const state = { onLine: true };

    FakeSocket.all = [];
    FakeFetch.all = [];
    globalThis.WebSocket = FakeSocket;
    globalThis.fetch = (url, options) => new FakeFetch(url, options).response;
    globalThis.sessionStorage = new FakeStorage();
    globalThis.document = Object.assign(page, {
        baseURI: 'https://shop.example/', visibilityState: 'visible',
    });
    globalThis.addEventListener = page.addEventListener.bind(page);
    globalThis.removeEventListener = page.removeEventListener.bind(page);
    Object.defineProperty(globalThis, 'navigator', {
        value: state, configurable: true,
    });

    return {
        fire: (name) => page.dispatchEvent(new Event(name)),
        setOnLine(on) {
            state.onLine = on;
            page.dispatchEvent(new Event(on ? 'online' : 'offline'));
        },
    };
}


/* setTimeout and Date.now until the end of the test; Math.random gives 0.
   Returns what lets time pass. */

export function installClock(context) {
    const real = [globalThis.setTimeout, globalThis.clearTimeout, Date.now,
                  Math.random];
    const timers = new Map();
    let now = 1_000_000;
    let last = 0;

    globalThis.setTimeout = (call, ms = 0) => {
        timers.set(++last, { at: now + Math.max(1, ms), call });
        return last;
    };
    globalThis.clearTimeout = (id) => { timers.delete(id); };
    Date.now = () => now;
    Math.random = () => 0;

    context.after(() => {
        [globalThis.setTimeout, globalThis.clearTimeout, Date.now,
         Math.random] = real;
    });

    return async (ms) => {
        const end = now + ms;

        for (;;) {
            const due = [...timers].filter(([, timer]) => timer.at <= end)
                .sort(([, a], [, b]) => a.at - b.at)[0];

            if (due === undefined) {
                break;
            }

            timers.delete(due[0]);
            now = due[1].at;
            due[1].call();
            await settle();
        }

        now = end;
    };
}


export const WELCOME = {
    t: 'welcome', session: 's', who: 'visitor', role: 'visitor', era: 7,
    at: 1_000_000, heartbeat_ms: 25_000, max_text: 8_000,
};


/* Lets promises that are settled go on; the clock stands still. */

export async function settle() {
    for (let i = 0; i < 10; i++) {
        await Promise.resolve();
    }
}


/* Connects as far as `welcome`. */

export async function welcome(connection, more = {}) {
    connection.connect();
    await settle();
    FakeSocket.last.open();
    FakeSocket.last.tell({ ...WELCOME, ...more });

    return FakeSocket.last;
}
