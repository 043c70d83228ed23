/** <trouble-line>: says that a request failed, in words that the page already holds, and goes when one succeeds. */
class TroubleLine extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const hear = (target, name, then) => target.addEventListener(name, then, { signal: this.stop.signal });
    hear(document, 'htmx:error', () => this.say('offline'));
    hear(document, 'htmx:response:error', (event) => this.say(event.detail.ctx.response.status >= 500 ? 'refused' : null));
    hear(document, 'htmx:after:request', (event) => this.answered(event));
    hear(window, 'offline', () => this.say('offline'));
    hear(window, 'online', () => this.say(null));
  }

  disconnectedCallback() {
    this.stop.abort();
  }

  answered(event) {
    const { raw, status } = event.detail.ctx.response;
    if (raw.redirected) {
      // The session ended: fetch followed to the way in, which must not land inside a list.
      event.preventDefault();
      location.assign(raw.url);
    } else if (status < 400) {
      this.say(null);
    }
  }

  say(which) {
    for (const line of this.querySelectorAll('[data-when]')) line.hidden = line.dataset.when !== which;
  }
}

customElements.define('trouble-line', TroubleLine);
