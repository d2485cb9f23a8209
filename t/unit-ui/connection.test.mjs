/*
 * The connection: hello, heartbeat, backoff, and when not to come back.
 */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import {
    FakeSocket, installBrowser, installClock, load, settle, welcome,
} from './support.mjs';

const { Connection, Denied, RequestError } = await load('shared/connection');

let browser;

beforeEach(() => { browser = installBrowser(); });


function make(hello = () => ({ device: 'd' })) {
    return new Connection({
        url: '/chatdesk/socket', poll: '/chatdesk/poll', hello,
    });
}


test('says hello and is online with the welcome', async (context) => {
    installClock(context);

    const connection = make(async () => ({ device: 'd', token: 'secret' }));

    connection.connect();
    await settle();
    assert.equal(FakeSocket.last.url, 'wss://shop.example/chatdesk/socket');
    assert.equal(FakeSocket.last.offered[0], 'chatdesk.v1');
    assert.equal(connection.state.value, 'connecting');
    FakeSocket.last.open();
    assert.deepEqual(FakeSocket.last.sent,
                     [{ t: 'hello', device: 'd', token: 'secret' }]);
    assert.equal(connection.send({ t: 'ping' }), false);

    await welcome(connection);
    assert.equal(connection.state.value, 'online');
    assert.equal(FakeSocket.all.length, 1, 'connect() twice is once');
    connection.disconnect();
    assert.equal(connection.state.value, 'idle');
    assert.equal(FakeSocket.last.closed, 1000);
});


test('says hello with the handshake, and again when that was not taken',
     async (context) => {
    const pass = installClock(context);
    const hello = { t: 'hello', device: 'd', token: 'cv1.~~~.???' };
    const connection = make(() => ({ device: 'd', token: 'cv1.~~~.???' }));

    connection.connect();
    await settle();
    assert.deepEqual(FakeSocket.last.early, hello);
    assert.match(FakeSocket.last.offered[2], /^hello\.[\w-]+$/);
    assert.deepEqual(FakeSocket.last.offered.slice(0, 2),
                     ['chatdesk.v1', 'chatdesk.v1.hello']);
    FakeSocket.last.open('chatdesk.v1.hello');
    assert.deepEqual(FakeSocket.last.sent, [], 'it was taken');

    FakeSocket.last.drop();
    await pass(1_000);
    assert.equal(FakeSocket.all.length, 2);
    assert.deepEqual(FakeSocket.last.offered, ['chatdesk.v1'],
                     'after a failure it is said the plain way');
    FakeSocket.last.open();
    assert.deepEqual(FakeSocket.last.sent, [hello]);
    connection.disconnect();
});


test('comes back at once after 1012, slower after others', async (context) => {
    const pass = installClock(context);
    const connection = make();
    const socket = await welcome(connection);

    await pass(6_000);
    socket.drop(1012);
    assert.equal(connection.state.value, 'reconnecting');
    await pass(1);
    assert.equal(FakeSocket.all.length, 2);

    for (const wait of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
        const before = FakeSocket.all.length;

        FakeSocket.last.drop(1013);
        await pass(wait - 1);
        assert.equal(FakeSocket.all.length, before, `not before ${wait}`);
        await pass(1);
        assert.equal(FakeSocket.all.length, before + 1, `after ${wait}`);
    }

    connection.disconnect();
});


test('a connection that did not last does not reset the wait',
     async (context) => {
    const pass = installClock(context);
    const connection = make();

    await welcome(connection);
    FakeSocket.last.drop(1012);
    await pass(1);
    FakeSocket.last.open();
    FakeSocket.last.tell({ t: 'welcome', at: 0, heartbeat_ms: 25_000 });
    FakeSocket.last.drop(1012);
    await pass(500);
    assert.equal(FakeSocket.all.length, 2, 'the second 1012 waits');
    await pass(500);
    assert.equal(FakeSocket.all.length, 3);
    connection.disconnect();
});


test('stops after 1008 and 44xx, and can be started again', async (context) => {
    const pass = installClock(context);

    for (const code of [1008, 4401, 4403, 4409]) {
        const connection = make();
        const socket = await welcome(connection);

        socket.tell({ t: 'error', code: 'unauthorized', text: '' });
        socket.drop(code);
        assert.equal(connection.state.value, 'denied');
        assert.equal(connection.denial.value.code, code);
        assert.equal(connection.denial.value.error.code, 'unauthorized');

        const count = FakeSocket.all.length;

        await pass(60_000);
        assert.equal(FakeSocket.all.length, count);
        await welcome(connection);
        assert.equal(connection.state.value, 'online');
        connection.disconnect();
    }
});


test('a hello that is denied stops, one that fails is tried again',
     async (context) => {
    const pass = installClock(context);
    const answers = [new Error('no network'), new Denied('sign in')];
    const connection = make(() => { throw answers.shift(); });

    connection.connect();
    await settle();
    assert.equal(connection.state.value, 'connecting');
    await pass(500);
    assert.equal(connection.state.value, 'denied');
    assert.equal(connection.denial.value.code, 4401);
    assert.equal(FakeSocket.all.length, 0);
});


test('waits as long as the desk says', async (context) => {
    const pass = installClock(context);
    const connection = make();

    connection.connect();
    await settle();
    FakeSocket.last.tell({
        t: 'error', code: 'unavailable', text: '', retry_after: 9_000,
    });
    FakeSocket.last.drop(1013);
    await pass(8_999);
    assert.equal(FakeSocket.all.length, 1);
    await pass(1);
    assert.equal(FakeSocket.all.length, 2);
    connection.disconnect();
});


test('asks after a silence and gives up without an answer', async (context) => {
    const pass = installClock(context);
    const connection = make();
    const socket = await welcome(connection);

    await pass(20_000);
    socket.tell({ t: 'pong', at: 0 });
    await pass(24_999);
    assert.equal(socket.of('ping').length, 0, 'what is heard counts');
    await pass(1);
    assert.equal(socket.of('ping').length, 1);
    await pass(9_000);
    socket.tell({ t: 'pong', at: 0 });
    await pass(1_000);
    assert.equal(connection.state.value, 'online');
    await pass(25_000);
    assert.equal(socket.of('ping').length, 2);
    await pass(10_000);
    assert.equal(connection.state.value, 'reconnecting');
    assert.equal(socket.closed, 1000);
    connection.disconnect();
});


test('a welcome that does not come is a lost connection', async (context) => {
    const pass = installClock(context);
    const connection = make();

    connection.connect();
    await settle();
    FakeSocket.last.open();
    await pass(5_499);
    assert.equal(FakeSocket.all.length, 1);
    await pass(1);
    assert.equal(FakeSocket.all.length, 2);
    connection.disconnect();
});


test('does not try while the browser is offline', async (context) => {
    const pass = installClock(context);
    const connection = make();
    const socket = await welcome(connection);

    browser.setOnLine(false);
    assert.equal(socket.of('ping').length, 1, 'a hint, not a proof');
    socket.drop();
    assert.equal(connection.state.value, 'offline');
    await pass(120_000);
    assert.equal(FakeSocket.all.length, 1);
    browser.setOnLine(true);
    await settle();
    assert.equal(FakeSocket.all.length, 2);
    assert.equal(connection.state.value, 'reconnecting');
    connection.disconnect();
});


test('a page that is looked at does not wait', async (context) => {
    installClock(context);

    const connection = make();

    (await welcome(connection)).drop();
    assert.ok(connection.retryAt.value > Date.now());
    browser.fire('visibilitychange');
    await settle();
    assert.equal(FakeSocket.all.length, 2);
    assert.equal(connection.retryAt.value, 0);
    connection.disconnect();
});


test('every request ends', async (context) => {
    const pass = installClock(context);
    const connection = make();
    const lost = { code: 'lost' };

    await assert.rejects(connection.request({ t: 'end', conv: 'c' }), lost);

    const socket = await welcome(connection);
    const ask = () => connection.request({ t: 'end', conv: 'c' });
    const acked = ask();
    const refused = ask();

    const [first, second] = socket.of('end').map((frame) => frame.id);

    assert.notEqual(first, second);
    socket.tell({ t: 'ack', re: first });
    socket.tell({ t: 'error', re: second, code: 'not_found', text: 'none' });
    assert.equal((await acked).re, first);
    await assert.rejects(refused, (error) => error instanceof RequestError
        && error.code === 'not_found' && error.frame.re === second);

    const silent = assert.rejects(ask(), lost);

    await pass(15_000);
    await silent;

    const broken = assert.rejects(ask(), lost);

    socket.drop();
    await broken;
    connection.disconnect();
});


test('frames of a socket that was given up are not heard', async (context) => {
    installClock(context);

    const connection = make();
    const socket = await welcome(connection);
    const heard = [];
    const end = connection.on('pong', (frame) => heard.push(frame));

    socket.tell({ t: 'pong', at: 1 });
    connection.disconnect();
    socket.tell({ t: 'pong', at: 2 });
    assert.deepEqual(heard.map((frame) => frame.at), [1]);
    end();
    (await welcome(connection)).tell({ t: 'pong', at: 3 });
    assert.equal(heard.length, 1);
    connection.disconnect();
});
