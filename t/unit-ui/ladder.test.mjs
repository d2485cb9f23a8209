/*
 * The ladder: when long-poll takes over, when the socket comes back.
 *
 * proves: V22
 */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import {
    FakeFetch, FakeSocket, WELCOME, installBrowser, installClock, load,
    settle, welcome,
} from './support.mjs';

const { Connection, effect } = await load('shared/connection');

let browser;

beforeEach(() => { browser = installBrowser(); });


function make(hello = () => ({ device: 'd' })) {
    return new Connection({
        url: '/chatdesk/socket', poll: '/chatdesk/poll', hello,
    });
}


/* Modules that are loaded on demand come when real time passes. */

async function loaded(check) {
    for (let i = 0; i < 200 && !check(); i++) {
        await new Promise((resolve) => setImmediate(resolve));
    }

    assert.ok(check());
}


/* Lets time pass until there is one more. */

async function more(list, pass) {
    const before = list().length;

    for (let i = 0; i < 100 && list().length === before; i++) {
        await pass(500);
        await new Promise((resolve) => setImmediate(resolve));
    }

    assert.equal(list().length, before + 1);
}

const sockets = () => FakeSocket.all;
const polls = () => FakeFetch.all;


/* Lets time pass while the desk answers every poll. */

async function calm(pass, ms) {
    for (let left = ms; left > 0; left -= 10_000) {
        await pass(Math.min(left, 10_000));
        await FakeFetch.held.at(-1).answer();
    }
}


/* Two sockets that nobody answers; then a long-poll that is answered. */

async function fall(connection, pass) {
    connection.connect();
    await settle();
    FakeSocket.last.drop();
    await pass(500);
    FakeSocket.last.drop();
    await pass(1_000);
    await loaded(() => FakeFetch.all.length === 1);
    await FakeFetch.last.answer(WELCOME);
    assert.equal(connection.state.value, 'online');
}


test('two sockets that fail are enough', async (context) => {
    const pass = installClock(context);
    const connection = make();

    await fall(connection, pass);
    assert.equal(FakeSocket.all.length, 2);
    assert.equal(FakeFetch.all[0].url, 'https://shop.example/chatdesk/poll');
    assert.deepEqual(FakeFetch.all[0].body,
                     { hello: { device: 'd' }, hold: true, at: [] });
    connection.disconnect();
});


test('sockets that open and are not answered are no better',
     async (context) => {
    const pass = installClock(context);
    const connection = make();

    connection.connect();
    await settle();
    FakeSocket.last.open();
    await pass(5_500);
    FakeSocket.last.open();
    await pass(11_000);
    await loaded(() => FakeFetch.all.length === 1);
    assert.equal(FakeSocket.all.length, 2);
    connection.disconnect();
});


test('a browser without sockets needs none', async (context) => {
    const pass = installClock(context);
    const connection = make();

    globalThis.WebSocket = class {
        constructor() { throw new Error('forbidden'); }
    };
    connection.connect();
    await settle();
    await more(polls, pass);
    await FakeFetch.last.answer(WELCOME);
    assert.equal(connection.state.value, 'online');
    connection.disconnect();
});


test('a desk that answers is on the right rung, whatever it says',
     async (context) => {
    const pass = installClock(context);
    const connection = make();

    connection.connect();
    await settle();

    for (let i = 0; i < 4; i++) {
        FakeSocket.last.tell({ t: 'error', code: 'unavailable', text: '' });
        FakeSocket.last.drop();
        await more(sockets, pass);
        FakeSocket.last.drop(1013);
        await more(sockets, pass);
    }

    assert.equal(FakeFetch.all.length, 0);
    connection.disconnect();
});


test('a socket that worked is tried twice before it is given up',
     async (context) => {
    const pass = installClock(context);
    const connection = make();

    await welcome(connection);
    FakeSocket.last.drop();
    await pass(500);
    FakeSocket.last.drop();
    await pass(1_000);
    assert.equal(FakeSocket.all.length, 3);
    FakeSocket.last.drop();
    await pass(2_000);
    await loaded(() => FakeFetch.all.length === 1);
    connection.disconnect();
});


test('while nothing works at all, both rungs get their turn',
     async (context) => {
    const pass = installClock(context);
    const connection = make();

    connection.connect();
    await settle();

    for (let turn = 1; turn <= 2; turn++) {
        for (const next of [sockets, polls]) {
            FakeSocket.last.drop();
            await more(next, pass);
        }

        for (const next of [polls, sockets]) {
            FakeFetch.last.fail();
            await more(next, pass);
        }
    }

    assert.equal(sessionStorage.getItem('chatdesk:rung'), null,
                 'nothing is remembered of a desk that was away');
    connection.disconnect();
});


test('the next page begins where this one ended', async (context) => {
    const pass = installClock(context);
    const first = make();

    await fall(first, pass);
    first.disconnect();

    const second = make();

    second.connect();
    await loaded(() => FakeFetch.held.length === 2);
    assert.equal(FakeSocket.all.length, 2, 'no socket was tried');
    second.disconnect();
});


test('a socket that comes through takes over', async (context) => {
    const pass = installClock(context);
    const hellos = [];
    const connection = make((over) => {
        hellos.push(over);
        return { device: 'd' };
    });
    const states = [];

    await fall(connection, pass);

    const end = effect(() => { states.push(connection.state.value); });
    const lost = assert.rejects(connection.request({ t: 'end', conv: 'c' }),
                                { code: 'lost' });

    await pass(10_000);

    const [, , trial] = FakeSocket.all;
    const held = FakeFetch.held.at(-1);

    assert.deepEqual(states, ['online'], 'nobody hears of the trial');
    trial.open();
    await settle();
    assert.equal(hellos.at(-1), 'socket');
    assert.deepEqual(trial.sent, [{ t: 'hello', device: 'd' }]);
    assert.equal(held.aborted, false);
    trial.tell({ ...WELCOME, session: 'new' });
    assert.equal(held.aborted, true);
    await lost;
    assert.deepEqual(states, ['online', 'reconnecting', 'online'],
                     'what was under way is sent again');
    assert.equal(connection.welcome.value.session, 'new');
    assert.equal(sessionStorage.getItem('chatdesk:rung'), '"socket"');

    const asked = FakeFetch.all.length;
    const heard = [];

    connection.on('pong', (frame) => heard.push(frame.at));
    trial.tell({ t: 'pong', at: 3 });
    assert.deepEqual(heard, [3]);
    connection.send({ t: 'ping' });
    assert.equal(trial.of('ping').length, 1);
    await pass(20_000);
    assert.equal(FakeFetch.all.length, asked, 'no poll goes on');
    assert.equal(FakeSocket.all.length, 3, 'no trial goes on');
    end();
    connection.disconnect();
});


test('trials become rarer, and an `online` event brings one at once',
     async (context) => {
    const pass = installClock(context);
    const connection = make();

    await fall(connection, pass);

    for (const wait of [10_000, 20_000, 40_000, 60_000, 60_000]) {
        const before = FakeSocket.all.length;

        await calm(pass, wait - 1);
        assert.equal(FakeSocket.all.length, before, `not before ${wait}`);
        await pass(1);
        assert.equal(FakeSocket.all.length, before + 1, `after ${wait}`);
        FakeSocket.last.drop();
    }

    const before = FakeSocket.all.length;

    browser.fire('online');
    await pass(1);
    assert.equal(FakeSocket.all.length, before + 1);
    browser.fire('online');
    await pass(1);
    assert.equal(FakeSocket.all.length, before + 1, 'one at a time');
    FakeSocket.last.open();
    await pass(8_000);
    assert.equal(FakeSocket.last.closed, 1000, 'nobody answered it');
    connection.disconnect();
    browser.fire('online');
    await pass(120_000);
    assert.equal(FakeSocket.all.length, before + 1, 'an end is an end');
});


test('a trial whose hello cannot be had is given up', async (context) => {
    const pass = installClock(context);
    const connection = make((over) => {
        if (over === 'socket' && FakeFetch.all.length > 0) {
            throw new Error('no ticket');
        }
        return { device: 'd' };
    });

    await fall(connection, pass);
    await pass(10_000);
    FakeSocket.last.open();
    await settle();
    assert.equal(FakeSocket.last.closed, 1000);
    assert.equal(connection.state.value, 'online');
    connection.disconnect();
});
