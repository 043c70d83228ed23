/**
 * <ruling-keys>: 1–4 press the four verdicts. One that needs a reason opens it first; the same key again, or the
 * button below, sends it. Without this module the form works as it stands.
 */
import { isOurs } from './keys.js';

class RulingKeys extends HTMLElement {
  connectedCallback() {
    this.why = this.querySelector('[data-why]');
    this.send = this.querySelector('[data-send]');
    this.reason = this.querySelector('[name="reason"]');
    this.suggestion = this.querySelector('[name="suggestion"]');
    this.send.hidden = false;
    this.querySelector('[data-reasons]').hidden = false;
    for (const button of this.asking()) button.setAttribute('aria-expanded', 'false');
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.addEventListener('click', (event) => this.pressed(event), { signal });
    this.addEventListener('submit', (event) => this.sent(event), { signal });
    document.addEventListener('keydown', (event) => this.typed(event), { signal });
    const opened = this.why.dataset.open;
    if (opened) this.open(this.querySelector(`[data-key][value="${opened}"]`));
    else this.close();
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  asking() {
    return this.querySelectorAll('[data-needs-reason]');
  }

  pressed(event) {
    const verdict = event.target.closest('[data-needs-reason]');
    const chip = event.target.closest('[data-for]');
    if (verdict && !(this.opened === verdict && this.reason.value.trim())) {
      event.preventDefault();
      this.open(verdict);
    } else if (chip) {
      this.fill(chip);
    } else if (event.target.closest('[data-close]')) {
      this.close();
    }
  }

  typed(event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && this.opened && this.contains(event.target)) {
      event.preventDefault();
      this.send.querySelector('.main').click();
    } else if (event.key === 'Escape' && this.opened && !event.isComposing) {
      this.close();
    } else if (isOurs(event) && /^[1-9]$/.test(event.key)) {
      event.preventDefault(); // or the digit lands in the reason that has just opened
      this.querySelector(`[data-key="${event.key}"]`)?.click();
    }
  }

  open(verdict) {
    this.opened = verdict;
    this.why.hidden = false;
    this.send.querySelector('.main').value = verdict.value;
    this.reason.required = true;
    this.blame();
    for (const button of this.asking()) button.setAttribute('aria-expanded', String(button === verdict));
    for (const chip of this.querySelectorAll('[data-for]')) chip.hidden = chip.dataset.for !== verdict.value;
    this.reason.focus({ preventScroll: true });
    this.why.scrollIntoView({ block: 'nearest' });
  }

  /** The picture that is being looked at is the one meant, until somebody taps another. */
  blame() {
    const shown = document.querySelector('photo-viewer figure:not([hidden])')?.id.replace('photo-', '');
    const chosen = this.querySelector('[name="photo"]:checked');
    if (shown && chosen && !chosen.value) this.querySelectorAll('[name="photo"]')[Number(shown) - 1].checked = true;
  }

  /** It may be sent again: the station did not take it. */
  free() {
    this.sending = false;
  }

  close() {
    this.opened?.focus();
    this.opened = null;
    this.why.hidden = true;
    this.reason.required = false;
    for (const button of this.asking()) button.setAttribute('aria-expanded', 'false');
  }

  /** A ready-made reason: added, not replacing what somebody wrote. */
  fill(chip) {
    add(this.reason, chip.textContent.trim());
    add(this.suggestion, chip.dataset.suggestion);
    this.reason.focus({ preventScroll: true });
  }

  /** A second press while the first is on its way would rule twice. */
  sent(event) {
    if (this.sending) event.preventDefault();
    this.sending = true;
    addEventListener('pageshow', () => { this.sending = false; }, { once: true });
  }
}

function add(field, text) {
  if (!field.value.includes(text)) field.value = [field.value.trim(), text].filter(Boolean).join('；');
}

customElements.define('ruling-keys', RulingKeys);
