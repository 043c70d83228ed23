/**
 * <visit-desk>: one visit under the eyes. The next one is fetched with its pictures while this one is looked at, so that
 * a ruling turns the page at once; if the station does not take the ruling, the page turns back and says so.
 */
import { isOurs } from './keys.js';

const TURN = { 'Wujin-Turn': '1' };
const ruled = new Set(); // addresses decided since this page was opened
let sending = null; // the ruling on its way

class VisitDesk extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const hear = (target, name, then) => target.addEventListener(name, then, { signal: this.stop.signal });
    hear(this, 'submit', (event) => this.submitted(event));
    hear(this, 'click', (event) => this.pressed(event));
    hear(document, 'keydown', (event) => this.typed(event));
    const help = this.querySelector('[data-help]');
    if (help) help.hidden = false;
    this.address = `/supervisor/visits/${this.dataset.id}`;
    this.prepare();
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  /** Have the next page ready; one that was ruled on meanwhile is not the next. */
  async prepare() {
    await sending;
    let onward = this.dataset.onward;
    if (onward && ruled.has(onward)) onward = (await fetched(this.address))?.dataset.onward;
    this.onward = onward && !ruled.has(onward) ? onward : null;
    this.next = this.onward ? await fetched(this.onward) : null;
    if (this.next) for (const image of pictures(this.next)) new Image().src = image;
    this.toggleAttribute('ready', Boolean(this.next));
  }

  pressed(event) {
    const way = event.target.closest('[data-turn-visit="1"]');
    if (way && this.next && way.getAttribute('href') === this.onward && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      this.turn(this.next, this.onward);
    } else if (event.target.closest('[data-help]')) {
      this.querySelector('dialog').showModal();
    }
  }

  typed(event) {
    if (!isOurs(event)) return;
    const link = { z: '[data-undo][href], .notice.ok a[href]', ArrowRight: '[data-turn-visit="1"]', ArrowLeft: '[data-turn-visit="-1"]' }[event.key];
    if (event.key === '?') this.querySelector('dialog').showModal();
    else if (link && (event.key === 'z' || event.shiftKey)) this.querySelector(link)?.click();
    else return;
    event.preventDefault();
  }

  /**
   * The ruling goes on its way, the page turns at once. Without a next page the browser does it the plain way, after
   * the one before has arrived: or the station would think that one still undecided and lead back to it.
   */
  submitted(event) {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || !form.action.endsWith('/rulings') || !(this.next || sending)) return;
    event.preventDefault();
    if (!this.next) {
      sending.then((taken) => taken && this.again(form, submitter));
      return;
    }
    const body = new URLSearchParams(new FormData(form, submitter));
    const said = { place: this.querySelector('[data-place]').textContent, result: verdict(this, body.get('result')) };
    const [next, address] = [this.next, this.onward];
    ruled.add(this.address);
    sending = post(form.action, body).then((taken) => {
      sending = null;
      if (!taken) this.back(next);
      return taken;
    });
    this.turn(next, address, said);
  }

  again(form, submitter) {
    this.querySelector('ruling-keys').free();
    form.requestSubmit(submitter);
  }

  turn(next, address, said) {
    const seen = document.title;
    this.replaceWith(next);
    history.pushState(null, '', address);
    document.title = next.dataset.title ?? seen;
    if (said) next.tell(said, this.address);
    scrollTo(0, 0);
    next.querySelector('h1')?.focus({ preventScroll: true });
  }

  /** What was just decided, and the way back to it. */
  tell({ place, result }, address) {
    const line = this.querySelector('[data-said]');
    line.hidden = false;
    line.querySelector('[data-said-place]').textContent = place;
    line.querySelector('[data-said-result]').textContent = result;
    line.querySelector('[data-undo]').href = address;
    const left = this.querySelector('[data-left]');
    if (left) left.textContent = left.textContent.replace(/\d+/, (many) => Math.max(1, many - 1));
  }

  /** It was not taken: here it is again, as it was filled in. */
  back(next) {
    ruled.delete(this.address);
    if (!next.isConnected) {
      location.assign(this.address);
      return;
    }
    next.replaceWith(this);
    history.replaceState(null, '', this.address);
    this.querySelector('[data-failed]').hidden = false;
    this.querySelector('ruling-keys')?.free();
  }
}

async function fetched(address) {
  try {
    const answer = await fetch(address);
    if (!answer.ok || answer.redirected) return null;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const desk = page.querySelector('visit-desk');
    if (desk) desk.dataset.title = page.title;
    return desk && document.importNode(desk, true);
  } catch {
    return null;
  }
}

async function post(address, body) {
  try {
    return (await fetch(address, { method: 'POST', body, headers: TURN, keepalive: true })).ok;
  } catch {
    return false;
  }
}

const pictures = (desk) => [...desk.querySelectorAll('figure.photo img, .strip img')].map((image) => image.getAttribute('src')).slice(0, 8);

const verdict = (desk, result) => desk.querySelector(`.verdicts [value="${result}"]`)?.dataset.word ?? '';

addEventListener('popstate', () => location.reload());

customElements.define('visit-desk', VisitDesk);
