/** <photo-viewer>: one picture at a time, turned by ← and →, by its buttons, or by a press on a small one. */
import { isOurs } from './keys.js';

class PhotoViewer extends HTMLElement {
  connectedCallback() {
    this.photos = [...this.querySelectorAll('figure')];
    this.thumbs = [...this.querySelectorAll('.strip a')];
    for (const image of this.querySelectorAll('figure img')) missing(image);
    if (this.photos.length < 2) return;
    this.querySelector('.turn').hidden = false;
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.addEventListener('click', (event) => this.pressed(event), { signal });
    document.addEventListener('keydown', (event) => this.typed(event), { signal });
    this.show(Math.max(0, this.photos.findIndex((photo) => `#${photo.id}` === location.hash)));
  }

  disconnectedCallback() {
    this.stop?.abort();
  }

  pressed(event) {
    const thumb = this.thumbs.indexOf(event.target.closest('.strip a'));
    const turn = event.target.closest('[data-turn]');
    if (thumb >= 0) {
      event.preventDefault();
      this.show(thumb);
    } else if (turn) {
      this.show(this.at + Number(turn.dataset.turn));
    }
  }

  typed(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // A table or a box that scrolls sideways keeps its arrow keys.
    if (!step || !isOurs(event) || event.shiftKey) return;
    event.preventDefault();
    this.show(this.at + step);
  }

  show(wanted) {
    const count = this.photos.length;
    this.at = (wanted + count) % count;
    this.photos.forEach((photo, n) => { photo.hidden = n !== this.at; });
    this.thumbs.forEach((thumb, n) => (n === this.at ? thumb.setAttribute('aria-current', 'true') : thumb.removeAttribute('aria-current')));
    // The next one is fetched while this one is looked at.
    const next = this.photos[(this.at + 1) % count].querySelector('img');
    if (next) next.loading = 'eager';
  }
}

function missing(image) {
  const say = () => {
    image.hidden = true;
    image.nextElementSibling.hidden = false;
  };
  if (image.complete && image.currentSrc && !image.naturalWidth) say();
  else image.addEventListener('error', say, { once: true });
}

customElements.define('photo-viewer', PhotoViewer);
