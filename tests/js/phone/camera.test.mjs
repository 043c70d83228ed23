import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { openCamera } from '../../../static/js/phone/camera.js';

function give(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

function giveCamera({ capabilities = {}, play = async () => {} } = {}) {
  const track = Object.assign(new EventTarget(), {
    stop() { this.stopped = true; },
    getCapabilities: () => capabilities,
    async applyConstraints(wish) { this.wish = wish; },
  });
  const asked = [];
  const stream = { getTracks: () => [track], getVideoTracks: () => [track] };
  const getUserMedia = async (wish) => { asked.push(wish); return stream; };
  give('navigator', { mediaDevices: { getUserMedia } });
  give('document', Object.assign(new EventTarget(), { hidden: false }));
  return { track, asked, video: { readyState: 4, play } };
}

function refuseCamera(name) {
  const getUserMedia = async () => { throw Object.assign(new Error('no'), { name }); };
  give('navigator', { mediaDevices: { getUserMedia } });
}

function hidePage() {
  globalThis.document.hidden = true;
  globalThis.document.dispatchEvent(new Event('visibilitychange'));
}

afterEach(() => {
  delete globalThis.document;
  delete globalThis.isSecureContext;
});

test('what the browser says becomes one of four reasons', async () => {
  const said = {
    NotAllowedError: 'refused', SecurityError: 'refused', NotFoundError: 'missing', OverconstrainedError: 'missing',
    NotReadableError: 'busy', AbortError: 'busy', UnheardOfError: 'busy',
  };
  for (const [name, reason] of Object.entries(said)) {
    refuseCamera(name);
    await assert.rejects(openCamera({}), { reason }, name);
  }
});

test('plain http is told apart from a browser without cameras', async () => {
  give('navigator', {});
  await assert.rejects(openCamera({}), { reason: 'missing' });
  give('isSecureContext', false);
  await assert.rejects(openCamera({}), { reason: 'insecure' });
});

test('it asks for the camera at the back, without sound', async () => {
  const { video, asked } = giveCamera();
  await openCamera(video);
  assert.deepEqual(asked, [{
    video: { facingMode: 'environment', width: { ideal: 1920 }, height: { ideal: 1440 } }, audio: false,
  }]);
});

test('stop lets the camera go and tells it once', async () => {
  const { video, track } = giveCamera();
  const ends = [];
  const camera = await openCamera(video, { onEnd: (how) => ends.push(how) });
  camera.stop();
  camera.stop();
  hidePage();
  assert.ok(track.stopped);
  assert.equal(video.srcObject, null);
  assert.deepEqual(ends, ['stopped']);
  await assert.rejects(camera.grab(), { reason: 'ended' });
});

test('a hidden page lets the camera go', async () => {
  const { video, track } = giveCamera();
  const ends = [];
  await openCamera(video, { onEnd: (how) => ends.push(how) });
  hidePage();
  assert.ok(track.stopped);
  assert.deepEqual(ends, ['hidden']);
});

test('a page hidden before the camera came never shows it', async () => {
  const { video, track } = giveCamera({ play: () => new Promise(() => {}) }); // as a video without a source does
  globalThis.document.hidden = true;
  await assert.rejects(openCamera(video));
  assert.ok(track.stopped);
});

test('a camera that the system takes away is told', async () => {
  const { video, track } = giveCamera();
  const ends = [];
  await openCamera(video, { onEnd: (how) => ends.push(how) });
  track.dispatchEvent(new Event('ended'));
  assert.deepEqual(ends, ['lost']);
});

test('a video that will not play lets the camera go', async () => {
  const { video, track } = giveCamera({ play: async () => { throw new Error('no'); } });
  await assert.rejects(openCamera(video), { reason: 'busy' });
  assert.ok(track.stopped);
});

test('there is a torch only where there is a lamp', async () => {
  const dark = await openCamera(giveCamera().video);
  assert.equal('torch' in dark, false);
  const { video, track } = giveCamera({ capabilities: { torch: true } });
  const lit = await openCamera(video);
  await lit.torch(true);
  assert.deepEqual(track.wish, { advanced: [{ torch: true }] });
});
