/** <photo-wipe>: two pictures side by side become one over the other, and a slider wipes between them. */
class PhotoWipe extends HTMLElement {
  connectedCallback() {
    const label = this.querySelector('.wipe');
    const input = label.querySelector('input');
    this.classList.add('over');
    label.hidden = false;
    const wipe = () => this.style.setProperty('--wiped', `${input.value}%`);
    input.addEventListener('input', wipe);
    wipe();
  }
}

customElements.define('photo-wipe', PhotoWipe);
