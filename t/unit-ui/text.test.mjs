/*
 * Texts, times, initials, storage, ids: the small pure parts.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeStorage, load } from './support.mjs';

const {
    Keep, ID_FORM, pieces, codePoints, initials, colorOf, randomId, dayOf,
    relativeTime, duration, timeOf, chooseLocale, fill, loadLanguage,
} = await load('shared/text', 'shared/avatar', 'shared/ids', 'shared/time',
               'shared/storage', 'widget/locale/index');

const links = (text) => pieces(text).filter((piece) => piece.href)
    .map((piece) => [piece.text, piece.href]);


test('links are found and end where the sentence goes on', () => {
    const cases = [
        ['see https://a.example/x.', 'https://a.example/x'],
        ['(https://a.example/x)', 'https://a.example/x'],
        ['https://a.example/a_(b)', 'https://a.example/a_(b)'],
        ['https://a.example/?q=1&b=2, ok', 'https://a.example/?q=1&b=2'],
        ['www.a.example!', 'www.a.example'],
        ['"https://a.example/x"', 'https://a.example/x'],
        ['<https://a.example/>', 'https://a.example/'],
    ];

    for (const [text, link] of cases) {
        assert.deepEqual(links(text).map(([shown]) => shown), [link], text);
    }

    assert.equal(links('www.a.example')[0][1], 'https://www.a.example/');
});


test('what is no web address stays text', () => {
    for (const text of [
        'javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd',
        'https://user:pass@a.example/', 'https://nodot/', 'http://', 'a.b.c',
        'https://', 'vbscript:https',
    ]) {
        assert.deepEqual(links(text), [], text);
    }
});


test('the pieces of a text are the text', () => {
    for (const text of [
        '', 'plain', 'https://a.example', 'a https://a.example b www.b.example.',
        'two\nlines https://a.example/\n', '((https://a.example/x)))',
    ]) {
        assert.equal(pieces(text).map((piece) => piece.text).join(''), text);
    }
});


test('a long run of brackets takes no time', () => {
    const text = `https://a.example/${')'.repeat(8_000)}`;

    assert.equal(links(text)[0][0], 'https://a.example/');
});


test('length is counted in code points', () => {
    assert.equal(codePoints('a\u{1F331}e\u0301'), 4);
});


test('initials and colors of people', () => {
    assert.equal(initials('Ana Lima'), 'AL');
    assert.equal(initials('  ana  '), 'A');
    assert.equal(initials('Maria da Silva'), 'MS');
    assert.equal(initials('\u{1F331} x'), '\u{1F331}X');
    assert.equal(initials(''), '?');
    assert.equal(colorOf('ana'), colorOf('ana'));
    assert.match(colorOf(''), /^#[0-9a-f]{6}$/);
});


test('ids have the form of the protocol', () => {
    const ids = new Set(Array.from({ length: 500 }, randomId));

    assert.equal(ids.size, 500);
    assert.ok([...ids].every((id) => ID_FORM.test(id)));
});


test('times', () => {
    const now = new Date(2026, 10, 21, 12, 0).getTime();
    const ago = (minutes) => now - minutes * 60_000;

    assert.equal(dayOf(ago(1), 'en', now), 'today');
    assert.equal(dayOf(ago(13 * 60), 'en', now), 'yesterday');
    assert.match(dayOf(ago(5 * 1440), 'en-GB', now), /^Monday.* 16 November$/);
    assert.match(dayOf(ago(400 * 1440), 'en-GB', now), /2025$/);
    assert.equal(timeOf(now, 'en-GB'), '12:00');
    assert.equal(relativeTime(ago(0.5), 'en', now), 'now');
    assert.equal(relativeTime(ago(3), 'en', now), '3 minutes ago');
    assert.equal(relativeTime(ago(-130), 'en', now), 'in 2 hours');
    assert.equal(relativeTime(ago(1440), 'en', now), 'yesterday');
    assert.equal(duration(7_000), '0:07');
    assert.equal(duration(3_729_000), '1:02:09');
    assert.equal(duration(-5), '0:00');
});


test('storage that fails is remembered by the page', () => {
    const broken = {
        length: 0, key: () => null,
        getItem: () => { throw new Error('forbidden'); },
        setItem: () => { throw new Error('full'); },
        removeItem: () => { throw new Error('forbidden'); },
    };

    for (const area of [() => broken, () => { throw new Error('denied'); },
                        () => new FakeStorage()])
    {
        const keep = new Keep('p:', area);

        keep.set('a', { b: 1 });
        assert.deepEqual(keep.get('a'), { b: 1 });
        assert.deepEqual(keep.keys('a'), ['a']);
        keep.set('a', undefined);
        assert.equal(keep.get('a'), undefined);
    }
});


test('storage keeps to its prefix and survives rubbish', () => {
    const area = new FakeStorage();
    const keep = new Keep('p:', () => area);

    area.setItem('other', '1');
    area.setItem('p:bad', '{');
    keep.set('good', 'x');
    assert.equal(keep.get('bad'), undefined);
    keep.clear();
    assert.deepEqual([area.length, area.getItem('other')], [1, '1']);
});


test('the language is the first wish that is one', async () => {
    assert.equal(chooseLocale([null, '', 'not a tag!', 'pt-br', 'de']),
                 'pt-BR');
    assert.equal(chooseLocale([]), 'en');

    const arabic = await loadLanguage('ar-EG', { send: 'X' });

    assert.equal(arabic.dir, 'rtl');
    assert.equal(arabic.texts.send, 'X');
    assert.equal((await loadLanguage('sv')).locale, 'en');
    assert.equal(fill('{name} is {x}', { name: 'Ana' }), 'Ana is {x}');
});


test('every language has every text, with the same gaps', async () => {
    const gaps = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
    const { texts: english } = await loadLanguage('en');

    for (const locale of ['pt', 'es', 'fr', 'de', 'ar']) {
        const { texts } = await loadLanguage(locale);

        for (const [key, text] of Object.entries(english)) {
            assert.ok(texts[key], `${locale} ${key}`);
            assert.deepEqual(gaps(texts[key]), gaps(text), `${locale} ${key}`);
        }
    }
});
