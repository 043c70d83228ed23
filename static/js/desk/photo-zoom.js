/**
 * <photo-zoom>: one picture to look into. Wheel, pinch, double press and + - 0 make it larger; dragging moves it;
 * f or its button fills the screen. Without this module the picture stands as it is.
 */
import { isOurs } from './keys.js';

const MOST = 8;
const STEP = 1.4;

class PhotoZoom extends HTMLElement {
  connectedCallback() {
    this.image = this.querySelector('img');
    if (!this.image) return;
    this.fingers = new Map();
    this.reset();
    this.stop = new AbortController();
    const hear = (target, name, then, more) => target.addEventListener(name, then, { signal: this.stop.signal, ...more });
    hear(this, 'wheel', (event) => this.wheeled(event), { passive: false });
    hear(this, 'pointerdown', (event) => this.down(event));
    hear(this, 'pointermove', (event) => this.moved(event));
    for (const name of ['pointerup', 'pointercancel']) hear(this, name, (event) => this.up(event));
    hear(this, 'dblclick', (event) => this.toggle(event));
    hear(this, 'dragstart', (event) => event.preventDefault());
    hear(document, 'keydown', (event) => this.typed(event));
    const button = this.querySelector('[data-whole]');
    button.hidden = false;
    hear(button, 'click', () => this.whole());
  }

  disconnectedCallback() {
    this.stop?.abort();
  }

  reset() {
    [this.scale, this.x, this.y] = [1, 0, 0];
    this.draw();
  }

  wheeled(event) {
    // A page must still scroll over a picture that nobody looks into.
    if (this.scale === 1 && !event.ctrlKey && !this.isWhole()) return;
    event.preventDefault();
    this.by(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.clientX, event.clientY);
  }

  down(event) {
    if (event.target.closest('button')) return;
    this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.scale > 1 || this.fingers.size > 1) this.setPointerCapture(event.pointerId);
  }

  moved(event) {
    const from = this.fingers.get(event.pointerId);
    if (!from) return;
    const to = [event.clientX, event.clientY];
    if (this.fingers.size === 2) this.pinched(event.pointerId, from, to);
    else if (this.scale > 1) this.shift(to[0] - from[0], to[1] - from[1]);
    this.fingers.set(event.pointerId, to);
  }

  pinched(id, from, to) {
    const other = [...this.fingers].find(([one]) => one !== id)[1];
    const apart = (a) => Math.hypot(a[0] - other[0], a[1] - other[1]) || 1;
    this.by(apart(to) / apart(from), (to[0] + other[0]) / 2, (to[1] + other[1]) / 2);
  }

  up(event) {
    this.fingers.delete(event.pointerId);
  }

  toggle(event) {
    if (this.scale > 1) this.reset();
    else this.by(2.5, event.clientX, event.clientY);
  }

  typed(event) {
    if (!isOurs(event) || this.closest('[hidden]')) return;
    const act = { '+': () => this.middle(STEP), '=': () => this.middle(STEP), '-': () => this.middle(1 / STEP), 0: () => this.reset(),
      f: () => this.whole() }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  middle(factor) {
    const box = this.getBoundingClientRect();
    this.by(factor, box.left + box.width / 2, box.top + box.height / 2);
  }

  /** Larger by this factor; what lies under this point of the window stays there. */
  by(factor, clientX, clientY) {
    const box = this.getBoundingClientRect();
    const [px, py] = [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
    const scale = Math.min(MOST, Math.max(1, this.scale * factor));
    this.x = px - (px - this.x) * (scale / this.scale);
    this.y = py - (py - this.y) * (scale / this.scale);
    this.scale = scale;
    this.shift(0, 0);
  }

  shift(dx, dy) {
    const room = (size) => (size * (this.scale - 1)) / 2;
    const within = (value, most) => Math.max(-most, Math.min(most, value));
    this.x = within(this.x + dx, room(this.clientWidth));
    this.y = within(this.y + dy, room(this.clientHeight));
    this.draw();
  }

  draw() {
    this.image.style.transform = this.scale === 1 ? '' : `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.classList.toggle('larger', this.scale > 1);
  }

  isWhole() {
    return document.fullscreenElement === this || this.classList.contains('whole');
  }

  /** iPhones give a page no full screen: there it covers the window instead. */
  whole() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.requestFullscreen) this.requestFullscreen().catch(() => this.classList.toggle('whole'));
    else this.classList.toggle('whole');
    this.reset();
  }
}

customElements.define('photo-zoom', PhotoZoom);
