import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bare } from '../../../static/js/phone/bare.js';

const segment = (kind, text) => [0xff, kind, 0, text.length + 2, ...Buffer.from(text)];
const START = [0xff, 0xd8];
const JFIF = segment(0xe0, 'JFIF\0');
const COLOURS = segment(0xe2, 'ICC_PROFILE\0');
const SCAN = [...segment(0xda, 'scan'), 1, 2, 0xff, 0xe1, 0, 9, 0xff, 0xd9];

const bared = async (...parts) => [...new Uint8Array(await bare(Uint8Array.from(parts.flat())))];

test('EXIF, XMP, IPTC and comments go, the rest stays byte for byte', async () => {
  const telling = [segment(0xe1, 'Exif\0\0'), segment(0xe1, 'http://ns.adobe.com/xap/'), segment(0xed, 'IPTC')];
  const told = await bared(START, JFIF, ...telling, COLOURS, segment(0xfe, 'a comment'), SCAN);
  assert.deepEqual(told, [START, JFIF, COLOURS, SCAN].flat());
});

test('a plain picture is left as it is', async () => {
  assert.deepEqual(await bared(START, JFIF, SCAN), [START, JFIF, SCAN].flat());
});

test('a cut file comes to an end', async () => {
  assert.deepEqual(await bared(START, [0xff, 0xe0]), [...START, 0xff, 0xe0]);
});
