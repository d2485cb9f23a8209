/*
 * Sounds of notices, made by the browser: no file is fetched.
 *
 * Owns one AudioContext, made at the first gesture; browsers let nothing be
 * heard before (so the agent's click on "Available" unlocks it).
 */

import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';

interface Tone {
    /* Hz, and seconds from the beginning */
    pitch: number;
    at: number;
    length: number;
    shape: OscillatorType;
}

const tone = (pitch: number, at: number, length: number,
              shape: OscillatorType = 'sine'): Tone => (
    { pitch, at, length, shape });

export const SOUNDS: Readonly<Record<string, readonly Tone[]>> = {
    chime: [tone(880, 0, 0.5), tone(1318.5, 0.12, 0.6)],
    drop: [tone(1046.5, 0, 0.12), tone(698.5, 0.09, 0.2)],
    knock: [tone(196, 0, 0.07, 'triangle'), tone(196, 0.14, 0.07, 'triangle')],
    bell: [tone(1568, 0, 0.9), tone(2349.3, 0, 0.45), tone(784, 0, 0.7)],
};

export const SILENCE = 'off';

const GESTURES = ['pointerdown', 'keydown'] as const;

/* far below the loudest: several tones sound at once */
const GAIN = 0.25;

export class Speaker {
    readonly #heard = signal(false);
    #context: AudioContext | undefined;

    /* Whether this page can be heard now. */
    get heard(): ReadonlySignal<boolean> {
        return this.#heard;
    }

    start(): void {
        GESTURES.forEach((one) => addEventListener(one, this.#unlock, true));
    }

    stop(): void {
        GESTURES.forEach((one) => removeEventListener(one, this.#unlock,
                                                      true));
        void this.#context?.close();
        this.#context = undefined;
        this.#heard.value = false;
    }

    /* False when nothing can be heard. */
    play(name: string, volume: number): boolean {
        const tones = SOUNDS[name];
        const context = this.#context;

        if (tones === undefined || volume === 0
            || context?.state !== 'running')
        {
            return false;
        }

        tones.forEach((one) => sound(context, one, GAIN * volume / 100));

        return true;
    }

    #open(): AudioContext {
        const context = new AudioContext();

        context.onstatechange = () => {
            this.#heard.value = this.#context?.state === 'running';
        };

        return context;
    }

    #unlock = (): void => {
        if (typeof AudioContext === 'function') {
            this.#context ??= this.#open();
            void this.#context.resume().catch(() => undefined);
        }
    };
}

function sound(context: AudioContext, one: Tone, gain: number): void {
    const from = context.currentTime + one.at;
    const source = context.createOscillator();
    const level = context.createGain();

    source.type = one.shape;
    source.frequency.value = one.pitch;
    level.gain.setValueAtTime(0, from);
    level.gain.linearRampToValueAtTime(gain, from + 0.01);
    level.gain.exponentialRampToValueAtTime(0.0001, from + one.length);
    source.connect(level).connect(context.destination);
    source.start(from);
    source.stop(from + one.length);
}
