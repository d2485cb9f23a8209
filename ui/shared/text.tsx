/*
 * Message text on the screen: plain text, in which links can be clicked.
 *
 * Purpose:    the only way in which text from others becomes elements.
 * Owner:      nothing.
 * Invariants: no HTML is ever parsed; a link shows the address that it opens
 *             and is http or https without a name and password in it.
 */

import type { VNode } from 'preact';

const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"'`\u00ab\u00bb\u201c\u201d]+/gi;
const TRAILING = '.,:;!?\u2026';
const CLOSING: Readonly<Record<string, string>> = {
    ')': '(', ']': '[', '}': '{',
};

export interface Piece {
    text: string;
    /* address, when the piece is a link */
    href?: string;
}


/* Leaves out what belongs to the sentence and not to the address: marks at
   the end, and brackets that were opened before it.  Linear in time. */

function trim(link: string): string {
    const open: Record<string, number> = {};
    let end = link.length;

    for (const char of link) {
        const opening = CLOSING[char];

        open[opening ?? char] = (open[opening ?? char] ?? 0)
            + (opening === undefined ? 1 : -1);
    }

    for (; end > 0; end--) {
        const char = link[end - 1] ?? '';
        const opening = CLOSING[char];

        if (opening !== undefined && (open[opening] ?? 0) < 0) {
            open[opening] = (open[opening] ?? 0) + 1;
        } else if (!TRAILING.includes(char)) {
            break;
        }
    }

    return link.slice(0, end);
}


function address(link: string): string | undefined {
    try {
        const url = new URL(/^www\./i.test(link) ? `https://${link}` : link);

        return /^https?:$/.test(url.protocol) && url.hostname.includes('.')
            && url.username === '' && url.password === ''
            ? url.href : undefined;
    } catch {
        return undefined;
    }
}


/* Cuts a text into plain pieces and links; joined they are the text. */

export function pieces(text: string): Piece[] {
    const list: Piece[] = [];
    let from = 0;

    for (const match of text.matchAll(LINK)) {
        const link = trim(match[0]);
        const href = address(link);

        if (href === undefined) {
            continue;
        }

        if (match.index > from) {
            list.push({ text: text.slice(from, match.index) });
        }

        list.push({ text: link, href });
        from = match.index + link.length;
    }

    if (from < text.length) {
        list.push({ text: text.slice(from) });
    }

    return list;
}


export function Text({ text }: { text: string }): VNode {
    return (
        <>
            {pieces(text).map((piece) => piece.href === undefined
                ? piece.text
                : <a href={piece.href} target="_blank"
                     rel="noopener noreferrer nofollow ugc">{piece.text}</a>)}
        </>
    );
}


/* Length as the desk counts it: Unicode code points. */

export function codePoints(text: string): number {
    let count = 0;

    for (const _ of text) {
        count++;
    }

    return count;
}
