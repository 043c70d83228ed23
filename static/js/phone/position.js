const RECENT_MS = 30_000;
const OPTIONS = { enableHighAccuracy: true, maximumAge: 0, timeout: 20_000 };
const REFUSED = 1; // GeolocationPositionError.PERMISSION_DENIED, a name that some web views leave out

/**
 * One fix. Integers only, so that it may stand in a signed claim. WGS-84 as the browser gave it, never converted here.
 * @typedef {object} Reading
 * @property {number} lat_e7 degrees north × 10⁷
 * @property {number} lon_e7 degrees east × 10⁷
 * @property {number} accuracy_m radius in metres, rounded up
 * @property {number} at_ms when the fix was made by the locating device's own clock, milliseconds since 1970 UTC
 * @property {'geolocation'} source
 */

/**
 * Watches the position until stopped.
 * @param {(latest: Reading|null) => void} [onChange] called after every fix and every failure
 * @returns {{
 *   latest: () => Reading|null,
 *   why: () => 'refused'|'no_signal'|'unsupported'|'waiting'|null,
 *   stop: () => void
 * }} `latest` is the most accurate fix of the last 30 s of fixes; `why` says why there is none, null when there is one;
 *   after `stop` both keep their last answer
 */
export function watchPosition(onChange) {
  let readings = [];
  let lack = 'waiting';
  let stopped = false;
  const latest = () => mostAccurate(readings);
  const tell = (change) => (value) => {
    if (stopped) return;
    change(value);
    onChange?.(latest());
  };
  const failed = tell(({ code }) => { lack = code === REFUSED ? 'refused' : 'no_signal'; });
  const fixed = tell((position) => { readings = recent([...readings, reading(position)].filter(sound)); });

  const device = locator();
  const watch = device?.watchPosition(fixed, failed, OPTIONS);
  if (!device) lack = 'unsupported';
  return {
    latest,
    why: () => (readings.length ? null : lack),
    stop() {
      stopped = true;
      device?.clearWatch(watch);
    },
  };
}

/**
 * What is bound to a picture or a scan.
 * @param {Reading|null} latest
 * @param {number} wall_ms the phone's wall clock at that moment, milliseconds since 1970 UTC
 * @returns {{lat_e7: number, lon_e7: number, accuracy_m: number, age_ms: number}|null} null without a reading
 */
export function stamp(latest, wall_ms) {
  if (!latest) return null;
  const { lat_e7, lon_e7, accuracy_m, at_ms } = latest;
  // Fixes carry satellite time: on a phone whose clock is slow they come from the future.
  return { lat_e7, lon_e7, accuracy_m, age_ms: Math.max(0, wall_ms - at_ms) };
}

function locator() {
  // Over plain http browsers keep the object and refuse each call, which would read as the person's refusal.
  return globalThis.isSecureContext === false ? undefined : globalThis.navigator?.geolocation;
}

function reading({ coords, timestamp }) {
  return Object.freeze({
    lat_e7: Math.round(coords.latitude * 1e7),
    lon_e7: Math.round(coords.longitude * 1e7),
    accuracy_m: Math.ceil(coords.accuracy ?? NaN), // null from some web views, which must not read as exact
    at_ms: Math.round(timestamp),
    source: 'geolocation',
  });
}

function sound({ lat_e7, lon_e7, accuracy_m, at_ms }) {
  return [lat_e7, lon_e7, accuracy_m, at_ms].every(Number.isSafeInteger);
}

function recent(readings) {
  const newest = readings[readings.length - 1]?.at_ms;
  return readings.filter(({ at_ms }) => newest - at_ms <= RECENT_MS);
}

function mostAccurate(readings) {
  return readings.reduce((best, next) => (best && best.accuracy_m < next.accuracy_m ? best : next), null);
}
