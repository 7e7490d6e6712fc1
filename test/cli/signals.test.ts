import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { interruptible } from '../../src/cli/signals.ts';

const fake = () => {
  const exits: number[] = [];
  return Object.assign(new EventEmitter(), { exits, exit: (code: number) => void exits.push(code) });
};

test('the first signal aborts, the second ends kplay', () => {
  const signals = fake();
  const said: string[] = [];
  const { signal } = interruptible(signals, text => said.push(text));
  signals.emit('SIGINT', 'SIGINT');
  expect(signal.reason).toMatchObject({ code: 'E_INTERRUPTED' });
  expect([said.length, signals.exits]).toEqual([1, []]);
  signals.emit('SIGTERM', 'SIGTERM');
  expect(signals.exits).toEqual([130]);
});

test('afterwards signals mean what they did', () => {
  const signals = fake();
  interruptible(signals, () => undefined).dispose();
  expect(signals.eventNames()).toEqual([]);
});
