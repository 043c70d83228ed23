import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { stamp, watchPosition } from '../../../static/js/phone/position.js';

const START = 1_790_000_000_000;
let device;

class FakeGeolocation {
  watchPosition(fixed, failed, options) {
    Object.assign(this, { fixed, failed, options });
    return 7;
  }

  clearWatch(id) {
    this.cleared = id;
  }

  fix(seconds, accuracy, { latitude = 31.23041, longitude = 121.47370 } = {}) {
    this.fixed({ coords: { latitude, longitude, accuracy }, timestamp: START + seconds * 1000 });
  }
}

function give(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

beforeEach(() => {
  device = new FakeGeolocation();
  give('navigator', { geolocation: device });
});

afterEach(() => { delete globalThis.isSecureContext; });

const accuracyOf = (watch) => watch.latest()?.accuracy_m;

test('a reading is integers only, and nothing but its five words', () => {
  const watch = watchPosition();
  device.fix(0.4567, 12.01, { latitude: 31.230412345678, longitude: -121.4737000049 });
  assert.deepEqual(watch.latest(), {
    lat_e7: 312304123, lon_e7: -1214737000, accuracy_m: 13, at_ms: START + 457, source: 'geolocation',
  });
});

test('the precise and fresh position is asked for', () => {
  watchPosition();
  assert.equal(device.options.enableHighAccuracy, true);
  assert.equal(device.options.maximumAge, 0);
});

test('the more accurate of two recent fixes is kept', () => {
  const watch = watchPosition();
  device.fix(0, 60);
  device.fix(5, 8);
  assert.equal(accuracyOf(watch), 8);
  device.fix(10, 40);
  assert.equal(accuracyOf(watch), 8);
});

test('of two equally accurate fixes the newer is kept', () => {
  const watch = watchPosition();
  device.fix(0, 8);
  device.fix(5, 8);
  assert.equal(watch.latest().at_ms, START + 5000);
});

test('a fix of exactly 30 s still counts, an older one loses to any newer', () => {
  const watch = watchPosition();
  device.fix(0, 5);
  device.fix(30, 900);
  assert.equal(accuracyOf(watch), 5);
  device.fix(30.001, 900);
  assert.equal(accuracyOf(watch), 900);
});

test('when the best fix grows old the second best takes its place, not the newest', () => {
  const watch = watchPosition();
  device.fix(0, 5);
  device.fix(20, 10);
  device.fix(31, 50);
  assert.equal(accuracyOf(watch), 10);
});

test('nothing is read after stop', () => {
  const heard = [];
  const watch = watchPosition((latest) => heard.push(latest));
  device.fix(0, 50);
  watch.stop();
  device.fix(1, 3);
  device.failed({ code: 1 });
  assert.equal(device.cleared, 7);
  assert.equal(accuracyOf(watch), 50);
  assert.equal(heard.length, 1);
});

test('it says why there is no reading', () => {
  const watch = watchPosition();
  assert.equal(watch.why(), 'waiting');
  device.failed({ code: 3 });
  assert.equal(watch.why(), 'no_signal');
  device.failed({ code: 2 });
  assert.equal(watch.why(), 'no_signal');
  device.failed({ code: 1 });
  assert.equal(watch.why(), 'refused');
  assert.equal(watch.latest(), null);
});

test('once there is a reading there is nothing to explain', () => {
  const watch = watchPosition();
  device.failed({ code: 3 });
  device.fix(0, 12);
  assert.equal(watch.why(), null);
  device.failed({ code: 3 });
  assert.equal(watch.why(), null);
  assert.equal(accuracyOf(watch), 12);
});

test('every fix and every failure is told', () => {
  const heard = [];
  watchPosition((latest) => heard.push(latest?.accuracy_m ?? null));
  device.failed({ code: 3 });
  device.fix(0, 30);
  device.fix(1, 9);
  assert.deepEqual(heard, [null, 30, 9]);
});

test('a browser without geolocation, or a page over plain http, is unsupported', () => {
  give('isSecureContext', false);
  assert.equal(watchPosition().why(), 'unsupported');
  delete globalThis.isSecureContext;
  give('navigator', {});
  const watch = watchPosition();
  assert.equal(watch.why(), 'unsupported');
  watch.stop();
});

test('a fix without an accuracy is not taken for an exact one', () => {
  const watch = watchPosition();
  device.fix(0, null);
  device.fix(1, NaN);
  assert.equal(watch.latest(), null);
  device.fix(2, 15);
  device.fix(3, Infinity);
  assert.equal(accuracyOf(watch), 15);
});

test('a stamp carries the age of the fix', () => {
  const watch = watchPosition();
  device.fix(0, 12);
  assert.deepEqual(stamp(watch.latest(), START + 4321), {
    lat_e7: 312304100, lon_e7: 1214737000, accuracy_m: 12, age_ms: 4321,
  });
});

test('the age is never negative, and no reading makes no stamp', () => {
  const watch = watchPosition();
  device.fix(60, 12);
  assert.equal(stamp(watch.latest(), START).age_ms, 0);
  assert.equal(stamp(null, START), null);
});
