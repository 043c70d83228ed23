/** <print-button>: shown only where the page can really print itself. */
class PrintButton extends HTMLElement {
  connectedCallback() {
    this.hidden = typeof window.print !== 'function';
    this.querySelector('button').onclick = () => window.print();
  }
}

customElements.define('print-button', PrintButton);
