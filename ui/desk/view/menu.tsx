/*
 * A button that opens a menu: arrow keys move, Escape and a click elsewhere
 * close it, and the focus returns to the button.  It also closes when the
 * focus goes elsewhere, to a dialog that a key has opened, say.
 *
 * Owns whether it is open; what an item does is the caller's.
 */

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
    label: string;
    class: string;

    /* what the button shows */
    face: ComponentChildren;

    /* the items; an item that has done its work calls close() */
    items: (close: () => void) => ComponentChildren;
}

const STEPS: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
};

export function MenuButton({ label, class: style, face, items }: Props) {
    const open = useSignal(false);
    const anchor = useRef<HTMLDivElement>(null);

    const close = () => {
        open.value = false;
        anchor.current?.querySelector('button')?.focus();
    };

    useEffect(() => {
        if (!open.value) {
            return;
        }

        const outside = (event: Event) => {
            if (!anchor.current?.contains(event.target as Node)) {
                open.value = false;
            }
        };

        itemsOf(anchor.current)[0]?.focus();
        document.addEventListener('pointerdown', outside);
        document.addEventListener('focusin', outside);
        return () => {
            document.removeEventListener('pointerdown', outside);
            document.removeEventListener('focusin', outside);
        };
    }, [open.value]);

    const onKey = (event: KeyboardEvent) => {
        if (!open.value) {
            return;
        }

        if (event.key === 'Escape' || event.key === 'Tab') {
            event.stopPropagation();
            close();

        } else if (event.key in STEPS) {
            event.preventDefault();
            step(anchor.current, STEPS[event.key] as number);
        }
    };

    return (
        <div class="menu-anchor" ref={anchor} onKeyDown={onKey}>
            <button
                type="button" class={style} aria-haspopup="menu"
                aria-expanded={open.value} aria-label={label} title={label}
                onClick={() => (open.value = !open.value)}
            >
                {face}
            </button>
            {open.value && (
                <div class="menu" role="menu" aria-label={label}>
                    {items(close)}
                </div>
            )}
        </div>
    );
}

function itemsOf(anchor: HTMLElement | null): HTMLElement[] {
    return [...(anchor?.querySelectorAll<HTMLElement>('.menu-item') ?? [])];
}

function step(anchor: HTMLElement | null, by: number): void {
    const all = itemsOf(anchor);
    const at = all.indexOf(document.activeElement as HTMLElement);

    all.at((at + by) % all.length)?.focus();
}
