/*
 * A modal dialog: the platform's own, which traps the focus, closes on
 * Escape and gives the focus back.
 */

import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface Props {
    title: string;
    class?: string;
    onClose: () => void;
    children: ComponentChildren;
}

export function Dialog({ title, class: style, onClose, children }: Props) {
    const dialog = useRef<HTMLDialogElement>(null);
    const id = useId();

    useEffect(() => {
        const element = dialog.current;

        element?.showModal();
        return () => element?.close();
    }, []);

    return (
        <dialog
            ref={dialog} class={style} aria-labelledby={id}
            onCancel={(event) => {
                event.preventDefault();
                onClose();
            }}
            onClick={(event) => {
                if (event.target === dialog.current) {
                    onClose();
                }
            }}
        >
            <h2 id={id} class={style === 'palette' ? 'hidden-text'
                                                   : 'dialog-title'}>
                {title}
            </h2>
            {children}
        </dialog>
    );
}
