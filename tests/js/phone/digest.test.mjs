import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { base64, base64url, fromBase64url, hex, sha256 } from '../../../static/js/phone/digest.js';

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);

test('the digest is that of SHA-256', async () => {
  const empty = await sha256(new ArrayBuffer(0));
  assert.equal(hex(empty), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  assert.equal(hex(await sha256(EVERY_BYTE)), createHash('sha256').update(EVERY_BYTE).digest('hex'));
});

test('a view is digested, not the buffer under it', async () => {
  assert.deepEqual(await sha256(EVERY_BYTE.subarray(3, 9)), await sha256(EVERY_BYTE.slice(3, 9)));
});

test('hex keeps leading noughts', () => {
  assert.equal(hex(Uint8Array.of(0, 1, 171, 255)), '0001abff');
});

test('both base64 alphabets are those of RFC 4648', () => {
  for (let length = 0; length <= 256; length += 1) {
    const bytes = EVERY_BYTE.slice(256 - length);
    assert.equal(base64(bytes), Buffer.from(bytes).toString('base64'));
    assert.equal(base64url(bytes), Buffer.from(bytes).toString('base64url'));
  }
});

test('base64 takes a photo whole', () => {
  const photo = new Uint8Array(400_000).fill(7);
  assert.equal(base64(photo), Buffer.from(photo).toString('base64'));
});

test('base64url comes back as it went', () => {
  for (const length of [0, 1, 2, 3, 64, 256]) {
    assert.deepEqual(fromBase64url(base64url(EVERY_BYTE.slice(0, length))), EVERY_BYTE.slice(0, length));
  }
});

test('base64url refuses what base64url never writes', () => {
  for (const text of ['ab==', 'a+/b', 'ab cd', 'ab\n', 'a', '照片']) {
    assert.throws(() => fromBase64url(text), SyntaxError, text);
  }
});
