// Copies what stands in a field; hidden where the browser cannot.

class CopyLink extends HTMLElement {
  connectedCallback() {
    if (!navigator.clipboard) return;
    this.hidden = false;
    const button = this.querySelector("button");
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(this.dataset.of).value);
      button.textContent = this.dataset.done;
    });
  }
}

customElements.define("copy-link", CopyLink);
