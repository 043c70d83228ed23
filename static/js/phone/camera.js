import { trouble } from './trouble.js';

const HAVE_CURRENT_DATA = 2;
const REASONS = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/**
 * Shows the camera in a video element. Call it from a tap; it resolves when the first frame is there.
 * The camera is let go on `stop`, when the page is hidden, and when the system takes it away.
 * @param {HTMLVideoElement} video
 * @param {object} [wish]
 * @param {'environment'|'user'} [wish.facing]
 * @param {number} [wish.width] pixels, a wish: the browser gives the nearest it has
 * @param {number} [wish.height] pixels, a wish
 * @param {(how: 'stopped'|'hidden'|'lost') => void} [wish.onEnd] called once; also when opening breaks off half-way
 * @returns {Promise<{grab: () => Promise<ImageBitmap>, torch?: (on: boolean) => Promise<void>, stop: () => void}>}
 *   `grab` gives the current frame at the stream's full size (rejects with `.reason` 'ended' afterwards);
 *   `torch` is there only on a camera that has a lamp
 * @throws {Error} with `.reason` 'refused' | 'missing' | 'busy' | 'insecure'
 */
export async function openCamera(video, { facing = 'environment', width = 1920, height = 1440, onEnd } = {}) {
  const stream = await streamOf({ facingMode: facing, width: { ideal: width }, height: { ideal: height } });
  const hold = holdOf(stream, video, onEnd);
  await play(video, stream, hold.signal).catch((error) => {
    hold.end('lost');
    throw reasoned(error);
  });
  return { grab: () => grab(video, hold.signal), ...lamp(stream), stop: () => hold.end('stopped') };
}

async function streamOf(wish) {
  const devices = globalThis.navigator?.mediaDevices;
  if (!devices?.getUserMedia) throw trouble(globalThis.isSecureContext === false ? 'insecure' : 'missing');
  return devices.getUserMedia({ video: wish, audio: false }).catch((error) => { throw reasoned(error); });
}

function reasoned(error) {
  return trouble(REASONS[error.name] ?? 'busy', error);
}

function holdOf(stream, video, onEnd) {
  const ending = new AbortController();
  const end = (how) => {
    if (ending.signal.aborted) return;
    ending.abort();
    stream.getTracks().forEach((track) => track.stop());
    if (video.srcObject === stream) video.srcObject = null;
    onEnd?.(how);
  };
  const whenHidden = () => { if (globalThis.document?.hidden) end('hidden'); };
  const listening = { signal: ending.signal };
  globalThis.document?.addEventListener('visibilitychange', whenHidden, listening);
  stream.getTracks().forEach((track) => track.addEventListener('ended', () => end('lost'), listening));
  whenHidden();
  return { end, signal: ending.signal };
}

async function play(video, stream, ending) {
  if (ending.aborted) throw new Error('the page was hidden before the camera came');
  // Without these two, Safari on the iPhone goes full screen or refuses to start.
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  await video.play();
  while (video.readyState < HAVE_CURRENT_DATA && !ending.aborted) await moment();
  if (ending.aborted) throw new Error('ended before the first frame');
}

function moment() {
  return new Promise((passed) => { setTimeout(passed, 30); });
}

async function grab(video, ending) {
  if (ending.aborted) throw trouble('ended');
  return createImageBitmap(video);
}

function lamp(stream) {
  const [track] = stream.getVideoTracks();
  if (!track.getCapabilities?.().torch) return {};
  return { torch: (on) => track.applyConstraints({ advanced: [{ torch: on }] }) };
}
