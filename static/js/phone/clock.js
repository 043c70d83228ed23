/**
 * The phone's two clocks, read together. The wall clock may be wrong or be set while a visit is open; the monotonic
 * one only says how much time passed since this page was loaded.
 * @returns {{wall_ms: number, mono_ms: number, offset_min: number}} integers: milliseconds since 1970-01-01 UTC,
 *   milliseconds since the page was loaded, minutes of local time east of UTC (480 in China)
 */
export function now() {
  const wall_ms = Date.now();
  const mono_ms = Math.round(performance.now());
  return { wall_ms, mono_ms, offset_min: eastOfUtc(wall_ms) };
}

function eastOfUtc(wall_ms) {
  // Subtracted from nought, because a bare minus makes -0 of Greenwich.
  return 0 - Math.round(new Date(wall_ms).getTimezoneOffset());
}
