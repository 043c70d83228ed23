/**
 * The system's own QR reader. Browsers list it where the phone lacks the service behind it, so its first failure
 * means that there is none.
 * @returns {Promise<((picture: ImageBitmapSource) => Promise<string|null>)|null>} null where there is none; the
 *   reader rejects once it turns out to be unusable
 */
export async function nativeReader() {
  try {
    const formats = await globalThis.BarcodeDetector.getSupportedFormats();
    if (!formats.includes('qr_code')) return null;
    const detector = new globalThis.BarcodeDetector({ formats: ['qr_code'] });
    return async (picture) => (await detector.detect(picture))[0]?.rawValue || null;
  } catch {
    return null;
  }
}
