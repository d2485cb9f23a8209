/*
 * A face for a person without a picture: initials on a color of their own.
 *
 * Purpose:    the same person looks the same everywhere.
 * Owner:      nothing.
 * Invariants: the color comes from the id alone; all of them keep a contrast
 *             of 4.5:1 with white.
 */

import type { VNode } from 'preact';

const HUES = ['#3f6fb5', '#8a4fb0', '#b0466e', '#a8512d', '#7a6a1c',
              '#3d7a3a', '#1f7a78', '#5a62b8'] as const;


/* "Ana Lima" gives "AL", "ana" gives "A", nothing gives "?" */

export function initials(name: string): string {
    const words = name.trim().split(/\s+/).filter((word) => word !== '');
    const ends = words.length > 1 ? [words[0], words.at(-1)] : words;

    return ends.map((word) => [...word ?? ''][0] ?? '').join('')
        .toLocaleUpperCase() || '?';
}


export function colorOf(id: string): string {
    let hash = 7;

    for (let i = 0; i < id.length; i++) {
        hash = (hash * 31 + id.charCodeAt(i)) >>> 0;
    }

    return HUES[hash % HUES.length] ?? HUES[0];
}


export function Avatar({ id, name }: { id: string; name: string }): VNode {
    return (
        <span class="avatar" aria-hidden="true"
              style={{ backgroundColor: colorOf(id) }}>
            {initials(name)}
        </span>
    );
}
