import assert from 'node:assert/strict';
import { test } from 'node:test';

import { now } from '../../../static/js/phone/clock.js';

function inZone(zone, check) {
  const home = process.env.TZ;
  process.env.TZ = zone;
  try {
    check();
  } finally {
    if (home === undefined) delete process.env.TZ;
    else process.env.TZ = home;
  }
}

test('every reading is an integer', () => {
  for (const value of Object.values(now())) assert.ok(Number.isSafeInteger(value), String(value));
});

test('the wall clock is the phone’s own', () => {
  const before = Date.now();
  const { wall_ms } = now();
  assert.ok(before <= wall_ms && wall_ms <= Date.now());
});

test('the monotonic clock goes on when the wall clock is set back', (t) => {
  const first = now();
  t.mock.method(Date, 'now', () => 0);
  const second = now();
  assert.equal(second.wall_ms, 0);
  assert.ok(second.mono_ms >= first.mono_ms);
});

test('China is 480 minutes east, New York west, and Greenwich a plain nought', () => {
  inZone('Asia/Shanghai', () => assert.equal(now().offset_min, 480));
  inZone('Etc/GMT+5', () => assert.equal(now().offset_min, -300));
  inZone('UTC', () => assert.ok(Object.is(now().offset_min, 0)));
});
