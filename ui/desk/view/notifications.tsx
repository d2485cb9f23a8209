/*
 * The agent's choices about notifications; fetched when it is opened.
 *
 * Every change is kept at once, for all of the agent's devices.
 */

import { useSignal } from '@preact/signals';

import type { NoticeKind } from '../../shared/tables';
import type { Desk } from '../desk';
import type { Choices } from '../notices';
import { SILENCE, SOUNDS } from '../sounds';
import { Dialog } from './dialog';

const KINDS: readonly { kind: NoticeKind; word: string; note: string }[] = [
    { kind: 'message', word: 'Messages', note: 'in chats you do not look at' },
    { kind: 'offer', word: 'Offers', note: 'chats that you can accept' },
    { kind: 'wait', word: 'Long waits', note: 'in the queues you supervise' },
    { kind: 'hand', word: 'Raised hands', note: 'of agents in these queues' },
];

/* told to supervisors alone */
const SUPERVISED: readonly NoticeKind[] = ['wait', 'hand'];

interface Props {
    desk: Desk;
    onClose: () => void;
}

export function Notifications({ desk, onClose }: Props) {
    const choices = desk.notices.choices.value;
    const change = (part: Partial<Choices>) =>
        desk.choose({ ...choices, ...part });

    return (
        <Dialog title="Notifications" class="wishes" onClose={onClose}>
            <Sound desk={desk} choices={choices} change={change} />
            <fieldset>
                <legend>Tell me about</legend>
                {KINDS.filter((one) => !SUPERVISED.includes(one.kind)
                                       || desk.person.role !== 'agent')
                    .map((one) => (
                        <Kind key={one.kind} {...one} choices={choices}
                              change={change} />
                    ))}
            </fieldset>
            <fieldset>
                <legend>While you are elsewhere</legend>
                <label class="wish">
                    <input
                        type="checkbox" checked={choices.popup}
                        onChange={(event) => change(
                            { popup: event.currentTarget.checked })}
                    />
                    <span>Notifications of the browser</span>
                </label>
                <Allowed desk={desk} />
            </fieldset>
            <div class="dialog-actions">
                <button type="button" class="button" onClick={onClose}>
                    Close
                </button>
            </div>
        </Dialog>
    );
}

interface Parts {
    choices: Choices;
    change: (part: Partial<Choices>) => void;
}

function Sound({ desk, choices, change }: Parts & { desk: Desk }) {
    const unheard = useSignal(false);
    const play = (sound: string, volume: number) => {
        unheard.value = sound !== SILENCE && volume > 0
            && !desk.herald.speaker.play(sound, volume);
    };

    return (
        <fieldset>
            <legend>Sound</legend>
            <div class="wish-sound">
                <label for="wish-sound">Sound</label>
                <select
                    id="wish-sound" class="input" autofocus
                    value={choices.sound}
                    onChange={(event) => {
                        const sound = event.currentTarget.value;

                        change({ sound });
                        play(sound, choices.volume);
                    }}
                >
                    {[...Object.keys(SOUNDS), SILENCE].map((name) => (
                        <option key={name} value={name}>
                            {name.charAt(0).toUpperCase() + name.slice(1)}
                        </option>
                    ))}
                </select>
                <button
                    type="button" class="button"
                    disabled={choices.sound === SILENCE}
                    onClick={() => play(choices.sound, choices.volume)}
                >
                    Test
                </button>
            </div>
            <div class="wish-sound">
                <label for="wish-volume">Volume</label>
                <input
                    id="wish-volume" type="range" min="0" max="100" step="5"
                    value={choices.volume}
                    disabled={choices.sound === SILENCE}
                    onChange={(event) => {
                        const volume = event.currentTarget.valueAsNumber;

                        change({ volume });
                        play(choices.sound, volume);
                    }}
                />
                <output class="digits">{choices.volume} %</output>
            </div>
            {unheard.value && (
                <p class="field-error" role="alert">
                    This browser plays no sound now.
                </p>
            )}
        </fieldset>
    );
}

function Kind({ kind, word, note, choices, change }: Parts & {
    kind: NoticeKind; word: string; note: string;
}) {
    const others = choices.silent.filter((one) => one !== kind);

    return (
        <label class="wish">
            <input
                type="checkbox" checked={!choices.silent.includes(kind)}
                onChange={(event) => change({
                    silent: event.currentTarget.checked ? others
                                                        : [...others, kind],
                })}
            />
            <span>{word} <span class="quiet">{note}</span></span>
        </label>
    );
}

function Allowed({ desk }: { desk: Desk }) {
    switch (desk.herald.consent.is.value) {
    case 'granted':
        return (
            <p class="quiet">
                This browser allows them{desk.pusher.on.value
                    && ', also while the desk is closed'}.
            </p>
        );
    case 'denied':
        return (
            <p class="quiet">
                This browser blocks them; they show in the desk instead. Its
                settings for this site can allow them.
            </p>
        );
    case 'missing':
        return (
            <p class="quiet">
                This browser has none; they show in the desk instead.
            </p>
        );
    default:
        return (
            <p>
                <button type="button" class="button"
                        onClick={() => void desk.herald.consent.ask()}>
                    Allow in this browser
                </button>
            </p>
        );
    }
}
