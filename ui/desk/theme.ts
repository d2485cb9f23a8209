/*
 * The theme: light, dark, or as the system has it.
 *
 * Owns the root element's `data-theme` and the stored choice.
 */

import { effect, signal } from '@preact/signals';

import { Keep } from '../shared/storage';
import { systemIsDark } from './media';

export const THEMES = ['auto', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

const KEY = 'theme';

const keep = new Keep('chatdesk.desk.', () => localStorage);

export const theme = signal<Theme>(kept());

function kept(): Theme {
    const value = keep.get<Theme>(KEY);

    return value !== undefined && THEMES.includes(value) ? value : 'auto';
}

/* Puts the theme on the page and keeps the choice, for the page's life. */
export function startTheme(): void {
    effect(() => {
        const dark = theme.value === 'auto' ? systemIsDark.value
            : theme.value === 'dark';

        document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
        keep.set(KEY, theme.value === 'auto' ? undefined : theme.value);
    });
}
