/*
 * The outbox: the client's half of "exactly once, in order, never silent".
 *
 * proves: V16
 */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import {
    FakeSocket, FakeStorage, installBrowser, installClock, load, welcome,
} from './support.mjs';

const { Connection, Outbox, Keep } = await load(
    'shared/connection', 'shared/outbox', 'shared/storage');

let storage;

beforeEach(() => {
    installBrowser();
    storage = new FakeStorage();
});


async function make(context, more = {}) {
    const pass = installClock(context);
    const connection = new Connection({
        url: '/socket', poll: '/poll', hello: () => ({ device: 'dev' }),
    });
    const outbox = openOutbox(connection, more);

    return { connection, outbox, pass, socket: await welcome(connection) };
}


/* What a page does when it is loaded. */

function openOutbox(connection, more = {}) {
    const outbox = new Outbox({
        connection, conv: 'c', device: 'dev',
        keep: new Keep('p:', () => storage), ...more,
    });

    outbox.start();

    return outbox;
}


const ack = (k, n = k) => (
    { t: 'ack', conv: 'c', k, n, v: n, at: 5, mid: `dev.${k}` });
const error = (k, code, more = {}) => (
    { t: 'error', conv: 'c', k, code, text: code, ...more });
const message = (k, n = k) => ({
    t: 'message', conv: 'c', n, v: n, at: 5, mid: `dev.${k}`, from: 'me',
    role: 'visitor', text: '',
});
const sends = (socket) => socket.of('send')
    .map((frame) => [frame.k, frame.text]);
const states = (outbox) => outbox.items.value.map((item) => item.state);


test('one message is under way at a time, in order', async (context) => {
    const { outbox, socket } = await make(context);

    outbox.add('one');
    outbox.add('two');
    assert.deepEqual(sends(socket), [[1, 'one']]);
    assert.deepEqual(states(outbox), ['sending', 'sending']);
    socket.tell(ack(1));
    assert.deepEqual(sends(socket), [[1, 'one'], [2, 'two']]);
    assert.deepEqual(states(outbox), ['sent', 'sending']);
    socket.tell(message(1));
    assert.deepEqual(states(outbox), ['sending']);
});


test('its own message is in the log, but only the ack ends it',
     async (context) => {
    const { outbox, pass, socket } = await make(context);
    const id = outbox.add('one');

    outbox.add('two');
    socket.tell(message(1));
    assert.deepEqual(sends(socket), [[1, 'one']]);
    assert.deepEqual(outbox.items.value.map((item) => item.text), ['two']);
    assert.equal(outbox.keyOf('dev.1'), id);
    await pass(2_000);
    assert.deepEqual(sends(socket), [[1, 'one'], [1, 'one']]);
    socket.tell(error(1, 'busy', { retry_after: 300 }));
    await pass(300);
    assert.deepEqual(sends(socket).length, 3);
    socket.tell(ack(1));
    assert.deepEqual(sends(socket).at(-1), [2, 'two']);
    socket.tell({ t: 'window', feed: 'c', frames: [message(2)] });
    assert.deepEqual(states(outbox), []);
    assert.equal(outbox.busy.value, true);
    socket.tell(ack(2));
    assert.equal(outbox.busy.value, false);
});


test('what a lost primary took from the log is sent again', async (context) => {
    const { outbox, socket } = await make(context);

    outbox.add('one');
    socket.tell(message(1));
    assert.deepEqual(states(outbox), []);
    socket.tell({ t: 'window', feed: 'c', reset: true, frames: [] });
    assert.deepEqual(states(outbox), ['sending']);
    socket.tell(error(1, 'gap', { expected: 1 }));
    assert.deepEqual(sends(socket), [[1, 'one'], [1, 'one']]);
});


test('resends the same counter after a reconnect', async (context) => {
    const { connection, outbox, pass, socket } = await make(context);

    outbox.add('one');
    outbox.add('two');
    socket.drop(1012);
    await pass(1_000);
    assert.notEqual(FakeSocket.last, socket);
    await welcome(connection);
    assert.deepEqual(sends(FakeSocket.last), [[1, 'one']]);
    FakeSocket.last.tell(ack(1));
    assert.deepEqual(sends(FakeSocket.last), [[1, 'one'], [2, 'two']]);
});


test('counters and texts survive a reload', async (context) => {
    const { connection, outbox, socket } = await make(context);

    outbox.add('one');
    socket.tell(ack(1));
    outbox.add('two');
    outbox.add('three');
    outbox.stop();

    const again = openOutbox(connection);

    assert.deepEqual(again.items.value.map((item) => item.text),
                     ['two', 'three']);
    assert.deepEqual(sends(socket).at(-1), [2, 'two']);
    socket.tell(message(2));
    socket.tell(ack(2));
    assert.deepEqual(sends(socket).at(-1), [3, 'three']);
    socket.tell(ack(3));
    again.stop();
    openOutbox(connection).add('four');
    assert.deepEqual(sends(socket).at(-1), [4, 'four']);
});


test('what a window shows before it is resent still wants its ack',
     async (context) => {
    const { connection, outbox } = await make(context);

    outbox.add('one');
    outbox.add('two');
    outbox.stop();
    connection.disconnect();

    const again = openOutbox(connection);

    again.settle(message(1));

    assert.deepEqual(again.items.value.map((item) => item.text), ['two']);

    const socket = await welcome(connection);

    assert.deepEqual(sends(socket), [[1, 'one']]);
    socket.tell(ack(1));
    assert.deepEqual(sends(socket).at(-1), [2, 'two']);
});


test('a gap is answered with the counter that the desk expects',
     async (context) => {
    storage.setItem('p:out.c.dev', JSON.stringify({ next: 9, items: [] }));

    const { outbox, socket } = await make(context);

    outbox.add('one');
    assert.deepEqual(sends(socket), [[9, 'one']]);
    socket.tell(error(9, 'gap', { expected: 4 }));
    assert.deepEqual(sends(socket).at(-1), [4, 'one']);
    socket.tell(ack(4));
    outbox.add('two');
    assert.deepEqual(sends(socket).at(-1), [5, 'two']);
});


for (const code of ['rate_limited', 'busy', 'unavailable']) {
    test(`${code}: it waits, says so, and sends again`, async (context) => {
        const { outbox, pass, socket } = await make(context);

        outbox.add('one');
        outbox.add('two');
        socket.tell(error(1, code, { retry_after: 3_000 }));
        assert.deepEqual(outbox.items.value[0].waiting,
                         { code, until: Date.now() + 3_000 });
        assert.deepEqual(states(outbox), ['sending', 'sending']);
        await pass(2_999);
        assert.equal(sends(socket).length, 1);
        await pass(1);
        assert.deepEqual(sends(socket).at(-1), [1, 'one']);
        assert.equal(outbox.items.value[0].waiting, undefined);
        socket.tell(ack(1));
        assert.deepEqual(sends(socket).at(-1), [2, 'two']);
    });
}


test('a final refusal is shown and gives its counter to the next',
     async (context) => {
    const { outbox, socket } = await make(context);
    const id = outbox.add('bad');

    outbox.add('good');
    socket.tell(error(1, 'closed'));
    assert.deepEqual(states(outbox), ['failed', 'sending']);
    assert.equal(outbox.items.value[0].error.code, 'closed');
    assert.deepEqual(sends(socket), [[1, 'bad'], [1, 'good']]);
    socket.tell(ack(1));

    outbox.retry(id);
    assert.deepEqual(sends(socket).at(-1), [2, 'bad']);
    socket.tell(error(2, 'closed'));
    outbox.discard(id);
    assert.equal(outbox.items.value.some((item) => item.id === id), false);
});


test('a failed message is still there after a reload', async (context) => {
    const { connection, outbox, socket } = await make(context);

    outbox.add('bad');
    socket.tell(error(1, 'forbidden'));
    outbox.stop();
    assert.deepEqual(states(openOutbox(connection)), ['failed']);
});


test('a conflict asks for a new device and loses nothing', async (context) => {
    let conflicts = 0;
    const { outbox, socket } = await make(context, {
        onConflict: () => { conflicts++; },
    });

    outbox.add('one');
    outbox.add('two');
    socket.tell(error(1, 'conflict'));
    assert.equal(conflicts, 1);
    assert.deepEqual(outbox.take().map((item) => [item.text, item.k]),
                     [['one', 0], ['two', 0]]);
    assert.equal(storage.getItem('p:out.c.dev'), null);
});


test('answers to others are not its business', async (context) => {
    const { outbox, socket } = await make(context);

    outbox.add('one');
    socket.tell({ ...ack(1), conv: 'other' });
    socket.tell(ack(7));
    socket.tell(error(7, 'closed'));
    socket.tell({ t: 'error', code: 'closed', text: '' });
    socket.tell({ ...message(1), mid: 'device-of-another-tab.1' });
    assert.deepEqual(states(outbox), ['sending']);
});


test('an answer that never comes is asked for again', async (context) => {
    const { outbox, pass, socket } = await make(context);

    outbox.add('one');
    await pass(15_000);
    assert.deepEqual(sends(socket), [[1, 'one'], [1, 'one']]);
});


test('a private message says so, a public one nothing', async (context) => {
    const { outbox, socket } = await make(context);

    outbox.add('note', { private: true });
    socket.tell(ack(1));
    outbox.add('answer');
    assert.deepEqual(socket.of('send').map((frame) => frame.private),
                     [true, undefined]);
});


/* proves: V7 P3 */
test('a menu and a pick go out as such, and come back after a reload',
     async (context) => {
    const { connection, outbox, socket } = await make(context);

    outbox.add('Which?', { choices: ['a', 'b'] });
    assert.deepEqual(socket.of('send')[0].choices, ['a', 'b']);
    socket.tell(ack(1));
    outbox.add('a', { picks: 'other.7' });
    outbox.stop();

    const again = openOutbox(connection);

    assert.deepEqual(again.items.value.map((item) => item.picks),
                     ['other.7']);
    assert.equal(socket.of('send').at(-1).picks, 'other.7');
});


/* proves: V7 */
test('a pick that came too late just goes', async (context) => {
    const { outbox, socket } = await make(context);

    outbox.add('a', { picks: 'other.7' });
    outbox.add('and more');
    socket.tell(error(1, 'settled'));
    assert.deepEqual(sends(socket), [[1, 'a'], [1, 'and more']]);
    assert.deepEqual(states(outbox), ['sending']);
});
